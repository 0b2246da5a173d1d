// SPDX-License-Identifier: Apache-2.0
#include "scp/scp11_card.h"

#include <array>

#include "base/tlv.h"
#include "crypto/kdf.h"

namespace oti::scp {
namespace {

using crypto::PrivateKey;
using crypto::PublicKey;
using crypto::SecretAccess;
using crypto::SecretBytes;
using iso7816::CommandApdu;
using iso7816::StatusWord;

constexpr std::uint8_t kInsMutualAuthenticate = 0x82, kInsInternalAuthenticate = 0x88;
constexpr std::uint8_t kScpIdentifier = 0x11, kWithIdentities = 0x04, kVariantBits = 0x03, kAes = 0x88;
constexpr Tag kCrt = 0xA6, kEphemeralKey = 0x5F49;

std::unexpected<StatusWord> refuse(StatusWord sw) {
    return std::unexpected(sw);
}

/// Key Usage Qualifier (tables 4-3, 4-4 and 7-15), without who is authenticated. Two of them are for SCP11c
/// only.
std::optional<CurrentSecurityLevel> level_of(std::uint8_t key_usage, Scp11Variant variant) {
    bool c = variant == Scp11Variant::kC;
    switch (key_usage) {
        case 0x34:
            return CurrentSecurityLevel{.c_mac = true, .r_mac = true};
        case 0x3C:
            return CurrentSecurityLevel{
                .c_mac = true, .c_decryption = true, .r_mac = true, .r_encryption = true};
        case 0x1C:
            if (c) return CurrentSecurityLevel{.c_mac = true, .c_decryption = true};
            return std::nullopt;
        case 0x74:
            if (c) return CurrentSecurityLevel{.c_mac = true, .c_decryption = true, .r_mac = true};
            return std::nullopt;
        default:
            return std::nullopt;
    }
}

std::optional<Scp11Variant> variant_of(std::uint8_t ins, std::uint8_t parameters,
                                       const Scp11Options& options) {
    auto bits = static_cast<Scp11Variant>(parameters & kVariantBits);
    if (ins == kInsInternalAuthenticate) {
        return bits == Scp11Variant::kB && options.variant_b ? std::optional(bits) : std::nullopt;
    }
    if (ins != kInsMutualAuthenticate) return std::nullopt;
    bool offered =
        (bits == Scp11Variant::kA && options.variant_a) || (bits == Scp11Variant::kC && options.variant_c);
    return offered ? std::optional(bits) : std::nullopt;
}

/// Fields of the control reference template, each at most once.
struct ControlReference {
    BytesView parameters, usage, type, length;
    std::optional<BytesView> host_id, ca_identifier;
};

std::optional<ControlReference> read_control_reference(BytesView value) {
    auto objects = read_all_tlv(value, "control reference template");
    if (!objects) return std::nullopt;
    std::array<std::optional<BytesView>, 6> found;
    constexpr std::array<Tag, 6> kTags{0x90, 0x95, 0x80, 0x81, 0x84, 0x42};
    for (const auto& object : *objects) {
        auto at = std::ranges::find(kTags, object.tag);
        if (at == kTags.end()) return std::nullopt;
        auto& field = found[static_cast<std::size_t>(at - kTags.begin())];
        if (field) return std::nullopt;
        field = object.value;
    }
    auto has_size = [&](std::size_t n, std::size_t size) { return found[n] && found[n]->size() == size; };
    if (!has_size(0, 2) || !has_size(1, 1) || !has_size(2, 1) || !has_size(3, 1)) return std::nullopt;
    for (std::size_t n : {4U, 5U}) {
        if (found[n] && (found[n]->empty() || found[n]->size() > 127)) return std::nullopt;
    }
    return ControlReference{*found[0], *found[1], *found[2], *found[3], found[4], found[5]};
}

/// A number below the order of the curve, by trial (FIPS 186-4, B.4.2).
PrivateKey ephemeral_key(crypto::Curve curve, crypto::Random& random) {
    for (;;) {
        auto number = random.bytes(crypto::coordinate_size(curve));
        if (curve == crypto::Curve::kP521) number.front() &= 0x01;
        if (auto key = PrivateKey::ec(curve, SecretBytes::take(std::move(number)))) return std::move(*key);
    }
}

void append_lv(Bytes& to, BytesView value) {
    append(to, encode_length(value.size()));
    append(to, value);
}

}  // namespace

std::expected<Scp11Card, StatusWord> Scp11Card::read(const Scp11Options& options,
                                                     const CommandApdu& command) {
    ByteReader reader(command.data, "data for key establishment");
    auto template_object = read_tlv(reader);
    auto point = template_object ? read_tlv(reader) : template_object;
    if (!point || !reader.empty() || template_object->tag != kCrt || point->tag != kEphemeralKey) {
        return refuse(StatusWord::kWrongData);
    }
    auto reference = read_control_reference(template_object->value);
    if (!reference || reference->parameters[0] != kScpIdentifier) return refuse(StatusWord::kWrongData);
    auto parameters = reference->parameters[1];
    auto variant = variant_of(command.ins, parameters, options);
    bool with_identities = (parameters & kWithIdentities) != 0;
    auto length = reference->length[0];
    if (!variant || (parameters & ~(kVariantBits | kWithIdentities)) != 0 ||
        with_identities != reference->host_id.has_value() || reference->type[0] != kAes ||
        (length != 16 && length != 24 && length != 32) || !level_of(reference->usage[0], *variant)) {
        return refuse(StatusWord::kWrongData);
    }
    if (((command.p1 | command.p2) & 0x80) != 0) return refuse(StatusWord::kIncorrectP1P2);
    // 7.6.2.3: the CA-KLCC identifier stands for the version, and INTERNAL AUTHENTICATE has none.
    bool by_authority = command.p1 == 0 && *variant != Scp11Variant::kB;
    if (by_authority != reference->ca_identifier.has_value()) return refuse(StatusWord::kWrongData);

    Scp11Card card;
    card.options_ = options;
    card.variant_ = *variant;
    card.key_ = {command.p2, command.p1};
    if (reference->ca_identifier) card.ca_klcc_identifier_ = to_bytes(*reference->ca_identifier);
    if (reference->host_id) card.host_id_ = to_bytes(*reference->host_id);
    card.key_usage_ = reference->usage[0];
    card.key_length_ = length;
    card.host_point_ = to_bytes(point->value);
    card.data_ = command.data;
    return card;
}

/// 7.6.2.3, "SharedInfo".
std::expected<Bytes, StatusWord> Scp11Card::shared_info(const Scp11DomainKeys& keys) const {
    Bytes info{key_usage_, kAes, key_length_};
    if (host_id_.empty()) return info;
    append_lv(info, host_id_);
    auto names =
        variant_ == Scp11Variant::kC ? std::vector{keys.card_group_id} : std::vector{keys.sin, keys.sdin};
    for (auto name : names) {
        if (name.empty()) return refuse(StatusWord::kReferencedDataNotFound);
        append_lv(info, name);
    }
    return info;
}

std::expected<Scp11Opening, StatusWord> Scp11Card::open(const Scp11DomainKeys& keys, const Scp11Oce* oce,
                                                        crypto::Random& random) const {
    auto level = *level_of(key_usage_, variant_);
    if (variant_ != Scp11Variant::kB) {
        if (oce == nullptr) return refuse(StatusWord::kConditionsNotSatisfied);
        bool rules_enforced =
            variant_ == Scp11Variant::kA ? options_.authorizations_a : options_.authorizations_c;
        if (oce->authorizations && !rules_enforced) return refuse(StatusWord::kConditionsNotSatisfied);
        bool is_owner = !keys.owner.empty() && same(keys.owner, oce->subject_identifier);
        level.authenticated = is_owner;
        level.any_authenticated = !is_owner;
    }
    auto curve = keys.sk_sd.curve();
    auto host = curve ? PublicKey::ec(*curve, host_point_) : std::unexpected(Error{});
    if (!host) return refuse(StatusWord::kWrongData);
    OTI_TRY(auto info, shared_info(keys));

    // SCP11c has no ephemeral key on this side: the static one is used twice.
    std::optional<PrivateKey> ephemeral;
    if (variant_ != Scp11Variant::kC) ephemeral = ephemeral_key(*curve, random);
    const auto& fresh = ephemeral ? *ephemeral : keys.sk_sd;
    auto first = fresh.agree(*host);
    auto second = keys.sk_sd.agree(variant_ == Scp11Variant::kB ? *host : oce->key);
    if (!first || !second) return refuse(StatusWord::kWrongData);
    auto access = SecretAccess::granted();
    auto secret = SecretBytes::take(concat(first->view(access), second->view(access)));

    std::size_t size = key_length_;
    auto key_data = crypto::kdf_x963(crypto::Hash::kSha256, secret, info, 5 * size);
    auto all = key_data.view(access);
    auto part = [&](std::size_t n) { return SecretBytes::copy_of(all.subspan(n * size, size)); };
    auto response = encode_tlv(kEphemeralKey, fresh.public_key().point());
    auto receipt = crypto::cmac(part(0), concat(data_, response));
    if (!receipt) return refuse(StatusWord::kNoPreciseDiagnosis);
    append(response, encode_tlv(0x86, *receipt));

    Scp03SessionKeys session_keys{part(1), part(2), part(3),
                                  keys.key_dek != nullptr ? keys.key_dek->clone() : part(4)};
    auto session = Scp03Card::from_session_keys(session_keys, level, options_.s16, *receipt);
    if (!session) return refuse(StatusWord::kNoPreciseDiagnosis);
    return Scp11Opening{std::move(*session), std::move(response)};
}

}  // namespace oti::scp
