// SPDX-License-Identifier: Apache-2.0
#include "cli/card_connection.h"

#include <fmt/format.h>

#include <cstdlib>

#include "base/hex.h"
#include "bearer/pcsc_channel.h"
#include "bearer/virtual_channel.h"
#include "card/disk_nvm_file.h"
#include "cli/card_scp11.h"
#include "cli/card_trace.h"
#include "cli/failed_keys_file.h"
#include "scp/diversification.h"

namespace oti::cli {
namespace {

using crypto::SecretBytes;

/// An environment variable that counts only where the command line names no card.
std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
}

Result<SecretBytes> one_of(const std::string& own, const std::string& master, std::string_view name) {
    return parse_key(own.empty() ? master : own, name);
}

}  // namespace

void add_reader_options(CLI::App& command, CardOptions& options) {
    command.add_option("--reader", options.reader,
                       "PC/SC reader, by a part of its name; the only one with a card if left out "
                       "(OTI_READER)");
    command.add_option("--se", options.se, "image file of a virtual secure element instead (OTI_SE)");
    command.add_option("--sd", options.sd, "AID of the security domain; the issuer's if left out")
        ->envname("OTI_SD");
    command.add_flag("--trace", options.trace, "show the APDUs, on standard error");
}

void add_card_options(CLI::App& command, CardOptions& options) {
    add_reader_options(command, options);
    command
        .add_option("--key", options.key,
                    "the domain's key, hexadecimal, where its three keys are one, or derived from one")
        ->envname("OTI_KEY");
    command.add_option("--key-enc", options.key_enc, "its Key-ENC")->envname("OTI_KEY_ENC");
    command.add_option("--key-mac", options.key_mac, "its Key-MAC")->envname("OTI_KEY_MAC");
    command.add_option("--key-dek", options.key_dek, "its Key-DEK")->envname("OTI_KEY_DEK");
    command
        .add_option("--key-version", options.key_version,
                    "version of these keys, hexadecimal; what the card prefers if left out")
        ->envname("OTI_KEY_VERSION");
    command.add_option("--kdf", options.kdf, "how the card's keys come from these: none, visa2, emv, kdf3")
        ->envname("OTI_KDF")
        ->capture_default_str();
    command
        .add_option("--level", options.level,
                    "security level: c-mac, c-mac+c-enc, c-mac+r-mac, c-mac+c-enc+r-mac, full; the highest "
                    "that the card offers if left out")
        ->envname("OTI_LEVEL");
    add_scp_options(command, options);
    command.add_option("--block-size", options.block_size,
                       "most bytes of data in a command; what the card takes if left out");
    command.add_flag("--force", options.force,
                     "do it although it was refused: keys that failed before, content that is there");
}

void add_dry_run_option(CLI::App& command, CardOptions& options) {
    command.add_flag("--dry-run", options.dry_run, "say what would be sent, and change nothing");
}

struct CardConnection::State {
    std::string name;
    crypto::SystemRandom random;
    std::optional<card::SecureElement> se;
    std::unique_ptr<iso7816::CardChannel> card;
    std::unique_ptr<TracingChannel> trace;
    manager::CarrierLimits limits;
    Bytes atr;
};

CardConnection::CardConnection(std::unique_ptr<State> state) : state_(std::move(state)) {}
CardConnection::CardConnection(CardConnection&&) noexcept = default;
CardConnection& CardConnection::operator=(CardConnection&&) noexcept = default;
CardConnection::~CardConnection() = default;

iso7816::CardChannel& CardConnection::channel() {
    if (state_->trace) return *state_->trace;
    return *state_->card;
}
manager::CarrierLimits CardConnection::limits() const {
    return state_->limits;
}
const std::string& CardConnection::name() const {
    return state_->name;
}
Bytes CardConnection::atr() const {
    return state_->atr;
}
bool CardConnection::is_virtual() const {
    return state_->se.has_value();
}

Result<CardConnection> CardConnection::open(const CardOptions& options) {
    auto reader = options.reader, se = options.se;
    if (reader.empty() && se.empty()) {
        reader = environment("OTI_READER");
        se = environment("OTI_SE");
    }
    if (!reader.empty() && !se.empty()) {
        return fail(ErrorKind::kUsage, "usage.card", "a reader and an image file are named, and one is meant",
                    "give either --reader (OTI_READER) or --se (OTI_SE)");
    }
    auto state = std::make_unique<State>();
    if (!se.empty()) {
        OTI_TRY(auto file, card::DiskNvmFile::open(se));
        OTI_TRY(auto element, card::SecureElement::open(std::move(file), state->random));
        state->se.emplace(std::move(element));
        auto channel = std::make_unique<bearer::VirtualChannel>(*state->se);
        channel->on_diagnosis = [](std::string_view why) { fmt::print(stderr, "the virtual SE: {}\n", why); };
        state->card = std::move(channel);
        state->name = "image file " + se;
    } else {
        OTI_TRY(auto card, bearer::PcscChannel::connect(reader));
        state->name = "reader " + card->reader();
        state->atr = card->atr();
        state->limits.max_command_data = card->max_command_data();
        state->card = std::move(card);
    }
    if (options.trace) state->trace = std::make_unique<TracingChannel>(*state->card, stderr);
    return CardConnection(std::move(state));
}

