// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "net/executor.h"
#include "net/http_message.h"
#include "net/tls_identity.h"
#include "net/url.h"

namespace oti::net {

/// An HTTP/1.1 client over TLS 1.3 with one connection, which is kept for the next request to the same server
/// and resumed with a session ticket if it has to be opened again. The server's certificate must name the
/// URL's host. One request at a time.
class HttpClient {
  public:
    static constexpr std::size_t kMaxBody = std::size_t{1} << 20;

    /// `executor` is the strand from which `request` is called.
    HttpClient(Executor executor, TlsIdentity identity, std::size_t max_body = kMaxBody);

    /// Any status is a response, not an error. If a kept connection turns out to be closed before a byte of
    /// the response came, the request is sent once more on a new one; a server may so see it twice.
    /// Errors: `net.connect`, `net.tls` (kAuthentication if a certificate was refused), `net.closed`,
    /// `net.timeout`, `net.http` (the answer is no HTTP), `net.too_large` (its body exceeds the limit),
    /// `net.usage` (a method or header that cannot be sent, a second request while one runs). After an
    /// error the next request opens a new connection.
    Task<Result<HttpResponse>> request(std::string method, Url url, std::string content_type, Bytes body,
                                       Deadline deadline, Headers headers = {});

    /// For measurements: how many connections were opened, and how many of them resumed a TLS session.
    struct Counters {
        unsigned connections = 0;
        unsigned resumptions = 0;
    };
    Counters counters() const;

  private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace oti::net
