// SPDX-License-Identifier: Apache-2.0
// Secured packets over short messages, sender's role (ETSI TS 102 225 and its SMS binding, 3GPP TS 31.115).
// The card's role is written separately and shares nothing with this one but the keys.
#pragma once

#include <array>
#include <optional>

#include "base/result.h"
#include "scp/scp80_keys.h"

namespace oti::scp {

/// Toolkit Application Reference: the receiver on the card.
using Tar = std::array<std::uint8_t, 3>;

enum class PacketIntegrity : std::uint8_t { kNone = 0, kRedundancyCheck = 1, kChecksum = 2 };
enum class PacketCounter : std::uint8_t { kNone = 0, kUnchecked = 1, kHigher = 2, kNext = 3 };
enum class ProofOfReceipt : std::uint8_t { kNever = 0, kAlways = 1, kOnError = 2 };

/// Security Parameter Indicator (5.1.1).
struct Spi {
    PacketIntegrity integrity = PacketIntegrity::kChecksum;
    bool ciphered = true;
    PacketCounter counter = PacketCounter::kHigher;
    ProofOfReceipt proof = ProofOfReceipt::kAlways;
    PacketIntegrity proof_integrity = PacketIntegrity::kChecksum;
    bool proof_ciphered = true;
    bool proof_by_submit = false;  ///< in an SMS-SUBMIT instead of the delivery's report (TS 31.115)

    /// Error `ota.spi` for reserved values.
    static Result<Spi> parse(std::uint8_t first, std::uint8_t second);
    std::array<std::uint8_t, 2> encode() const;
};

/// What a host does only if told to.
struct Scp80Leniency {
    bool des = false;              ///< triple and single DES, which are deprecated
    bool any_combination = false;  ///< SPIs that 5.1.1 and 5.1.2 forbid, which some cards take
};

/// Table 5.
enum class ResponseStatus : std::uint8_t {
    kOk = 0x00,
    kIntegrityFailed = 0x01,
    kCounterLow = 0x02,
    kCounterHigh = 0x03,
    kCounterBlocked = 0x04,
    kCipheringError = 0x05,
    kSecurityError = 0x06,
    kNoMemory = 0x07,
    kMoreTime = 0x08,
    kUnknownTar = 0x09,
    kLowSecurityLevel = 0x0A,
};

/// What came back for a command packet.
struct ProofOfReceiptPacket {
    ResponseStatus status = ResponseStatus::kOk;
    std::uint64_t counter = 0;
    Bytes data;                  ///< additional response data; empty unless `kOk`
    bool authenticated = false;  ///< under the card's key: nobody in between has made it
};

class Scp80Host {
  public:
    /// `key_version` 01 to 0F. Errors `key.length`, `ota.key_version`, `ota.spi` (forbidden), `ota.legacy`
    /// (DES was not allowed).
    static Result<Scp80Host> create(const Scp80Keys& keys, std::uint8_t key_version, const Spi& spi,
                                    const Tar& tar, const Scp80Leniency& leniency = {});

    /// The command packet from CPL on: what follows `027000` in a short message. Errors `ota.counter` (none
    /// left), `ota.length`.
    Result<Bytes> command(std::uint64_t counter, BytesView data) const;
    /// The longest data whose packet has at most `packet_size` bytes.
    std::size_t max_data(std::size_t packet_size) const;

    /// Reads the response packet to the command with `counter`, from RPL on. A packet without the security
    /// that was asked for is believed only as an error, for a card signs nothing for a sender that it does
    /// not know. Errors `parse.*`, `ota.por_mac`, `ota.por_mismatch` (an answer to something else).
    Result<ProofOfReceiptPacket> response(std::uint64_t counter, BytesView packet) const;

    const Spi& spi() const { return spi_; }

  private:
    Scp80Host(Scp80Keys keys, std::uint8_t key_version, const Spi& spi, const Tar& tar)
        : keys_(std::move(keys)), key_version_(key_version), spi_(spi), tar_(tar) {}
    std::size_t block() const;
    std::size_t checksum_size(PacketIntegrity integrity) const;
    Bytes checksum(PacketIntegrity integrity, BytesView message) const;
    std::uint8_t key_byte() const;

    Scp80Keys keys_;
    std::uint8_t key_version_;
    Spi spi_;
    Tar tar_;
};

}  // namespace oti::scp
