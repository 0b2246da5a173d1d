// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <boost/beast/http/field.hpp>
#include <string>
#include <string_view>

#include "net/http_message.h"

namespace oti::net {

/// Nothing that could end a header line (RFC 9110, 5.5).
inline bool is_valid_value(std::string_view value) {
    return std::ranges::none_of(value, [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == 0x7F; });
}

/// A token (RFC 9110, 5.6.2).
inline bool is_token(std::string_view text) {
    constexpr std::string_view kTokenCharacters =
        "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    return !text.empty() && text.find_first_not_of(kTokenCharacters) == std::string_view::npos;
}

inline bool are_valid(const Headers& headers) {
    return std::ranges::all_of(
        headers, [](const auto& header) { return is_token(header.first) && is_valid_value(header.second); });
}

template <typename Message>
Headers read_headers(const Message& message) {
    Headers headers;
    for (const auto& field : message) {
        std::string name(field.name_string());
        std::ranges::transform(name, name.begin(), [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
        });
        headers.emplace_back(std::move(name), field.value());
    }
    return headers;
}

template <typename Message>
void write_headers(Message& message, const Headers& headers, const std::string& content_type) {
    for (const auto& [name, value] : headers) message.insert(name, value);
    if (!content_type.empty()) message.set(boost::beast::http::field::content_type, content_type);
}

}  // namespace oti::net
