// SPDX-License-Identifier: Apache-2.0
#include "net/tls_identity.h"

#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "crypto/openssl.h"
#include "net/internal/tls_stream.h"

namespace oti::net {
namespace {

using Bio = crypto::OpensslPtr<BIO, BIO_free_all>;
using X509Ptr = crypto::OpensslPtr<X509, X509_free>;

Bio open_text(BytesView text) {
    Bio bio(BIO_new_mem_buf(text.empty() ? "" : static_cast<const void*>(text.data()),
                            static_cast<int>(text.size())));
    crypto::must(bio != nullptr);
    return bio;
}

std::unexpected<Error> unusable(const char* what, const char* hint) {
    ERR_clear_error();
    return fail(ErrorKind::kUsage, "net.tls", what, hint);
}

/// Without this OpenSSL asks the terminal for the password of an encrypted key.
int no_password(char*, int, int, void*) {
    return 0;
}

/// All certificates of a PEM text; empty if one of them cannot be read.
std::vector<X509Ptr> read_certificates(std::string_view pem) {
    std::vector<X509Ptr> all;
    auto bio = open_text(as_bytes(pem));
    while (X509Ptr one{PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr)}) {
        all.push_back(std::move(one));
    }
    bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    if (!at_end) all.clear();
    return all;
}

Result<std::shared_ptr<SSL_CTX>> make_context(std::string_view ca_pem) {
    std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_method()), SSL_CTX_free);
    crypto::must(context != nullptr);
    crypto::must(SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION) == 1);
    crypto::must(SSL_CTX_set_max_proto_version(context.get(), TLS1_3_VERSION) == 1);
    // One ticket a handshake is all that a client with one connection can use.
    crypto::must(SSL_CTX_set_num_tickets(context.get(), 1) == 1);
    keep_tickets(context.get());

    auto authorities = read_certificates(ca_pem);
    if (authorities.empty()) {
        return unusable("the certificate authorities cannot be read", "give their certificates in PEM");
    }
    for (const auto& authority : authorities) {
        crypto::must(X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), authority.get()) == 1);
    }
    return context;
}

}  // namespace

Result<TlsIdentity> TlsIdentity::create(std::string_view ca_pem, std::string_view certificate_pem,
                                        const crypto::SecretBytes& key_pem) {
    OTI_TRY(auto context, make_context(ca_pem));
    auto chain = read_certificates(certificate_pem);
    if (chain.empty() || SSL_CTX_use_certificate(context.get(), chain.front().get()) != 1) {
        return unusable("the certificate cannot be used", "give it in PEM, before its intermediate ones");
    }
    for (std::size_t i = 1; i < chain.size(); ++i) {
        crypto::must(SSL_CTX_add1_chain_cert(context.get(), chain[i].get()) == 1);
    }
    auto bio = open_text(key_pem.view(crypto::SecretAccess::granted()));
    crypto::EvpPkey key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
    if (!key) return unusable("the private key cannot be read", "give it in PEM, not encrypted");
    if (SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1) {
        return unusable("the private key is not that of the certificate",
                        "give the key that the certificate was requested with");
    }
    return TlsIdentity(std::move(context));
}

Result<TlsIdentity> TlsIdentity::anonymous(std::string_view ca_pem) {
    OTI_TRY(auto context, make_context(ca_pem));
    return TlsIdentity(std::move(context));
}

bool TlsIdentity::has_certificate() const {
    return SSL_CTX_get0_certificate(context_.get()) != nullptr;
}

}  // namespace oti::net
