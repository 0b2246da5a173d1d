// SPDX-License-Identifier: Apache-2.0
#include "card/stored_objects.h"

#include <algorithm>

#include "base/byte_reader.h"
#include "card/administration_parameters.h"
#include "card/channel_options.h"
#include "card/issuer_name.h"
#include "crypto/gp_certificate.h"

namespace oti::card {
namespace {

using Stored = std::expected<void, StatusWord>;

constexpr Tag kReferenceTemplate = 0xA6, kKeyReference = 0x83, kAuthorityIdentifier = 0x42,
              kAuthorityKind = 0x80, kCertificateStore = 0xBF21, kAllowlistCounter = 0x92, kAllowlist = 0x70,
              kSerialNumber = 0x93;
constexpr std::uint16_t kLastAllowlistCounter = 32767;
constexpr std::size_t kMaxIdentifier = 127;

/// Objects that are a value and nothing else.
struct PlainObject {
    Tag tag;
    std::size_t min;
    std::size_t max;
    bool of_issuer_only;
};
constexpr PlainObject kPlainObjects[] = {
    {0x42, 0, kMaxStoredData, false},
    {0x45, 0, kMaxStoredData, false},
    {0x66, 1, 200, false},
    {0x67, 1, 200, true},
    {0x5F50, 0, 200, false},
    {0xCF, 10, 10, false},
};

Stored store_reference(Environment& environment, DataBlocks& blocks, const Application& domain,
                       BytesView value) {
    auto objects = read_all_tlv(value, "reference");
    if (!objects) return refuse(StatusWord::kWrongData);
    std::optional<BytesView> key, authority, kind;
    for (const auto& object : *objects) {
        auto& field = object.tag == kKeyReference          ? key
                      : object.tag == kAuthorityIdentifier ? authority
                                                           : kind;
        bool known =
            object.tag == kKeyReference || object.tag == kAuthorityIdentifier || object.tag == kAuthorityKind;
        if (!known || field) return refuse(StatusWord::kWrongData);
        field = object.value;
    }
    if (!key || key->size() != 2 || (kind && !authority)) return refuse(StatusWord::kWrongData);
    KeyPlace place{(*key)[1], (*key)[0]};
    if (!authority) {
        // What belongs to the key follows.
        blocks.key = place;
        return {};
    }
    bool of_ours = kind && kind->size() == 1 && kind->front() == 0x01;
    bool of_hosts = !kind || (kind->size() == 1 && kind->front() == 0x00);
    if ((!of_ours && !of_hosts) || authority->empty() || authority->size() > kMaxIdentifier)
        return refuse(StatusWord::kWrongData);
    bool fits = of_ours ? is_agreement_key_id(place.id) : is_authority_key_id(place.id);
    if (!fits || !environment.keys.contains(domain.aid, place))
        return refuse(StatusWord::kReferencedDataNotFound);
    environment.keys.attach(domain.aid, place, KeyAttachment::kAuthority, *authority);
    return {};
}

Stored store_certificates(Environment& environment, DataBlocks& blocks, const Application& domain,
                          BytesView value) {
    auto place = std::exchange(blocks.key, std::nullopt);
    if (!place) return refuse(StatusWord::kWrongData);
    auto key = environment.keys.find(domain.aid, *place);
    const auto* number = key ? key->component(KeyType::kEcPrivate) : nullptr;
    if (number == nullptr || !is_agreement_key_id(place->id))
        return refuse(StatusWord::kReferencedDataNotFound);
    auto chain = crypto::GpCertificate::parse_all(value);
    if (!chain || chain->empty()) return refuse(StatusWord::kWrongData);
    // A certificate of another key would lead every host astray.
    const auto& certified = chain->back().key();
    auto curve = certified.curve();
    auto own = curve ? crypto::PrivateKey::ec(*curve, number->value) : std::unexpected(Error{});
    if (!own || own->public_key() != certified) return refuse(StatusWord::kWrongData);
    environment.keys.attach(domain.aid, *place, KeyAttachment::kCertificates, value);
    return {};
}

/// Of a session that can be replayed the counter must go up; elsewhere there is none (7.9).
Stored count_allowlist(Environment& environment, Channel& channel, const Application& domain,
                       KeyPlace place) {
    auto given = std::exchange(channel.data_blocks.counter, std::nullopt);
    if (!channel.replayable) {
        if (given) return refuse(StatusWord::kWrongData);
        return {};
    }
    auto value = given ? ByteReader(*given, "allowlist counter").u16() : std::unexpected(Error{});
    auto bytes = environment.keys.attachment(domain.aid, place, KeyAttachment::kAllowlistCounter);
    auto internal = bytes ? ByteReader(*bytes, "allowlist counter").u16().value() : 0;
    if (!value || *value <= internal || *value > kLastAllowlistCounter) return refuse(StatusWord::kWrongData);
    environment.keys.attach(domain.aid, place, KeyAttachment::kAllowlistCounter, *given);
    return {};
}

Stored store_allowlist(Environment& environment, Channel& channel, const Application& domain,
                       BytesView value) {
    auto place = std::exchange(channel.data_blocks.key, std::nullopt);
    if (!place) return refuse(StatusWord::kWrongData);
    auto key = environment.keys.find(domain.aid, *place);
    if (!key || !is_authority_key_id(place->id) || key->component(KeyType::kEcPublic) == nullptr)
        return refuse(StatusWord::kReferencedDataNotFound);
    auto numbers = read_all_tlv(value, "allowlist");
    bool valid = numbers && std::ranges::all_of(*numbers, [](const Tlv& object) {
                     return object.tag == kSerialNumber && !object.value.empty();
                 });
    if (!valid) return refuse(StatusWord::kWrongData);
    OTI_CHECK(count_allowlist(environment, channel, domain, *place));
    if (numbers->empty()) {
        environment.keys.detach(domain.aid, *place, KeyAttachment::kAllowlist);
    } else {
        environment.keys.attach(domain.aid, *place, KeyAttachment::kAllowlist, value);
    }
    ++environment.allowlist_changes;
    return {};
}

}  // namespace

Stored store_object(Environment& environment, Channel& channel, const Application& domain,
                    const Tlv& object) {
    auto& blocks = channel.data_blocks;
    auto plain = std::ranges::find(kPlainObjects, object.tag, &PlainObject::tag);
    if (plain != std::end(kPlainObjects)) {
        auto size = object.value.size();
        if (size < plain->min || size > plain->max || (plain->of_issuer_only && !domain.is_issuer_domain()))
            return refuse(StatusWord::kWrongData);
        environment.registry.put_data_object(domain.aid, object.tag, object.value);
        return {};
    }
    if (object.tag == 0x4F) {
        auto name = Aid::create(object.value);
        if (!name || !domain.is_issuer_domain()) return refuse(StatusWord::kWrongData);
        return rename_issuer(environment, *name);
    }
    bool administration = object.tag == kAdministrationParameters || object.tag == kAdministrationUpdate;
    if (administration && environment.profile.scp81_i)
        return store_administration_parameters(environment, domain, object);
    if (!channel_options(environment.profile, domain).scp11_i) return refuse(StatusWord::kWrongData);
    switch (object.tag) {
        case kReferenceTemplate:
            return store_reference(environment, blocks, domain, object.value);
        case kCertificateStore:
            return store_certificates(environment, blocks, domain, object.value);
        case kAllowlistCounter:
            if (object.value.size() != 2 || !blocks.key) return refuse(StatusWord::kWrongData);
            blocks.counter = to_bytes(object.value);
            return {};
        case kAllowlist:
            return store_allowlist(environment, channel, domain, object.value);
        default:
            return refuse(StatusWord::kWrongData);
    }
}

}  // namespace oti::card
