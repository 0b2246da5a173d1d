// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace oti {

/// Octets that the holder owns.
using Bytes = std::vector<std::uint8_t>;
/// Octets that somebody else owns; how every function takes its input.
using BytesView = std::span<const std::uint8_t>;

inline void append(Bytes& to, BytesView what) {
    to.insert(to.end(), what.begin(), what.end());
}

inline Bytes to_bytes(BytesView view) {
    return {view.begin(), view.end()};
}

/// The octets of a text, without a terminating zero.
inline BytesView as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// The octets as text; the caller knows that they are text.
inline std::string as_text(BytesView bytes) {
    return {bytes.begin(), bytes.end()};
}

template <typename... Parts>
Bytes concat(const Parts&... parts) {
    Bytes all;
    all.reserve((std::size(parts) + ... + 0U));
    (append(all, BytesView{parts}), ...);
    return all;
}

/// Not in constant time: for public values only. Secrets compare with `SecretBytes::equals`.
inline bool same(BytesView a, BytesView b) {
    return std::ranges::equal(a, b);
}

}  // namespace oti
