// SPDX-License-Identifier: Apache-2.0
#include "api/client.h"

#include <fmt/format.h>

namespace oti::api {

net::Task<Result<json::object>> Client::call(std::string method, std::string target, json::value body,
                                             net::Deadline deadline) {
    auto bytes = body.is_null() ? Bytes{} : body_of(body);
    co_return co_await send(std::move(method), std::move(target), bytes.empty() ? "" : "application/json",
                            std::move(bytes), deadline);
}

net::Task<Result<json::object>> Client::send(std::string method, std::string target, std::string content_type,
                                             Bytes body, net::Deadline deadline) {
    OTI_CO_TRY(auto url, server_.with_target(target));
    OTI_CO_TRY(auto response, co_await http_.request(std::move(method), std::move(url),
                                                     std::move(content_type), std::move(body), deadline));
    auto object = parse_object(response.body);
    if (!object) {
        co_return fail(
            ErrorKind::kIo, "api.protocol",
            fmt::format("{} answered with status {} and no JSON", server_.to_string(), response.status));
    }
    if (response.status < 300) co_return std::move(*object);
    const auto* error = object->if_contains("error");
    if (error == nullptr || !error->is_object()) {
        co_return fail(ErrorKind::kIo, "api.protocol",
                       fmt::format("{} answered with status {}", server_.to_string(), response.status));
    }
    co_return std::unexpected(error_of(error->get_object()));
}

}  // namespace oti::api
