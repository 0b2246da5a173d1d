// SPDX-License-Identifier: Apache-2.0
#include "net/url.h"

#include <algorithm>
#include <charconv>

#include "base/hex.h"

namespace oti::net {
namespace {

constexpr std::size_t kMaxUrl = 2048;
constexpr std::uint16_t kDefaultPort = 443;

std::unexpected<Error> invalid(std::string_view text, std::string_view why) {
    // The text may come from outside: show what fits on a line, without control characters.
    std::string shown(text.substr(0, 80));
    std::ranges::replace_if(shown, [](char c) { return c < 0x20 || c > 0x7E; }, '?');
    return fail(ErrorKind::kUsage, "url.invalid", "\"" + shown + "\": " + std::string(why),
                "a URL looks like https://host:port/path?name=value");
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}
bool is_letter(char c) {
    return lower(c) >= 'a' && lower(c) <= 'z';
}
bool is_unreserved(char c) {
    return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}
bool is_address_character(char c) {
    return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f') || c == ':' || c == '.';
}
bool is_target_character(char c) {
    return c > ' ' && c < 0x7F && c != '#' && c != '"' && c != '<' && c != '>' && c != '\\';
}

int hex_digit(char c) {
    if (is_digit(c)) return c - '0';
    return lower(c) >= 'a' && lower(c) <= 'f' ? lower(c) - 'a' + 10 : -1;
}

Result<std::string> percent_decode(std::string_view text, bool plus_is_space) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '%') {
            int high = i + 1 < text.size() ? hex_digit(text[i + 1]) : -1;
            int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0) return invalid(text, "a broken % escape");
            int value = high * 16 + low;
            if (value < 0x20 || value == 0x7F) return invalid(text, "an escaped control character");
            c = static_cast<char>(value);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        decoded.push_back(c);
    }
    return decoded;
}

}  // namespace

Result<Url> Url::parse(std::string_view text) {
    if (text.size() > kMaxUrl) return invalid(text, "longer than 2048 characters");
    auto after_scheme = text.find("://");
    if (after_scheme == std::string_view::npos) return invalid(text, "no scheme");
    Url url;
    url.scheme_ = text.substr(0, after_scheme);
    std::ranges::transform(url.scheme_, url.scheme_.begin(), lower);
    if (url.scheme_ != "https" && url.scheme_ != "wss")
        return invalid(text, "the scheme must be https or wss");

    auto rest = text.substr(after_scheme + 3);
    auto authority = rest.substr(0, rest.find_first_of("/?#"));
    auto target = rest.substr(authority.size());
    if (authority.find('@') != std::string_view::npos) return invalid(text, "a user name is not allowed");

    std::string_view host, port;
    if (authority.starts_with('[')) {
        auto end = authority.find(']');
        if (end == std::string_view::npos) return invalid(text, "no ] after [");
        host = authority.substr(1, end - 1);
        port = authority.substr(end + 1);
        if (!port.empty() && !port.starts_with(':')) return invalid(text, "no : after ]");
        if (host.find(':') == std::string_view::npos || !std::ranges::all_of(host, is_address_character)) {
            return invalid(text, "no IPv6 address in the brackets");
        }
    } else {
        host = authority.substr(0, authority.find(':'));
        port = authority.substr(host.size());
        if (!std::ranges::all_of(host, is_unreserved)) return invalid(text, "no valid host name");
    }
    if (host.empty() || host.size() > 253) return invalid(text, "no valid host name");
    url.host_ = host;
    std::ranges::transform(url.host_, url.host_.begin(), lower);

    url.port_ = kDefaultPort;
    if (!port.empty()) {
        port.remove_prefix(1);
        auto [end, code] = std::from_chars(port.data(), port.data() + port.size(), url.port_);
        if (code != std::errc{} || end != port.data() + port.size() || url.port_ == 0) {
            return invalid(text, "the port must be 1 to 65535");
        }
    }
    return url.with_target(target);
}

Result<Url> Url::with_target(std::string_view target) const {
    if (!std::ranges::all_of(target, is_target_character))
        return invalid(target, "a character is not allowed");
    Url url = *this;
    url.target_ = target.starts_with('/') ? target : "/" + std::string(target);
    if (!target.empty() && target[0] != '/' && target[0] != '?')
        return invalid(target, "a path begins with /");
    if (url.target_.size() > kMaxUrl) return invalid(target, "longer than 2048 characters");
    return url;
}

std::string Url::authority() const {
    auto host = host_.find(':') == std::string::npos ? host_ : "[" + host_ + "]";
    return port_ == kDefaultPort ? host : host + ":" + std::to_string(port_);
}

Result<Target> parse_target(std::string_view text) {
    if (!text.starts_with('/')) return invalid(text, "a path begins with /");
    if (!std::ranges::all_of(text, is_target_character)) return invalid(text, "a character is not allowed");
    Target target;
    auto path = text.substr(0, text.find('?'));
    OTI_TRY(target.path, percent_decode(path, false));
    auto query = text.substr(std::min(path.size() + 1, text.size()));
    while (!query.empty()) {
        auto pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(pair.size() + 1, query.size()));
        if (pair.empty()) continue;
        auto name = pair.substr(0, pair.find('='));
        auto value = pair.substr(std::min(name.size() + 1, pair.size()));
        OTI_TRY(auto decoded_name, percent_decode(name, true));
        OTI_TRY(auto decoded_value, percent_decode(value, true));
        if (!target.query.emplace(std::move(decoded_name), std::move(decoded_value)).second) {
            return invalid(text, "a parameter is given twice");
        }
    }
    return target;
}

std::string percent_encode(std::string_view text) {
    std::string encoded;
    for (char c : text) {
        if (is_unreserved(c)) {
            encoded.push_back(c);
        } else {
            encoded += "%" + to_hex(as_bytes({&c, 1}));
        }
    }
    return encoded;
}

}  // namespace oti::net
