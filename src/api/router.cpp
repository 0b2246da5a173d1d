// SPDX-License-Identifier: Apache-2.0
#include "api/router.h"

#include <fmt/format.h>

#include <algorithm>

namespace oti::api {
namespace {

constexpr std::string_view kJson = "application/json";

/// What of `path` stands in the place of the route's `*`; nothing if the route is another one.
std::optional<std::string> match(std::string_view route, std::string_view path) {
    if (!route.ends_with("/*")) return route == path ? std::optional<std::string>("") : std::nullopt;
    route.remove_suffix(1);
    if (!path.starts_with(route) || path.size() == route.size()) return std::nullopt;
    return std::string(path.substr(route.size()));
}

unsigned http_status(const Error& error) {
    if (error.code == "api.unknown_path" || error.code.ends_with(".unknown")) return 404;
    switch (error.kind) {
        case ErrorKind::kUsage:
            return 400;
        case ErrorKind::kPolicy:
        case ErrorKind::kAuthentication:
            return 403;
        case ErrorKind::kCard:
            return 409;
        case ErrorKind::kIo:
            return 503;
        case ErrorKind::kInternal:
            break;
    }
    return 500;
}

}  // namespace

net::HttpResponse error_response(const Error& error) {
    return {http_status(error), std::string(kJson), body_of(json::object{{"error", to_json(error)}})};
}

void Router::add(std::string method, std::string path, std::vector<std::string> roles, Handler handler) {
    routes_.push_back({std::move(method), std::move(path), std::move(roles), std::move(handler)});
}

bool Router::serves(std::string_view path) const {
    return std::ranges::any_of(routes_,
                               [&](const Route& route) { return match(route.path, path).has_value(); });
}

net::Task<net::HttpResponse> Router::handle(net::HttpRequest request) const {
    for (const auto& route : routes_) {
        auto rest = match(route.path, request.path);
        if (!rest || route.method != request.method) continue;
        if (!request.peer.authenticated ||
            std::ranges::find(route.roles, request.peer.role) == route.roles.end()) {
            co_return error_response(
                {ErrorKind::kPolicy, "api.forbidden",
                 fmt::format("a client of the role '{}' may not do this", request.peer.role),
                 "use a certificate with another role"});
        }
        auto answer = co_await route.handler(Call{std::move(request), std::move(*rest)});
        if (!answer) co_return error_response(answer.error());
        co_return net::HttpResponse{200, std::string(kJson), body_of(*answer)};
    }
    co_return error_response({ErrorKind::kUsage, "api.unknown_path",
                              fmt::format("there is no {} {}", request.method, request.path)});
}

}  // namespace oti::api
