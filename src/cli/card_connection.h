// SPDX-License-Identifier: Apache-2.0
// What all verbs of `oti card` share: which card, with which keys.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/cli.h"
#include "manager/card_session.h"

namespace oti::cli {

/// The keys of so many cards and simulators that they protect nothing.
inline constexpr std::string_view kWellKnownTestKey = "404142434445464748494A4B4C4D4E4F";

struct CardOptions {
    std::string reader, se;
    std::string key, key_enc, key_mac, key_dek, key_version, kdf = "none";
    std::string sd, level;
    std::string scp, scp11, oce_key, ca_klcc, session_key = "aes-128";
    std::vector<std::string> oce_certificates;
    std::size_t block_size = 0;
    bool trace = false, force = false, dry_run = false, yes = false;
};

/// `--reader`, `--se` and `--trace`, for verbs that only look at a card.
void add_reader_options(CLI::App& command, CardOptions& options);
/// Those, and the keys of the domain that does the work.
void add_card_options(CLI::App& command, CardOptions& options);
/// `--dry-run`, for verbs that change something.
void add_dry_run_option(CLI::App& command, CardOptions& options);

/// A card that is there: in a reader, or in an image file.
class CardConnection {
  public:
    /// Errors `usage.card` (none or two are named), `file.*`, `se.*`, `pcsc.*`.
    static Result<CardConnection> open(const CardOptions& options);

    iso7816::CardChannel& channel();
    manager::CarrierLimits limits() const;
    /// "reader ACS ACR39U", "image file phone.se".
    const std::string& name() const;
    /// Answer to reset; empty for an image file.
    Bytes atr() const;
    bool is_virtual() const;

    CardConnection(CardConnection&&) noexcept;
    CardConnection& operator=(CardConnection&&) noexcept;
    ~CardConnection();

  private:
    struct State;
    explicit CardConnection(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// A two-digit hexadecimal key version, with or without 0x. Error `usage.key_version`.
Result<scp::KeyVersion> parse_key_version(const std::string& text);
/// A key as a person types it. Errors `hex.invalid`, `key.length` unless 16, 24 or 32 bytes.
Result<crypto::SecretBytes> parse_key(const std::string& hex, std::string_view name);
/// The keys of the options; the well-known test key where none is given and the card is virtual. Error
/// `usage.key`.
Result<manager::DomainKeys> keys_of(const CardOptions& options, bool is_virtual);

/// A connection with its domain selected, and its secure channel open.
struct OpenedCard {
    CardConnection connection;
    manager::CardSession session;
};
Result<OpenedCard> select_domain(const CardOptions& options);
Result<OpenedCard> open_domain(const CardOptions& options);

}  // namespace oti::cli
