// SPDX-License-Identifier: Apache-2.0
#include "bearer/endpoint.h"

#include <fmt/format.h>

#include <charconv>

namespace oti::bearer {

Result<Endpoint> Endpoint::parse(std::string_view text) {
    auto colon = text.rfind(':');
    auto host = text.substr(0, colon == std::string_view::npos ? 0 : colon);
    auto port = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
    if (host.starts_with('[') && host.ends_with(']') && host.size() > 2) {
        host = host.substr(1, host.size() - 2);
    } else if (host.find(':') != std::string_view::npos) {
        host = {};
    }
    Endpoint endpoint{std::string(host)};
    auto [end, code] = std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
    if (host.empty() || port.empty() || code != std::errc() || end != port.data() + port.size()) {
        return fail(ErrorKind::kUsage, "serve.address", fmt::format("\"{}\" is no address", text),
                    "give HOST:PORT, such as 127.0.0.1:35963 or [::1]:35963");
    }
    return endpoint;
}

std::string Endpoint::to_string() const {
    bool is_ipv6 = host.find(':') != std::string::npos;
    return fmt::format("{}{}{}:{}", is_ipv6 ? "[" : "", host, is_ipv6 ? "]" : "", port);
}

}  // namespace oti::bearer
