// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace oti::bearer {

/// Where a socket is, or shall be.
struct Endpoint {
    std::string host;
    std::uint16_t port = 0;

    /// "127.0.0.1:35963", "localhost:35963", "[::1]:35963". Error `serve.address`.
    static Result<Endpoint> parse(std::string_view text);
    std::string to_string() const;
};

}  // namespace oti::bearer
