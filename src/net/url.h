// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace oti::net {

/// An absolute URL (RFC 3986) of the schemes `https` and `wss`, as far as a client needs it.
class Url {
  public:
    /// `scheme://host[:port][/path][?query]`, at most 2048 characters. User names, fragments, spaces and
    /// characters beyond ASCII are refused: error `url.invalid` (kUsage).
    static Result<Url> parse(std::string_view text);

    /// Lower case: `https` or `wss`.
    const std::string& scheme() const { return scheme_; }
    /// Lower case; an IPv6 address stands without its brackets.
    const std::string& host() const { return host_; }
    /// 443 where the URL names none.
    std::uint16_t port() const { return port_; }
    /// Path and query as a request line carries them; `/` where the URL has no path.
    const std::string& target() const { return target_; }
    /// As a Host header carries it (RFC 9110, 7.2): with brackets, without port 443.
    std::string authority() const;
    std::string to_string() const { return scheme_ + "://" + authority() + target_; }
    /// The same server, another path and query. Error `url.invalid`.
    Result<Url> with_target(std::string_view target) const;

  private:
    Url() = default;
    std::string scheme_, host_, target_;
    std::uint16_t port_ = 0;
};

/// What a request line asks for, percent-decoded.
struct Target {
    std::string path;
    std::map<std::string, std::string> query;
};

/// Parses the origin form of a request target (RFC 9112, 3.2.1); in the query `+` is a space. A broken
/// escape, an escaped control character and a parameter given twice are refused: error `url.invalid`.
Result<Target> parse_target(std::string_view text);

/// Escapes all but RFC 3986's unreserved characters: for path segments, names and values of a query.
std::string percent_encode(std::string_view text);

}  // namespace oti::net
