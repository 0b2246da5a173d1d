// SPDX-License-Identifier: Apache-2.0
// Secured packets over short messages, receiver's role on the card (ETSI TS 102 225, annex A of it for
// GlobalPlatform, and 3GPP TS 31.115). Written separately from the sender's role.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "scp/scp80_keys.h"

namespace oti::scp {

/// Response status codes (table 5) that a card gives.
enum class PacketStatus : std::uint8_t {
    kOk = 0x00,
    kWrongChecksum = 0x01,
    kCounterLow = 0x02,
    kCounterHigh = 0x03,
    kCounterBlocked = 0x04,
    kWrongCipher = 0x05,
    kSecurityError = 0x06,
    kUnknownTar = 0x09,
    kLowSecurity = 0x0A,
};

/// One command packet, from its arrival to its proof of receipt.
///
///     received  --open-->  opened (believed or not)  --response-->  what goes back
///
/// A sender who is not authenticated gets an answer without any security and with a counter of zero, if one
/// at all: errors signed for strangers are how keys of triple DES were once found.
class Scp80Card {
  public:
    /// `packet` begins with CPL. Nothing for what has no readable header, to which there is no answer.
    static std::optional<Scp80Card> receive(BytesView packet);

    BytesView tar() const { return tar_; }
    std::uint8_t spi1() const { return spi1_; }
    /// The key version that KIc and KID name, 00 if neither does; nothing if they contradict each other
    /// (A.2).
    std::optional<std::uint8_t> key_version() const;
    /// Whether the first octet of an SPI is at least the minimum (TS 102 226, 8.2.1.3.2.4.2).
    bool meets(std::uint8_t minimum_spi1) const;
    /// SPI2.b6: in an SMS-SUBMIT instead of the delivery's report (TS 31.115).
    bool answers_by_submit() const { return (spi2_ & 0x20) != 0; }
    bool is_authenticated() const { return authenticated_; }
    bool is_ciphered() const;

    /// Deciphers and checks. `last_counter` is that of the packet that was accepted last. After `kOk` there
    /// are `counter()` and `data()`, and a packet that `moves_counter()` is carried out only when the counter
    /// is stored.
    PacketStatus open(const Scp80Keys& keys, std::uint64_t last_counter);
    bool moves_counter() const;
    std::uint64_t counter() const { return counter_; }
    BytesView data() const { return data_; }

    /// How much data a response to a packet that was opened has room for, if the response has at most
    /// `packet_size` bytes.
    std::size_t max_response_data(std::size_t packet_size, const Scp80Keys& keys) const;
    /// What follows `027100` in a short message, or nothing if the sender wants none. `keys` are those of
    /// `open`; none for a packet that was not opened.
    std::optional<Bytes> response(PacketStatus status, BytesView data, const Scp80Keys* keys) const;

  private:
    enum class Integrity : std::uint8_t { kNone, kRedundancyCheck, kChecksum };
    Scp80Card() = default;
    Integrity integrity() const { return static_cast<Integrity>(spi1_ & 3); }
    unsigned counter_mode() const { return (spi1_ >> 3) & 3U; }
    bool is_consistent(const Scp80Keys& keys) const;
    /// Length of the checks of this packet; nothing for a kind that the card does not have.
    std::optional<std::size_t> check_size(const Scp80Keys& keys) const;
    bool wants_checked_response() const { return ((spi2_ >> 2) & 3) != 0; }
    bool wants_ciphered_response() const { return (spi2_ & 0x10) != 0; }
    Bytes check_value(const Scp80Keys& keys, BytesView message) const;

    Bytes clear_;  ///< CPL to TAR
    Bytes rest_;
    std::uint8_t header_length_ = 0, spi1_ = 0, spi2_ = 0, kic_ = 0, kid_ = 0;
    Bytes tar_;
    std::uint64_t counter_ = 0;
    Bytes data_;
    bool authenticated_ = false;
};

}  // namespace oti::scp
