// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/json.h"
#include "net/http_client.h"

namespace oti::api {

/// Calls a server's JSON interface. One call at a time.
class Client {
  public:
    /// `server`: scheme, host and port; its path does not matter.
    Client(net::Executor executor, net::TlsIdentity identity, net::Url server)
        : http_(std::move(executor), std::move(identity)), server_(std::move(server)) {}

    /// Errors: those of `net::HttpClient`, the server's own as it reported it, `api.protocol` for another
    /// answer.
    net::Task<Result<json::object>> call(std::string method, std::string target, json::value body,
                                         net::Deadline deadline);
    /// The same with a body that is no JSON.
    net::Task<Result<json::object>> send(std::string method, std::string target, std::string content_type,
                                         Bytes body, net::Deadline deadline);

  private:
    net::HttpClient http_;
    net::Url server_;
};

}  // namespace oti::api
