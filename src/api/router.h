// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "api/json.h"
#include "net/executor.h"
#include "net/http_message.h"

namespace oti::api {

/// A request for one route: who asks, and what stood in the place of `*` at the end of the path.
struct Call {
    net::HttpRequest request;
    std::string rest;
};

using Handler = std::function<net::Task<Result<json::value>>(Call)>;

/// The servers' own HTTP interface: JSON in, JSON out. An error becomes `{"error": {…}}` with the HTTP status
/// that fits its kind.
class Router {
  public:
    /// `path` may end with `/*`. Only a client whose certificate has one of these roles may call it; others
    /// get 403.
    void add(std::string method, std::string path, std::vector<std::string> roles, Handler handler);

    bool serves(std::string_view path) const;
    net::Task<net::HttpResponse> handle(net::HttpRequest request) const;

  private:
    struct Route {
        std::string method;
        std::string path;
        std::vector<std::string> roles;
        Handler handler;
    };
    std::vector<Route> routes_;
};

net::HttpResponse error_response(const Error& error);

}  // namespace oti::api
