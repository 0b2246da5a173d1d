// SPDX-License-Identifier: Apache-2.0
#include "iso7816/aid.h"

#include <fmt/format.h>

#include <cstdlib>

#include "base/hex.h"

namespace oti::iso7816 {

Result<Aid> Aid::create(BytesView bytes) {
    if (bytes.size() < 5 || bytes.size() > 16) {
        return fail(ErrorKind::kUsage, "aid.invalid",
                    fmt::format("an AID has 5 to 16 bytes, this one has {}", bytes.size()));
    }
    Aid aid;
    std::ranges::copy(bytes, aid.bytes_.begin());
    aid.size_ = bytes.size();
    return aid;
}

Result<Aid> Aid::parse(std::string_view hex) {
    OTI_TRY(auto bytes, parse_hex(hex));
    return create(bytes);
}

Aid Aid::constant(std::string_view hex) {
    auto aid = parse(hex);
    if (!aid) std::abort();
    return *aid;
}

std::string Aid::hex() const {
    return to_hex(bytes());
}

bool Aid::starts_with(BytesView prefix) const {
    return prefix.size() <= size_ && same(bytes().first(prefix.size()), prefix);
}

std::strong_ordering Aid::operator<=>(const Aid& other) const {
    return std::lexicographical_compare_three_way(bytes().begin(), bytes().end(), other.bytes().begin(),
                                                  other.bytes().end());
}

}  // namespace oti::iso7816
