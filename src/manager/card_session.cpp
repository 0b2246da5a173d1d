// SPDX-License-Identifier: Apache-2.0
#include "manager/card_session.h"

#include <fmt/format.h>

#include <array>

#include "base/hex.h"
#include "crypto/digest.h"
#include "globalplatform/card_data.h"
#include "globalplatform/card_recognition.h"
#include "globalplatform/commands.h"
#include "scp/scp03_host.h"

namespace oti::manager {
namespace {

using globalplatform::Element;
using iso7816::Aid;
using iso7816::CommandApdu;
using iso7816::Ins;
using iso7816::ResponseApdu;
using iso7816::StatusWord;

/// AIDs of issuers' domains: GlobalPlatform's of 8 and 7 bytes, Visa's, and those of some makers.
constexpr std::array<std::string_view, 5> kIssuerDomains{
    "A000000151000000", "A0000001510000", "A000000003000000", "A0000000030000", "A000000018434D00"};
constexpr std::size_t kChallengeS8 = 8, kChallengeS16 = 16;
constexpr std::uint8_t kMoreCommands = 0x80;
constexpr std::uint8_t kScp02 = 0x02;
constexpr Tag kCardRecognitionData = 0x66;

CommandApdu select_default() {
    return {0x00, value(Ins::kSelect), 0x04, 0x00, {}, iso7816::kMaxShortNe};
}

bool selects(const ResponseApdu& response) {
    return response.sw == StatusWord::kOk || response.sw == StatusWord::kCardLocked;
}

Result<ResponseApdu> transmit_plain(iso7816::CardChannel& card, const CommandApdu& command) {
    OTI_TRY(auto response, card.transmit(command.encode()));
    return ResponseApdu::parse(response);
}

/// Instructions whose P1 can say that more commands follow (11.1.5.1).
bool can_be_chained(std::uint8_t ins) {
    return ins == value(Ins::kInstall) || ins == value(Ins::kPutKey) || ins == value(Ins::kDelete);
}

std::string fingerprint(const std::string& card, const DomainKeys& keys) {
    auto joined = keys.keys.joined();
    auto message = concat(as_bytes("oti wrong key"), as_bytes(card),
                          Bytes{static_cast<std::uint8_t>(keys.diversification)},
                          joined.view(crypto::SecretAccess::granted()));
    auto digest = crypto::sha256(message);
    auto wiped = crypto::SecretBytes::take(std::move(message));
    return to_hex(digest);
}

/// `i` of a protocol, if the card says so.
std::optional<std::uint8_t> options_of(const globalplatform::CardRecognition& recognition,
                                       std::uint8_t protocol) {
    for (const auto& channel : recognition.channels) {
        if (channel.protocol == protocol) return channel.options;
    }
    return std::nullopt;
}

std::unexpected<Error> failed_before(scp::KeyVersion version) {
    return fail(
        ErrorKind::kPolicy, "card.key_failed_before",
        fmt::format("this key was wrong for this card before (version {:02X})", version.value()),
        "a card may lock itself after some failures; check key, version and diversification, or insist "
        "with --force");
}

}  // namespace

Result<CardSession> CardSession::select(iso7816::CardChannel& card, const std::optional<Aid>& domain,
                                        CarrierLimits limits) {
    auto selected = [&](const Aid& aid, ResponseApdu response) {
        CardSession session(card, aid, limits);
        session.card_is_locked_ = response.sw == StatusWord::kCardLocked;
        session.max_command_data_ =
            std::min(globalplatform::max_command_data(response.data), limits.max_command_data);
        session.fci_ = std::move(response.data);
        return session;
    };
    if (domain) {
        OTI_TRY(auto response, transmit_plain(card, globalplatform::select(*domain)));
        if (selects(response)) return selected(*domain, std::move(response));
        auto error = iso7816::card_error(response.sw, value(Ins::kSelect));
        if (response.sw == StatusWord::kNotFound) {
            error.code = "card.no_domain";
            error.message =
                fmt::format("there is no {} on this card, or it cannot be selected", domain->hex());
        }
        return std::unexpected(std::move(error));
    }
    OTI_TRY(auto response, transmit_plain(card, select_default()));
    if (selects(response)) {
        if (auto aid = globalplatform::aid_of_fci(response.data)) return selected(*aid, std::move(response));
    }
    for (auto hex : kIssuerDomains) {
        auto aid = Aid::constant(hex);
        OTI_TRY(response, transmit_plain(card, globalplatform::select(aid)));
        if (selects(response)) {
            auto name = globalplatform::aid_of_fci(response.data).value_or(aid);
            return selected(name, std::move(response));
        }
    }
    auto error = iso7816::card_error(response.sw, value(Ins::kSelect));
    error.code = "card.no_domain";
    error.message = "this card shows no issuer's security domain";
    error.hint = "if it is a GlobalPlatform card, name its domain with --sd";
    return std::unexpected(std::move(error));
}

Result<std::string> CardSession::identity() {
    Bytes known;
    for (Tag tag : {0x9F7FU, 0x42U, 0x45U}) {
        OTI_TRY(auto data, read_data(tag));
        if (data) append(known, *data);
    }
    return known.empty() ? std::string() : to_hex(crypto::sha256(concat(known, domain_.bytes())));
}

Result<Bytes> CardSession::initialize_update(scp::KeyVersion version, Bytes& host_challenge,
                                             crypto::Random& random) {
    for (auto size : {kChallengeS8, kChallengeS16}) {
        host_challenge = random.bytes(size);
        OTI_TRY(auto response, transmit_plain(*card_, scp::initialize_update(version, host_challenge)));
        if (response.sw == StatusWord::kOk) return std::move(response.data);
        // A card in S16 mode wants a longer challenge; nothing but asking tells.
        bool length_refused =
            response.sw == StatusWord::kWrongLength || response.sw == StatusWord::kWrongData;
        if (!length_refused || size == kChallengeS16)
            return std::unexpected(iso7816::card_error(response.sw, value(Ins::kInitializeUpdate)));
    }
    return fail(ErrorKind::kInternal, "internal", "no challenge was sent");
}

Status CardSession::authenticate(const DomainKeys& keys, std::optional<scp::SecurityLevel> level,
                                 FailedKeys& failed, bool force, crypto::Random& random) {
    channel_.reset();
    OTI_TRY(auto card, identity());
    auto check = [&]() -> Status {
        OTI_TRY(bool known, failed.contains(card, fingerprint(card, keys)));
        if (known && !force) return failed_before(keys.version);
        return {};
    };
    if (!card.empty()) OTI_CHECK(check());

    // What the card tells of its protocols is read before: some end a handshake at any command in between.
    globalplatform::CardRecognition recognition;
    OTI_TRY(auto data, read_data(kCardRecognitionData));
    if (data) recognition = globalplatform::CardRecognition::parse(*data).value_or(std::move(recognition));

    Bytes host_challenge;
    OTI_TRY(auto response, initialize_update(keys.version, host_challenge, random));
    OTI_TRY(offer_, ChannelOffer::parse(response));
    if (required_protocol_ && *required_protocol_ != offer_->protocol) {
        return fail(
            ErrorKind::kPolicy, "scp.unsupported",
            fmt::format("the keys of version {:02X} are for SCP{:02X}, not for the SCP{:02X} asked for",
                        offer_->key_version, offer_->protocol, *required_protocol_),
            "name other keys with --key-version, or leave --scp out");
    }
    if (card.empty()) {
        card = to_hex(crypto::sha256(offer_->key_diversification_data));
        OTI_CHECK(check());
    }
    OTI_TRY(auto card_keys,
            scp::diversify(keys.keys, keys.diversification, offer_->key_diversification_data));
    auto opened = open_channel(card_keys, host_challenge, response, level, options_of(recognition, kScp02));
    if (!opened) {
        auto error = opened.error();
        if (error.code == "scp.card_cryptogram") {
            OTI_CHECK(failed.add(card, fingerprint(card, keys)));
            error.message = fmt::format("this is not the card's key of version {:02X} ({})",
                                        offer_->key_version, error.message);
            error.hint =
                "nothing was counted against the card; check the key, --key-version and --kdf. The same key "
                "is "
                "refused for this card from now on, unless --force";
        }
        return std::unexpected(std::move(error));
    }
    OTI_TRY(auto answer_bytes, card_->transmit(opened->external_authenticate));
    OTI_TRY(auto answer, ResponseApdu::parse(answer_bytes));
    if (answer.sw != StatusWord::kOk) {
        if (answer.sw == StatusWord::kAuthenticationFailed) {
            OTI_CHECK(failed.add(card, fingerprint(card, keys)));
        }
        auto error = iso7816::card_error(answer.sw, value(Ins::kExternalAuthenticate));
        error.kind = ErrorKind::kAuthentication;
        return std::unexpected(std::move(error));
    }
    OTI_CHECK(failed.remove(card, fingerprint(card, keys)));
    channel_ = std::move(opened->channel);
    return {};
}

std::size_t CardSession::block_size() const {
    auto size = channel_ ? channel_->max_data(max_command_data_) : max_command_data_;
    return max_block_ ? std::min(*max_block_, size) : size;
}

Result<Bytes> CardSession::transmit(BytesView apdu) {
    OTI_TRY(auto command, CommandApdu::parse(apdu));
    if (command.data.size() <= std::max(max_command_data_, iso7816::kMaxShortData)) {
        return card_->transmit(apdu);
    }
    if (!can_be_chained(command.ins)) {
        return fail(ErrorKind::kUsage, "card.too_long",
                    fmt::format("{} bytes are too long for a command of this card", command.data.size()));
    }
    BytesView rest = command.data;
    while (rest.size() > iso7816::kMaxShortData) {
        auto part = command;
        part.p1 |= kMoreCommands;
        part.data = to_bytes(rest.first(iso7816::kMaxShortData));
        rest = rest.subspan(part.data.size());
        OTI_TRY(auto response, card_->transmit(part.encode()));
        OTI_TRY(auto plain, ResponseApdu::parse(response));
        if (plain.sw != StatusWord::kOk) return response;
    }
    command.data = to_bytes(rest);
    command.ne = std::min(command.ne, iso7816::kMaxShortNe);
    return card_->transmit(command.encode());
}

Result<ResponseApdu> CardSession::send(const CommandApdu& command) {
    if (!channel_) {
        OTI_TRY(auto response, transmit(command.encode()));
        return ResponseApdu::parse(response);
    }
    OTI_TRY(auto wrapped, channel_->wrap(command));
    OTI_TRY(auto response, transmit(wrapped));
    return channel_->unwrap(response);
}

Result<Bytes> CardSession::execute(const CommandApdu& command) {
    OTI_TRY(auto response, send(command));
    if (response.sw != StatusWord::kOk)
        return std::unexpected(iso7816::card_error(response.sw, command.ins, command.p1));
    return std::move(response.data);
}

Result<std::optional<Bytes>> CardSession::read_data(Tag tag) {
    OTI_TRY(auto response, send(globalplatform::get_data(tag)));
    if (response.sw != StatusWord::kOk || response.data.empty()) return std::nullopt;
    return std::move(response.data);
}

Status CardSession::read_part(Element element, bool& tlv, std::vector<globalplatform::RegistryRead>& reads) {
    bool next = false;
    while (true) {
        auto command = globalplatform::get_status(element, next, tlv);
        OTI_TRY(auto response, send(command));
        bool more = response.sw == StatusWord::kMoreData;
        bool none = response.sw == StatusWord::kReferencedDataNotFound;
        if (!more && !none && response.sw != StatusWord::kOk) {
            if (response.sw == StatusWord::kIncorrectP1P2 && tlv && reads.empty()) {
                tlv = false;  // a card from before GPCS 2.2
                continue;
            }
            return std::unexpected(iso7816::card_error(response.sw, command.ins));
        }
        reads.push_back({element, next, std::move(response), tlv});
        if (!more) return {};
        next = true;
    }
}

Result<globalplatform::Registry> CardSession::read_registry() {
    bool tlv = true;
    std::vector<globalplatform::RegistryRead> reads;
    for (auto element : {Element::kIssuerSecurityDomain, Element::kApplications}) {
        OTI_CHECK(read_part(element, tlv, reads));
    }
    auto before = reads.size();
    auto modules = read_part(Element::kLoadFilesAndModules, tlv, reads);
    if (!modules && modules.error().kind == ErrorKind::kCard) {
        // Modules are optional (table 11-33), load files are not.
        reads.resize(before);
        OTI_CHECK(read_part(Element::kLoadFiles, tlv, reads));
    } else if (!modules) {
        return std::unexpected(modules.error());
    }
    return globalplatform::parse_registry(reads);
}

}  // namespace oti::manager
