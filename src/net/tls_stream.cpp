// SPDX-License-Identifier: Apache-2.0
#include "net/internal/tls_stream.h"

#include <openssl/x509v3.h>

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "net/internal/connect.h"
#include "net/internal/net_error.h"

namespace oti::net {
namespace {

using asio::ip::tcp;

int ticket_index() {
    static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

int on_ticket(SSL* ssl, SSL_SESSION* session) {
    auto* ticket = static_cast<TlsTicket*>(SSL_get_ex_data(ssl, ticket_index()));
    // A copy: OpenSSL spoils the original when a connection ends without its close_notify.
    if (ticket) ticket->put(SSL_SESSION_dup(session));
    return 0;
}

void expect_host(SSL* ssl, const std::string& host) {
    boost::system::error_code code;
    asio::ip::make_address(host, code);
    if (code) {
        crypto::must(SSL_set_tlsext_host_name(ssl, host.c_str()) == 1 &&
                     SSL_set1_host(ssl, host.c_str()) == 1);
        SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    } else {
        crypto::must(X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1);
    }
}

/// A handshake that failed: if over the peer's certificate, then OpenSSL knows what was wrong with it.
Error handshake_error(TlsStream& stream, const boost::system::error_code& code, std::string_view attempted) {
    auto error = net_error(code, attempted);
    auto verified = SSL_get_verify_result(stream.native_handle());
    if (error.code == "net.tls" && verified != X509_V_OK) {
        error.kind = ErrorKind::kAuthentication;
        error.message += std::string(" (") + X509_verify_cert_error_string(verified) + ")";
    }
    return error;
}

/// Empty unless the field is there exactly once: of two, nobody can say which one the authority meant.
std::string subject_field(X509* certificate, int field) {
    auto* name = X509_get_subject_name(certificate);
    int at = X509_NAME_get_index_by_NID(name, field, -1);
    if (at < 0 || X509_NAME_get_index_by_NID(name, field, at) >= 0) return {};
    unsigned char* text = nullptr;
    int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    if (size < 0) return {};
    auto value = as_text({text, static_cast<std::size_t>(size)});
    OPENSSL_free(text);
    return value;
}

}  // namespace

void keep_tickets(SSL_CTX* context) {
    // The cache on the server's side is off: its tickets hold the whole session.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, on_ticket);
}

std::unique_ptr<TlsStream> make_tls_stream(beast::tcp_stream tcp, const TlsIdentity& identity) {
    crypto::must(SSL_CTX_up_ref(identity.context()) == 1);
    asio::ssl::context context(identity.context());
    boost::system::error_code ignored;
    tcp.socket().set_option(tcp::no_delay(true), ignored);
    return std::make_unique<TlsStream>(std::move(tcp), context);
}

Peer peer_of(TlsStream& stream) {
    auto* ssl = stream.native_handle();
    auto* certificate = SSL_get0_peer_certificate(ssl);
    if (!certificate || SSL_get_verify_result(ssl) != X509_V_OK) return {};
    return {subject_field(certificate, NID_commonName),
            subject_field(certificate, NID_organizationalUnitName), true};
}

Task<Result<std::unique_ptr<TlsStream>>> connect_tls(Executor executor, TlsIdentity identity, Url url,
                                                     std::shared_ptr<TlsTicket> ticket, Deadline deadline) {
    auto attempted = "connect to " + url.authority();
    OTI_CO_TRY(auto socket, co_await connect_socket(executor, url.host(), url.port(), deadline));
    beast::tcp_stream tcp(std::move(socket));
    tcp.expires_at(deadline);
    auto stream = make_tls_stream(std::move(tcp), identity);
    auto* ssl = stream->native_handle();
    SSL_set_verify(ssl, SSL_VERIFY_PEER, nullptr);
    expect_host(ssl, url.host());
    crypto::must(SSL_set_ex_data(ssl, ticket_index(), ticket.get()) == 1);
    if (ticket) {
        if (auto session = ticket->take()) crypto::must(SSL_set_session(ssl, session.get()) == 1);
    }
    auto [code] = co_await stream->async_handshake(asio::ssl::stream_base::client, kAwait);
    if (code) co_return std::unexpected(handshake_error(*stream, code, attempted));
    co_return std::move(stream);
}

Task<Result<Peer>> accept_tls(TlsStream& stream, ClientCertificate policy, Deadline deadline) {
    auto* ssl = stream.native_handle();
    int mode = policy == ClientCertificate::kNone ? SSL_VERIFY_NONE : SSL_VERIFY_PEER;
    if (policy == ClientCertificate::kRequired) mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    SSL_set_verify(ssl, mode, nullptr);
    // A ticket of a server that asks for less must not open one that asks for more: tickets are bound to the
    // policy.
    auto scope = static_cast<unsigned char>(policy);
    crypto::must(SSL_set_session_id_context(ssl, &scope, 1) == 1);

    tcp_of(stream).expires_at(deadline);
    auto [code] = co_await stream.async_handshake(asio::ssl::stream_base::server, kAwait);
    constexpr auto kAttempted = "accept a connection";
    if (code) co_return std::unexpected(handshake_error(stream, code, kAttempted));
    auto peer = peer_of(stream);
    if (policy == ClientCertificate::kRequired && !peer.authenticated) {
        co_return fail(ErrorKind::kAuthentication, "net.tls", "the client has no verified certificate");
    }
    co_return peer;
}

Task<void> linger(beast::tcp_stream& tcp) {
    constexpr std::size_t kMost = std::size_t{8} << 20;
    boost::system::error_code code;
    tcp.socket().shutdown(tcp::socket::shutdown_send, code);
    tcp.expires_after(std::chrono::seconds(1));
    std::array<std::uint8_t, 4096> dropped;
    for (std::size_t total = 0; !code && total < kMost;) {
        std::size_t count = 0;
        std::tie(code, count) = co_await tcp.async_read_some(asio::buffer(dropped), kAwait);
        total += count;
    }
    tcp.close();
}

}  // namespace oti::net
