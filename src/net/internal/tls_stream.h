// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <memory>

#include "base/result.h"
#include "crypto/openssl.h"
#include "net/executor.h"
#include "net/http_server.h"
#include "net/peer.h"
#include "net/tls_identity.h"
#include "net/url.h"

namespace oti::net {

namespace asio = boost::asio;
namespace beast = boost::beast;

/// TLS over TCP; the TCP layer has the deadline of the HTTP operations.
using TlsStream = beast::ssl_stream<beast::tcp_stream>;
/// Awaits an operation; its error code is a value.
inline constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

inline beast::tcp_stream& tcp_of(TlsStream& stream) {
    return beast::get_lowest_layer(stream);
}

/// Where a client keeps the newest session ticket of one server (RFC 8446, 4.6.1). A ticket serves once.
class TlsTicket {
  public:
    void put(SSL_SESSION* session) { session_.reset(session); }
    /// Null if there is none.
    crypto::OpensslPtr<SSL_SESSION, SSL_SESSION_free> take() { return std::move(session_); }

  private:
    crypto::OpensslPtr<SSL_SESSION, SSL_SESSION_free> session_;
};

/// For `TlsIdentity`: delivers tickets that arrive on a stream of this context to the stream's `TlsTicket`.
void keep_tickets(SSL_CTX* context);

/// Resolves, connects, shakes hands, verifies that the certificate names the URL's host. Uses `ticket` if it
/// has one, and puts later ones there: it must outlive the stream. May be null. Error codes as for
/// `HttpClient::request`.
Task<Result<std::unique_ptr<TlsStream>>> connect_tls(Executor executor, TlsIdentity identity, Url url,
                                                     std::shared_ptr<TlsTicket> ticket, Deadline deadline);
/// The server's side of the handshake; the peer is whom the client's certificate names.
Task<Result<Peer>> accept_tls(TlsStream& stream, ClientCertificate policy, Deadline deadline);

/// A stream over the socket, before its handshake.
std::unique_ptr<TlsStream> make_tls_stream(beast::tcp_stream tcp, const TlsIdentity& identity);
Peer peer_of(TlsStream& stream);

/// Ends the sending direction, then drops what still comes, for a second and at most 8 MiB: closing a socket
/// with unread octets would reset the connection, and the peer might lose our last answer or alert.
Task<void> linger(beast::tcp_stream& tcp);

}  // namespace oti::net
