// SPDX-License-Identifier: Apache-2.0
#include "card/data_commands.h"

#include "base/byte_writer.h"
#include "base/hex.h"
#include "base/tlv.h"
#include "card/administration_parameters.h"
#include "card/card_data.h"
#include "card/channel_options.h"
#include "card/scp11_commands.h"
#include "iso7816/instruction.h"
#include "scp/scp03_card.h"

namespace oti::card {
namespace {

constexpr std::uint8_t kGlobalPlatformClass = 0x80, kOddInstruction = 0xCB;
constexpr unsigned kListOfApplications = 0x2F00;

using Value = std::expected<Bytes, StatusWord>;

Value stored(const Environment& environment, const Application& domain, Tag tag) {
    auto value = environment.registry.data_object(domain.aid, tag);
    if (!value) return refuse(StatusWord::kReferencedDataNotFound);
    return to_bytes(*value);
}

/// Of the set that INITIALIZE UPDATE takes by default (C1): as long as its protocol has it.
Value sequence_counter(const Environment& environment, const Application& domain) {
    auto set = channel_key_set(environment, domain, 0);
    if (!set) return refuse(StatusWord::kReferencedDataNotFound);
    auto counter = ByteWriter().u32(set->sequence_counter).take();
    if (set->type != KeyType::kAes) return Bytes(counter.begin() + 2, counter.end());
    auto i = channel_options(environment.profile, domain).scp03_i;
    if (!scp::Scp03Card::is_pseudo_random(*i)) return refuse(StatusWord::kReferencedDataNotFound);
    return Bytes(counter.begin() + 1, counter.end());
}

/// Table 10-1.
Value security_level(const Channel& channel) {
    auto level = channel.session ? channel.session->level() : scp::CurrentSecurityLevel{};
    unsigned bits = (level.authenticated ? 0x80U : 0) | (level.any_authenticated ? 0x40U : 0) |
                    (level.r_encryption ? 0x20U : 0) | (level.r_mac ? 0x10U : 0) |
                    (level.c_decryption ? 0x02U : 0) | (level.c_mac ? 0x01U : 0);
    return Bytes{static_cast<std::uint8_t>(bits)};
}

Value confirmation_counter(const Environment& environment, const Application& domain) {
    if (!domain.privileges.has(Privilege::kReceiptGeneration))
        return refuse(StatusWord::kReferencedDataNotFound);
    return ByteWriter().u16(environment.registry.confirmation_counter(domain.aid)).take();
}

Value value_of(const Environment& environment, const Channel& channel, const Application& domain, Tag tag) {
    const auto& registry = environment.registry;
    switch (tag) {
        case 0x42:
        case 0x45:
            return number_of(environment, domain.aid, tag);
        case 0x66:
            if (registry.data_object(domain.aid, tag)) return stored(environment, domain, tag);
            return card_recognition_data(environment, domain);
        case 0x67:
            if (registry.data_object(domain.aid, tag)) return stored(environment, domain, tag);
            // The issuer's domain has it, since GPCS 2.3.
            if (!domain.is_issuer_domain() || environment.profile.is_old())
                return refuse(StatusWord::kReferencedDataNotFound);
            return card_capability_information(environment.profile);
        case 0x9F7F:
            return environment.identity.cplc;
        case 0xCF:
            return key_diversification_data(environment, key_holder(environment, domain));
        case 0xC1:
            return sequence_counter(environment, domain);
        case 0xC2:
            return confirmation_counter(environment, domain);
        case 0xD3:
            return security_level(channel);
        case 0xFF21:
            return card_resources(environment);
        case 0xFF33:
        case 0xFF34:
            return scp11_authorities(environment, domain, tag == 0xFF33);
        case kAdministrationParameters:
            return stored_administration_parameters(environment, domain);
        case 0x5F50:
            return stored(environment, domain, tag);
        default:
            return refuse(StatusWord::kReferencedDataNotFound);
    }
}

/// What needs command data: which one of several is wanted.
bool is_reference(unsigned p1p2) {
    return p1p2 == 0xBF21 || p1p2 == 0x0083 || p1p2 == kListOfApplications;
}

}  // namespace

Answer get_data(Environment& environment, Channel& channel, const Application& domain,
                const CommandApdu& command) {
    unsigned tag = static_cast<unsigned>(command.p1) << 8 | command.p2;
    bool whole = (command.cla & kGlobalPlatformClass) != 0;
    // The odd instruction reads what is no data object.
    if (command.ins == kOddInstruction && (whole || tag != kListOfApplications))
        return refuse(whole ? StatusWord::kInsNotSupported : StatusWord::kReferencedDataNotFound);
    if (!is_reference(tag) && !command.data.empty()) return refuse(StatusWord::kWrongData);
    auto answer = [&](Tag name, Value value) -> Answer {
        if (!value) return refuse(value.error());
        return ResponseApdu{whole ? encode_tlv(name, *value) : std::move(*value)};
    };
    if (tag == kListOfApplications) {
        if (!whole && command.ins != kOddInstruction) return refuse(StatusWord::kReferencedDataNotFound);
        if (!same(command.data, from_hex("5C00"))) return refuse(StatusWord::kWrongData);
        return ResponseApdu{list_of_applications(environment, domain)};
    }
    if (tag == 0xBF21) return answer(tag, scp11_certificates(environment, domain, command.data));
    if (tag == 0x0083) return answer(tag, scp11_authority_key(environment, domain, command.data));
    constexpr std::uint8_t kKeyInformation = 0xE0;
    if (command.p2 == kKeyInformation && command.p1 < kMaxKeys) {
        // P1 asks for more than fits into one response, as no tag has it.
        auto page = key_information(environment.keys, domain.aid, command.p1);
        if (!page) return refuse(StatusWord::kReferencedDataNotFound);
        return answer(kKeyInformation, std::move(*page));
    }
    return answer(tag, value_of(environment, channel, domain, tag));
}

}  // namespace oti::card