Result<scp::KeyVersion> parse_key_version(const std::string& text) {
    auto digits = text.starts_with("0x") ? text.substr(2) : text;
    if (digits.size() == 1) digits = "0" + digits;
    auto byte = parse_hex(digits);
    if (!byte || byte->size() != 1) {
        return fail(ErrorKind::kUsage, "usage.key_version", "'" + text + "' is no key version",
                    "a key version is two hexadecimal digits, such as 30");
    }
    return scp::KeyVersion(byte->front());
}

Result<SecretBytes> parse_key(const std::string& hex, std::string_view name) {
    auto bytes = parse_hex(hex);
    if (!bytes) {
        // The text of the error would say what was read: part of a key.
        return fail(ErrorKind::kUsage, "hex.invalid", fmt::format("{} is not hexadecimal", name));
    }
    auto key = SecretBytes::take(std::move(*bytes));
    if (key.size() != 16 && key.size() != 24 && key.size() != 32) {
        return fail(ErrorKind::kUsage, "key.length",
                    fmt::format("{} has {} bytes; keys have 16, 24 or 32", name, key.size()));
    }
    return key;
}

Result<manager::DomainKeys> keys_of(const CardOptions& options, bool is_virtual) {
    auto master = options.key;
    bool none =
        master.empty() && options.key_enc.empty() && options.key_mac.empty() && options.key_dek.empty();
    if (none && is_virtual) master = kWellKnownTestKey;
    bool complete =
        !master.empty() || (!options.key_enc.empty() && !options.key_mac.empty() && !options.key_dek.empty());
    if (!complete) {
        return fail(
            ErrorKind::kUsage, "usage.key",
            none ? "no key of the security domain is given" : "one of the domain's three keys is not given",
            fmt::format("give --key (OTI_KEY), or --key-enc, --key-mac and --key-dek; cards for "
                        "development often have the well-known test key {}",
                        kWellKnownTestKey));
    }
    manager::DomainKeys keys;
    OTI_TRY(keys.keys.enc, one_of(options.key_enc, master, "Key-ENC"));
    OTI_TRY(keys.keys.mac, one_of(options.key_mac, master, "Key-MAC"));
    OTI_TRY(keys.keys.dek, one_of(options.key_dek, master, "Key-DEK"));
    if (!options.key_version.empty()) {
        OTI_TRY(keys.version, parse_key_version(options.key_version));
    }
    OTI_TRY(keys.diversification, scp::parse_diversification(options.kdf));
    return keys;
}

Result<OpenedCard> select_domain(const CardOptions& options) {
    std::optional<iso7816::Aid> domain;
    if (!options.sd.empty()) {
        OTI_TRY(domain, iso7816::Aid::parse(options.sd));
    }
    OTI_TRY(auto connection, CardConnection::open(options));
    OTI_TRY(auto session, manager::CardSession::select(connection.channel(), domain, connection.limits()));
    if (options.block_size != 0) session.limit_block_size(options.block_size);
    return OpenedCard{std::move(connection), std::move(session)};
}

Result<OpenedCard> open_domain(const CardOptions& options) {
    std::optional<scp::SecurityLevel> level;
    if (!options.level.empty()) {
        OTI_TRY(level, manager::parse_level(options.level));
    }
    OTI_TRY(auto protocol, parse_protocol(options.scp));
    // What is wrong with the files is said before the card is looked for.
    std::optional<manager::Scp11Access> access;
    if (protocol.variant) {
        OTI_TRY(access, scp11_access(options, *protocol.variant));
    }
    OTI_TRY(auto card, select_domain(options));
    if (access) {
        OTI_CHECK(card.session.authenticate(*access, level, today()));
        return card;
    }
    if (protocol.number) card.session.require_protocol(*protocol.number);
    OTI_TRY(auto keys, keys_of(options, card.connection.is_virtual()));
    auto failed = FailedKeysFile::of_user();
    crypto::SystemRandom random;
    OTI_CHECK(card.session.authenticate(keys, level, failed, options.force, random));
    return card;
}

}  // namespace oti::cli
