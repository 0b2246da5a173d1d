// SPDX-License-Identifier: Apache-2.0
#include "net/internal/net_error.h"

#include <openssl/ssl.h>

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/websocket/error.hpp>

namespace oti::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;

/// Failures over a certificate: ours of the peer's, or the peer's of ours, by its alert (RFC 8446, 6.2).
bool is_about_certificate(int reason) {
    switch (reason) {
        case SSL_R_CERTIFICATE_VERIFY_FAILED:
        case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
        case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
        case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
        case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
        case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
        case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
        case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
        case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
        case SSL_R_TLSV1_ALERT_DECRYPT_ERROR:
        case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
            return true;
        default:
            return false;
    }
}

Error tls_error(std::string message, int reason) {
    if (is_about_certificate(reason)) {
        return {ErrorKind::kAuthentication, "net.tls", std::move(message),
                "check the certificates of both sides, their authorities, names and dates"};
    }
    return {ErrorKind::kIo, "net.tls", std::move(message), "both sides must speak TLS 1.3"};
}

bool is_end(const boost::system::error_code& code) {
    return code == asio::error::eof || code == asio::error::connection_reset ||
           code == asio::error::broken_pipe || code == asio::error::operation_aborted ||
           code == asio::error::connection_aborted || code == asio::error::not_connected ||
           code == asio::error::bad_descriptor || code == asio::ssl::error::stream_truncated ||
           code == beast::http::error::end_of_stream || code == beast::http::error::partial_message ||
           code == beast::websocket::error::closed;
}

bool is_too_large(const boost::system::error_code& code) {
    return code == beast::http::error::body_limit || code == beast::http::error::header_limit ||
           code == beast::http::error::buffer_overflow || code == beast::websocket::error::message_too_big ||
           code == beast::websocket::error::buffer_overflow;
}

bool is_protocol(const boost::system::error_code& code) {
    return code.category() == make_error_code(beast::http::error::bad_method).category() ||
           code.category() == make_error_code(beast::websocket::error::closed).category();
}

}  // namespace

Error timeout_error(std::string_view attempted) {
    return {ErrorKind::kIo, "net.timeout", std::string(attempted) + ": no answer in time",
            "try again; check the network and that the other side runs"};
}

Error closed_error(std::string_view attempted, std::string_view why) {
    return {ErrorKind::kIo, "net.closed",
            std::string(attempted) + ": the connection was closed: " + std::string(why), "try again"};
}

Error net_error(const boost::system::error_code& code, std::string_view attempted) {
    auto message = std::string(attempted) + ": " + code.message();
    if (code == beast::error::timeout || code == asio::error::timed_out) return timeout_error(attempted);
    if (is_end(code)) return closed_error(attempted, code.message());
    if (code.category() == asio::error::get_ssl_category()) {
        return tls_error(std::move(message), ERR_GET_REASON(static_cast<unsigned long>(code.value())));
    }
    if (is_too_large(code)) {
        return {ErrorKind::kIo, "net.too_large", std::move(message),
                "the other side sent more than is allowed"};
    }
    if (is_protocol(code)) {
        return {ErrorKind::kIo, "net.http", std::move(message), "check that the other side is an OTI server"};
    }
    return {ErrorKind::kIo, "net.connect", std::move(message), "check the network"};
}

}  // namespace oti::net
