// SPDX-License-Identifier: Apache-2.0
#include "globalplatform/key_information.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/tlv.h"
#include "globalplatform/names.h"
#include "globalplatform/put_key.h"

namespace oti::globalplatform {
namespace {

constexpr Tag kTemplate = 0xE0, kKey = 0xC0;
constexpr std::uint8_t kExtended = 0xFF;

/// Type and length, or type F0 and a reference to a curve.
KeyComponentInformation component(std::uint8_t type, std::uint16_t length) {
    if (type != static_cast<std::uint8_t>(KeyType::kEcParametersReference)) return {type, length};
    return {type, 0, length};
}

Status read_basic(ByteReader& reader, KeyInformation& key) {
    while (!reader.empty()) {
        OTI_TRY(auto type, reader.u8());
        OTI_TRY(auto length, reader.u8());
        key.components.push_back(component(type, length));
    }
    return {};
}

/// Components with types and lengths of two bytes, then usage and access, each a length (0 or 1, on some
/// cards 2) and its value. Standardized types are 80 and above, so the two are told apart; some cards leave
/// out the FF of all components but the first.
Status read_extended(ByteReader& reader, KeyInformation& key) {
    constexpr std::uint8_t kFirstType = 0x80;
    while (!reader.empty()) {
        auto look = reader;
        OTI_TRY(auto type, look.u8());
        if (type < kFirstType) break;
        if (type == kExtended) {
            OTI_TRY(type, look.u8());
        }
        OTI_TRY(auto length, look.u16());
        reader = look;
        key.components.push_back(component(type, length));
    }
    for (auto* attribute : {&key.usage, &key.access}) {
        if (reader.empty()) return {};
        OTI_TRY(auto value, reader.take_lv());
        if (!value.empty()) *attribute = value.front();
    }
    return reader.expect_end();
}

bool is(const KeyComponentInformation& component, KeyType type) {
    return component.type == static_cast<std::uint8_t>(type);
}

std::string_view curve_name(unsigned reference) {
    switch (reference) {
        case 0x00:
            return "P-256";
        case 0x01:
            return "P-384";
        case 0x02:
            return "P-521";
        case 0x03:
            return "brainpoolP256r1";
        case 0x04:
            return "brainpoolP256t1";
        case 0x05:
            return "brainpoolP384r1";
        case 0x06:
            return "brainpoolP384t1";
        case 0x07:
            return "brainpoolP512r1";
        case 0x08:
            return "brainpoolP512t1";
        default:
            return "EC";
    }
}

std::string symmetric(std::string_view algorithm, std::size_t length) {
    return length == 0 ? std::string(algorithm) : fmt::format("{}-{}", algorithm, length * 8);
}

}  // namespace

Result<std::vector<KeyInformation>> parse_key_information(BytesView object) {
    ByteReader reader(object, "key information");
    OTI_TRY(auto outer, read_tlv(reader));
    OTI_CHECK(reader.expect_end());
    if (outer.tag != kTemplate) return reader.invalid("the tag is not E0");
    OTI_TRY(auto objects, read_all_tlv(outer.value, "key information"));
    std::vector<KeyInformation> keys;
    for (const auto& item : objects) {
        if (item.tag != kKey) continue;
        ByteReader fields(item.value, "key information");
        KeyInformation key;
        // An empty entry is a key that is not there.
        if (fields.empty()) continue;
        OTI_TRY(key.identifier, fields.u8());
        OTI_TRY(key.version, fields.u8());
        auto look = fields;
        bool extended = look.u8().value_or(0) == kExtended;
        OTI_CHECK(extended ? read_extended(fields, key) : read_basic(fields, key));
        keys.push_back(std::move(key));
    }
    return keys;
}

std::string describe(const KeyInformation& key) {
    if (key.components.empty()) return "a key of unknown type";
    const auto& first = key.components.front();
    auto reference = std::ranges::find_if(
        key.components, [](const auto& component) { return component.parameters_reference.has_value(); });
    auto curve = reference == key.components.end() ? "EC" : curve_name(*reference->parameters_reference);
    if (is(first, KeyType::kAes)) return symmetric("AES", first.length);
    if (is(first, KeyType::kDes)) return "triple DES";
    if (is(first, KeyType::kEcPublic)) return fmt::format("{} public key", curve);
    if (is(first, KeyType::kEcPrivate)) return fmt::format("{} private key", curve);
    auto modulus = std::ranges::find_if(key.components, [](const auto& component) {
        return is(component, KeyType::kRsaModulus) && component.length != 0;
    });
    bool is_rsa = first.type == 0xA0 || first.type == 0xA1;
    if (is_rsa) {
        return modulus == key.components.end() ? "RSA public key"
                                               : fmt::format("RSA-{} public key", modulus->length * 8);
    }
    return key_type_name(first.type);
}

}  // namespace oti::globalplatform
