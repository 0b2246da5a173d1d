// SPDX-License-Identifier: Apache-2.0
#include "card/scp11_commands.h"

#include <algorithm>

#include "card/card_data.h"
#include "card/channel_options.h"
#include "card/secure_channel_commands.h"
#include "crypto/gp_certificate.h"
#include "scp/scp11_card.h"

namespace oti::card {
namespace {

using crypto::SecretAccess;

constexpr Tag kReferenceTemplate = 0xA6, kKeyReference = 0x83, kAuthorityIdentifier = 0x42,
              kCertificateSerialNumber = 0x93;

/// The keys of whoever has the keys for this domain.
struct Keys {
    const Environment& environment;
    const Application& domain;
    Aid holder = key_holder(environment, domain);

    std::optional<StoredKey> find(KeyPlace place) const { return environment.keys.find(holder, place); }
    std::optional<BytesView> attachment(KeyPlace place, KeyAttachment what) const {
        return environment.keys.attachment(holder, place, what);
    }
    bool is_own() const { return holder == domain.aid; }

    /// The key whose authority has this identifier: a host's authority, or one that certified a key of ours.
    std::optional<KeyPlace> of_authority(BytesView identifier, bool of_hosts) const {
        for (auto place : environment.keys.places(holder)) {
            auto name = attachment(place, KeyAttachment::kAuthority);
            bool fits = of_hosts ? is_authority_key_id(place.id) : is_agreement_key_id(place.id);
            if (fits && name && same(*name, identifier)) return place;
        }
        return std::nullopt;
    }
};

std::vector<Bytes> serial_numbers(BytesView allowlist) {
    std::vector<Bytes> numbers;
    auto objects = read_all_tlv(allowlist, "allowlist");
    if (!objects) return numbers;
    for (const auto& object : *objects) {
        if (object.tag == kCertificateSerialNumber) numbers.push_back(to_bytes(object.value));
    }
    return numbers;
}

std::optional<scp::Scp11Authority> find_authority(const Keys& keys, scp::Scp11KeyReference reference,
                                                  BytesView identifier) {
    auto place = reference.version != 0 ? std::optional(KeyPlace{reference.version, reference.identifier})
                                        : keys.of_authority(identifier, true);
    if (!place || !is_authority_key_id(place->id)) return std::nullopt;
    auto key = keys.find(*place);
    const auto* point = key ? key->component(KeyType::kEcPublic) : nullptr;
    auto curve = key ? key->curve() : std::nullopt;
    if (point == nullptr || !curve) return std::nullopt;
    auto public_key = crypto::PublicKey::ec(*curve, point->value.view(SecretAccess::granted()));
    if (!public_key) return std::nullopt;
    scp::Scp11Authority authority{std::move(*public_key)};
    auto allowlist = keys.attachment(*place, KeyAttachment::kAllowlist);
    if (allowlist) authority.allowlist = serial_numbers(*allowlist);
    return authority;
}

/// The subject of the last certificate of our key: the Card Group ID (7.6.2.3).
Bytes card_group_id(const Keys& keys, KeyPlace place) {
    auto store = keys.attachment(place, KeyAttachment::kCertificates);
    auto chain = store ? crypto::GpCertificate::parse_all(*store) : std::unexpected(Error{});
    return chain && !chain->empty() ? chain->back().subject_identifier() : Bytes{};
}

std::uint8_t key_identifier_of(scp::Scp11Variant variant) {
    switch (variant) {
        case scp::Scp11Variant::kA:
            return 0x11;
        case scp::Scp11Variant::kB:
            return 0x13;
        default:
            return 0x15;
    }
}

/// What the template A6 of GET DATA names: a key, or an authority.
struct Reference {
    std::optional<KeyPlace> key;
    std::optional<BytesView> authority;
};

std::expected<Reference, StatusWord> read_reference(BytesView data) {
    auto outer = read_all_tlv(data, "reference");
    if (!outer || outer->size() != 1 || outer->front().tag != kReferenceTemplate)
        return refuse(StatusWord::kWrongData);
    auto objects = read_all_tlv(outer->front().value, "reference");
    if (!objects || objects->size() != 1) return refuse(StatusWord::kWrongData);
    auto only = objects->front();
    Reference reference;
    if (only.tag == kKeyReference && only.value.size() == 2) {
        reference.key = KeyPlace{only.value[1], only.value[0]};
    } else if (only.tag == kAuthorityIdentifier) {
        reference.authority = only.value;
    } else {
        return refuse(StatusWord::kWrongData);
    }
    return reference;
}

}  // namespace

Answer perform_security_operation(Environment& environment, Channel& channel, const Application& domain,
                                  const CommandApdu& command) {
    auto i = channel_options(environment.profile, domain).scp11_i;
    if (!i) return refuse(StatusWord::kInsNotSupported);
    Keys keys{environment, domain};
    auto sw = channel.certificates.perform_security_operation(
        scp::Scp11Options::from_i(*i), command, [&](scp::Scp11KeyReference reference, BytesView identifier) {
            return find_authority(keys, reference, identifier);
        });
    if (sw != StatusWord::kOk) return refuse(sw);
    channel.certificates_since = environment.allowlist_changes;
    return ResponseApdu{};
}

Answer authenticate_scp11(Environment& environment, Channel& channel, const Application& domain,
                          const CommandApdu& command) {
    auto i = channel_options(environment.profile, domain).scp11_i;
    if (!i) return refuse(StatusWord::kInsNotSupported);
    end_session(channel);
    auto options = scp::Scp11Options::from_i(*i);
    OTI_TRY(auto request, scp::Scp11Card::read(options, command));
    bool with_oce = request.variant() != scp::Scp11Variant::kB;
    std::optional<scp::Scp11Oce> oce;
    if (with_oce) {
        // A certificate is good for one session, and only if no allowlist changed since (7.5.1, 7.6.1).
        if (channel.certificates_since == environment.allowlist_changes) oce = channel.certificates.oce();
        channel.certificates.forget();
    }
    Keys keys{environment, domain};
    auto place = request.key().version != 0
                     ? std::optional(KeyPlace{request.key().version, request.key().identifier})
                     : keys.of_authority(request.ca_klcc_identifier(), false);
    auto key = place && place->id == key_identifier_of(request.variant()) ? keys.find(*place) : std::nullopt;
    const auto* number = key ? key->component(KeyType::kEcPrivate) : nullptr;
    auto curve = key ? key->curve() : std::nullopt;
    if (number == nullptr || !curve) return refuse(StatusWord::kReferencedDataNotFound);
    auto sk_sd = crypto::PrivateKey::ec(*curve, number->value);
    if (!sk_sd) return refuse(StatusWord::kReferencedDataNotFound);
    // The static Key-DEK, where there is one, has the next identifier (5.1).
    auto dek = keys.find({place->version, static_cast<std::uint8_t>(place->id + 1)});
    const auto* dek_value = dek ? dek->component(KeyType::kAes) : nullptr;
    bool dek_allowed = !dek || dek->may_open_channel_of(keys.is_own());
    if (!key->may_open_channel_of(keys.is_own()) || !dek_allowed)
        return refuse(StatusWord::kConditionsNotSatisfied);

    auto sin = number_of(environment, domain.aid, 0x42), sdin = number_of(environment, domain.aid, 0x45);
    auto group = card_group_id(keys, *place);
    // Whom a domain obeys was said when it was installed (4.7); the issuer's domain never was.
    const auto& owner = domain.is_issuer_domain() ? sin : domain.provider;
    scp::Scp11DomainKeys domain_keys{
        *sk_sd, dek_value != nullptr ? &dek_value->value : nullptr, sin, sdin, group, owner};
    OTI_TRY(auto opening, request.open(domain_keys, oce ? &*oce : nullptr, environment.random));
    channel.session = std::make_unique<scp::Scp03Card>(std::move(opening.session));
    channel.replayable = request.variant() == scp::Scp11Variant::kC;
    return ResponseApdu{std::move(opening.response)};
}

DataValue scp11_certificates(const Environment& environment, const Application& domain, BytesView data) {
    OTI_TRY(auto reference, read_reference(data));
    Keys keys{environment, domain};
    auto place = reference.key ? reference.key : keys.of_authority(*reference.authority, false);
    auto store = place ? keys.attachment(*place, KeyAttachment::kCertificates) : std::nullopt;
    if (!store) return refuse(StatusWord::kReferencedDataNotFound);
    return to_bytes(*store);
}

DataValue scp11_authority_key(const Environment& environment, const Application& domain, BytesView data) {
    OTI_TRY(auto reference, read_reference(data));
    if (!reference.authority) return refuse(StatusWord::kWrongData);
    auto place = Keys{environment, domain}.of_authority(*reference.authority, true);
    if (!place) return refuse(StatusWord::kReferencedDataNotFound);
    return Bytes{place->id, place->version};
}

DataValue scp11_authorities(const Environment& environment, const Application& domain, bool of_hosts) {
    if (!channel_options(environment.profile, domain).scp11_i)
        return refuse(StatusWord::kReferencedDataNotFound);
    Keys keys{environment, domain};
    Bytes list;
    for (auto place : environment.keys.places(keys.holder)) {
        auto name = keys.attachment(place, KeyAttachment::kAuthority);
        bool wanted = of_hosts ? is_authority_key_id(place.id) : is_agreement_key_id(place.id);
        if (!name || !wanted) continue;
        append(list, encode_tlv(kAuthorityIdentifier, *name));
        append(list, encode_tlv(kKeyReference, Bytes{place.id, place.version}));
    }
    return list;
}

}  // namespace oti::card
