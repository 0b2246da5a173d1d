// SPDX-License-Identifier: Apache-2.0
#include "crypto/psk_tls.h"

#include <openssl/ssl.h>

#include <algorithm>
#include <array>

#include "crypto/openssl.h"

namespace oti::crypto {
namespace {

using SslCtx = OpensslPtr<SSL_CTX, SSL_CTX_free>;
using Ssl = OpensslPtr<SSL, SSL_free>;

constexpr std::size_t kMaxIdentity = 128, kMaxKey = 64;
constexpr const char* kEncrypted = "PSK-AES128-CBC-SHA256";
/// OpenSSL offers what does not encrypt on its lowest level only; the list has nothing else that is weak.
constexpr const char* kEncryptedOrNot = "PSK-AES128-CBC-SHA256:PSK-NULL-SHA256:@SECLEVEL=0";

bool is_identity(std::string_view identity) {
    return !identity.empty() && identity.size() <= kMaxIdentity &&
           identity.find('\0') == std::string_view::npos;
}

bool is_key(const SecretBytes& key) {
    return !key.empty() && key.size() <= kMaxKey;
}

unsigned char fragment_code(unsigned size) {
    switch (size) {
        case 512:
            return TLSEXT_max_fragment_length_512;
        case 1024:
            return TLSEXT_max_fragment_length_1024;
        case 2048:
            return TLSEXT_max_fragment_length_2048;
        default:
            return TLSEXT_max_fragment_length_4096;
    }
}

SslCtx make_context(const PskTls::Options& options) {
    SslCtx context(SSL_CTX_new(TLS_method()));
    must(context != nullptr);
    must(SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) == 1);
    must(SSL_CTX_set_max_proto_version(context.get(), TLS1_2_VERSION) == 1);
    must(SSL_CTX_set_cipher_list(context.get(), options.allow_null ? kEncryptedOrNot : kEncrypted) == 1);
    SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                           SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    if (options.max_fragment) {
        must(SSL_CTX_set_tlsext_max_fragment_length(context.get(), fragment_code(*options.max_fragment)) ==
             1);
    }
    return context;
}

/// Writes a key out for OpenSSL; its length, or 0 if it does not fit.
unsigned give_key(const SecretBytes& key, unsigned char* out, unsigned room) {
    auto bytes = key.view(SecretAccess::granted());
    if (bytes.size() > room) return 0;
    std::ranges::copy(bytes, out);
    return static_cast<unsigned>(bytes.size());
}

}  // namespace

struct PskTls::State {
    explicit State(const Options& options) : context(make_context(options)), ssl(SSL_new(context.get())) {
        must(ssl != nullptr);
        in = BIO_new(BIO_s_mem());
        out = BIO_new(BIO_s_mem());
        must(in != nullptr && out != nullptr);
        // An empty one is not the end: more may come.
        BIO_set_mem_eof_return(in, -1);
        BIO_set_mem_eof_return(out, -1);
        SSL_set_bio(ssl.get(), in, out);
        SSL_set_app_data(ssl.get(), this);
    }

    static unsigned give_credentials(SSL* ssl, const char*, char* identity, unsigned identity_room,
                                     unsigned char* key, unsigned key_room) {
        const auto& own = static_cast<State*>(SSL_get_app_data(ssl))->credentials;
        if (own.identity.size() + 1 > identity_room) return 0;
        std::ranges::copy(own.identity, identity);
        identity[own.identity.size()] = 0;
        return give_key(own.key, key, key_room);
    }
    static unsigned find_key(SSL* ssl, const char* identity, unsigned char* out, unsigned room) {
        auto* self = static_cast<State*>(SSL_get_app_data(ssl));
        if (identity == nullptr || !is_identity(identity)) return 0;
        auto key = self->find(identity);
        if (!key || !is_key(*key)) return 0;
        self->identity = identity;
        return give_key(*key, out, room);
    }

    Result<Bytes> fail_with_openssl() {
        failed = true;
        auto reason = ERR_GET_REASON(ERR_peek_last_error());
        ERR_clear_error();
        if (reason == SSL_R_PSK_IDENTITY_NOT_FOUND || reason == SSL_R_TLSV1_ALERT_UNKNOWN_PSK_IDENTITY) {
            return fail(ErrorKind::kAuthentication, "tls.identity",
                        "the server has no key for the identity of the client");
        }
        const auto* text = ERR_reason_error_string(ERR_PACK(ERR_LIB_SSL, 0, reason));
        return fail(ErrorKind::kAuthentication, "tls.failed",
                    std::string("the TLS connection failed: ") + (text != nullptr ? text : "no TLS"));
    }

