// SPDX-License-Identifier: Apache-2.0
// User data with its header, and messages that are longer than one (3GPP TS 23.040, 9.2.3.24).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "ota/sms_tpdu.h"

namespace oti::ota {

/// An information element of the header.
struct SmsElement {
    std::uint8_t id = 0;
    Bytes value;

    bool operator==(const SmsElement&) const = default;
};

/// Header and what comes after it.
struct SmsUserData {
    static constexpr std::uint8_t kCommandPacket = 0x70, kResponsePacket = 0x71;  ///< 3GPP TS 31.115

    std::vector<SmsElement> header;
    Bytes text;

    /// Of user data that has a header. Errors `parse.truncated`, `parse.invalid`.
    static Result<SmsUserData> parse(BytesView user_data);
    Bytes encode() const;
    bool has(std::uint8_t id) const;
};

/// As many messages as it takes, each of at most 140 bytes. The header's elements are in the first one; where
/// there are several, each has the concatenation element of 8 bits with this reference. Error `sms.too_long`
/// for more than 255.
Result<std::vector<Bytes>> split(const SmsUserData& whole, std::uint8_t reference);

/// Puts them together again, in whatever order, however often they come.
class SmsReassembly {
  public:
    /// Messages of which parts are missing; the one that was begun first makes room for another.
    static constexpr std::size_t kMaxUnfinished = 16;

    /// The whole, once its last missing part is here. A part that was here is ignored; one that says
    /// something else of the whole than those before begins a new one.
    Result<std::optional<SmsUserData>> add(std::string_view originator, BytesView user_data);
    std::size_t unfinished() const { return unfinished_.size(); }

  private:
    using Key = std::pair<std::string, unsigned>;
    struct Unfinished {
        Key key;
        std::uint8_t count = 0;
        std::map<std::uint8_t, SmsUserData> parts;
    };

    std::vector<Unfinished> unfinished_;  ///< the oldest first
};

}  // namespace oti::ota
