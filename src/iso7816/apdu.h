// SPDX-License-Identifier: Apache-2.0
// Command and response APDUs (ISO/IEC 7816-4, 5.1 and 12.1.1), cases 1 to 4 with short and extended length.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "iso7816/instruction.h"
#include "iso7816/status_word.h"

namespace oti::iso7816 {

/// A command APDU: header, data field of 0 to 65,535 bytes, and Ne.
struct CommandApdu {
    std::uint8_t cla = 0;
    std::uint8_t ins = 0;
    std::uint8_t p1 = 0;
    std::uint8_t p2 = 0;
    Bytes data = {};
    /// Largest number of response bytes expected, 1 to 65,536; 0: no Le field (cases 1 and 3).
    std::uint32_t ne = 0;

    /// Error `apdu.invalid` unless the bytes are exactly one of the seven forms.
    static Result<CommandApdu> parse(BytesView bytes);
    /// Short form where data and Ne allow it (at most 255 and 256), else extended.
    Bytes encode() const;

    bool operator==(const CommandApdu&) const = default;
};

/// Largest data field and Ne of the short form.
inline constexpr std::size_t kMaxShortData = 255;
inline constexpr std::uint32_t kMaxShortNe = 256;
inline constexpr std::uint32_t kMaxExtendedNe = 65536;

/// A response APDU: 0 to 65,536 bytes of data, then SW1 SW2.
struct ResponseApdu {
    Bytes data = {};
    StatusWord sw = StatusWord::kOk;

    /// Error `apdu.invalid` for fewer than 2 bytes.
    static Result<ResponseApdu> parse(BytesView bytes);
    Bytes encode() const;

    bool operator==(const ResponseApdu&) const = default;
};

/// The error of a card that answered a command with a status that ends the work: code `card.XXXX` by status
/// word, text saying what it means for this instruction and this form of it, hint saying what to do next.
Error card_error(StatusWord sw, std::uint8_t ins, std::uint8_t p1 = 0);

/// Logical channel of a class byte: 0 to 3 in the first interindustry form, 4 to 19 in the further one
/// (ISO/IEC 7816-4, 5.4.1; GPCS 11.1.4).
std::uint8_t channel_of(std::uint8_t cla);
/// The class byte that says the same for another logical channel, 0 to 19: secure messaging is b4 and b3 of
/// the first form (GlobalPlatform's own is b3 alone), and b6 of the further one, which knows one kind only.
std::uint8_t with_channel(std::uint8_t cla, std::uint8_t channel);

}  // namespace oti::iso7816