    SslCtx context;
    Ssl ssl;
    BIO *in = nullptr, *out = nullptr;  // of `ssl`
    Credentials credentials;            // of a client
    FindKey find;                       // of a server
    std::string identity;
    bool failed = false, closed = false;
};

PskTls::PskTls(std::unique_ptr<State> state) : state_(std::move(state)) {}
PskTls::PskTls(PskTls&&) noexcept = default;
PskTls& PskTls::operator=(PskTls&&) noexcept = default;
PskTls::~PskTls() = default;

Result<PskTls> PskTls::client(Credentials credentials, Options options) {
    if (!is_identity(credentials.identity) || !is_key(credentials.key)) {
        return fail(ErrorKind::kUsage, "tls.credentials",
                    "a pre-shared key has 1 to 64 bytes and an identity of 1 to 128");
    }
    auto state = std::make_unique<State>(options);
    state->credentials = std::move(credentials);
    SSL_set_psk_client_callback(state->ssl.get(), &State::give_credentials);
    SSL_set_connect_state(state->ssl.get());
    (void)SSL_do_handshake(state->ssl.get());
    ERR_clear_error();
    return PskTls(std::move(state));
}

PskTls PskTls::server(FindKey find, Options options) {
    auto state = std::make_unique<State>(options);
    state->find = std::move(find);
    SSL_set_psk_server_callback(state->ssl.get(), &State::find_key);
    SSL_set_accept_state(state->ssl.get());
    return PskTls(std::move(state));
}

Result<Bytes> PskTls::receive(BytesView octets) {
    auto& state = *state_;
    if (state.failed) return fail(ErrorKind::kAuthentication, "tls.failed", "the TLS connection has failed");
    ERR_clear_error();
    Bytes plain;
    while (!octets.empty()) {
        constexpr std::size_t kAtOnce = 1 << 16;
        auto part = octets.first(std::min(octets.size(), kAtOnce));
        must(BIO_write(state.in, part.data(), static_cast<int>(part.size())) ==
             static_cast<int>(part.size()));
        octets = octets.subspan(part.size());
        std::array<std::uint8_t, 4096> buffer{};
        int size = 0;
        while ((size = SSL_read(state.ssl.get(), buffer.data(), buffer.size())) > 0) {
            append(plain, BytesView(buffer).first(static_cast<std::size_t>(size)));
        }
        auto why = SSL_get_error(state.ssl.get(), size);
        if (why == SSL_ERROR_ZERO_RETURN) break;
        if (why != SSL_ERROR_WANT_READ) return state.fail_with_openssl();
    }
    return plain;
}

Status PskTls::send(BytesView plain) {
    auto& state = *state_;
    if (!is_open() || state.closed || state.failed)
        return fail(ErrorKind::kUsage, "tls.not_open", "the TLS connection is not open");
    ERR_clear_error();
    if (plain.empty()) return {};
    auto written = SSL_write(state.ssl.get(), plain.data(), static_cast<int>(plain.size()));
    // There is always room in memory.
    if (written != static_cast<int>(plain.size())) return std::unexpected(state.fail_with_openssl().error());
    return {};
}

void PskTls::close() {
    if (!is_open() || state_->failed) return;
    state_->closed = true;
    (void)SSL_shutdown(state_->ssl.get());
    ERR_clear_error();
}

Bytes PskTls::take_outgoing() {
    Bytes octets(BIO_ctrl_pending(state_->out));
    if (octets.empty()) return octets;
    must(BIO_read(state_->out, octets.data(), static_cast<int>(octets.size())) ==
         static_cast<int>(octets.size()));
    return octets;
}

bool PskTls::is_open() const {
    return SSL_is_init_finished(state_->ssl.get()) == 1 && !state_->failed;
}

bool PskTls::is_closed_by_peer() const {
    return (SSL_get_shutdown(state_->ssl.get()) & SSL_RECEIVED_SHUTDOWN) != 0 && !state_->failed;
}

bool PskTls::is_encrypted() const {
    const auto* cipher = SSL_get_current_cipher(state_->ssl.get());
    return cipher != nullptr && SSL_CIPHER_get_cipher_nid(cipher) != NID_undef;
}

const std::string& PskTls::identity() const {
    return state_->identity;
}

}  // namespace oti::crypto
