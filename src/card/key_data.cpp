// SPDX-License-Identifier: Apache-2.0
#include "card/key_data.h"

#include <algorithm>

#include "crypto/aes.h"
#include "crypto/curve_parameters.h"
#include "crypto/digest.h"
#include "crypto/private_key.h"
#include "crypto/public_key.h"
#include "crypto/triple_des.h"

namespace oti::card {
namespace {

using crypto::SecretAccess;
using crypto::SecretBytes;
using iso7816::StatusWord;

constexpr std::uint8_t kExtendedFormat = 0xFF, kLeastKeyType = 0x80;
constexpr std::size_t kCheckValue = 3, kTripleDesKey = 16, kMinPsk = 16, kMaxPsk = 64, kStoredComponents = 2,
                      kMaxComponents = 8;
/// What GPCS 2.2.1 has for 6A80 and for 6982.
constexpr StatusWord kAlgorithmNotSupported{0x9484}, kInvalidCheckValue{0x9485};

std::unexpected<StatusWord> refuse(StatusWord sw) {
    return std::unexpected(sw);
}

/// BER, or `80` alone for 128 (11.8.2.3.1).
std::expected<std::size_t, StatusWord> read_length(ByteReader& reader) {
    auto first = reader.u8();
    if (!first || *first > 0x82) return refuse(StatusWord::kWrongData);
    if (*first <= 0x80) return *first;
    if (*first == 0x81) {
        auto length = reader.u8();
        if (!length) return refuse(StatusWord::kWrongData);
        return *length;
    }
    auto length = reader.u16();
    if (!length) return refuse(StatusWord::kWrongData);
    return *length;
}

BytesView view(const KeyComponent& component) {
    return component.value.view(SecretAccess::granted());
}

bool is_part_of_curve(const KeyComponent& component) {
    return component.type >= KeyType::kEcFieldP && component.type <= KeyType::kEcCofactor;
}

bool is_known(std::uint8_t type, bool old_card) {
    switch (static_cast<KeyType>(type)) {
        case KeyType::kTripleDes:
        case KeyType::kAes:
        case KeyType::kRsaExponent:
        case KeyType::kRsaModulus:
        case KeyType::kEcPublic:
        case KeyType::kEcPrivate:
        case KeyType::kEcFieldP:
        case KeyType::kEcFieldA:
        case KeyType::kEcFieldB:
        case KeyType::kEcGenerator:
        case KeyType::kEcOrder:
        case KeyType::kEcCofactor:
        case KeyType::kEcParameters:
            return true;
        case KeyType::kTripleDesCbc:
            return old_card;
        case KeyType::kPskTls:
            return !old_card;
        default:
            return false;
    }
}

}  // namespace

Bytes key_check_value(const KeyComponent& component) {
    Bytes block;
    if (component.type == KeyType::kPskTls) {
        block = crypto::digest(crypto::Hash::kSha1, view(component));
    } else if (component.type == KeyType::kAes) {
        block.assign(crypto::kAesBlock, 0x01);
        auto aes = crypto::Aes::create(component.value);
        if (!aes) return {};
        aes->ecb_encrypt(block, block);
    } else if (is_symmetric(component.type)) {
        block.assign(crypto::kDesBlock, 0x00);
        auto des = crypto::TripleDes::create(component.value);
        if (!des) return {};
        des->ecb_encrypt(block, block);
    }
    block.resize(std::min(block.size(), kCheckValue));
    return block;
}

bool is_valid_key(const StoredKey& key) {
    if (key.components.size() == 1) {
        const auto& only = key.components.front();
        auto size = only.value.size();
        if (only.type == KeyType::kAes) return size == 16 || size == 24 || size == 32;
        if (only.type == KeyType::kPskTls) return size >= kMinPsk && size <= kMaxPsk;
        return is_symmetric(only.type) && size == kTripleDesKey;
    }
    if (key.components.size() != kStoredComponents) return false;
    const auto* modulus = key.component(KeyType::kRsaModulus);
    const auto* exponent = key.component(KeyType::kRsaExponent);
    if (modulus != nullptr && exponent != nullptr) {
        return crypto::PublicKey::rsa(view(*modulus), view(*exponent)).has_value();
    }
    auto curve = key.curve();
    if (!curve) return false;
    if (const auto* point = key.component(KeyType::kEcPublic)) {
        return crypto::PublicKey::ec(*curve, view(*point)).has_value();
    }
    const auto* number = key.component(KeyType::kEcPrivate);
    return number != nullptr && crypto::PrivateKey::ec(*curve, number->value).has_value();
}

bool have_same_characteristics(const StoredKey& a, const StoredKey& b) {
    if (a.components.size() != b.components.size()) return false;
    return std::ranges::all_of(a.components, [&](const KeyComponent& component) {
        const auto* other = b.component(component.type);
        if (other == nullptr) return false;
        // An exponent has the length that its value needs.
        if (component.type == KeyType::kRsaExponent) return true;
        if (component.type == KeyType::kEcParameters) return same(view(component), view(*other));
        return component.value.size() == other->value.size();
    });
}

std::unexpected<StatusWord> KeyDataReader::not_supported() const {
    return refuse(old_card_ ? kAlgorithmNotSupported : StatusWord::kWrongData);
}

std::unexpected<StatusWord> KeyDataReader::wrong_check_value() const {
    return refuse(old_card_ ? kInvalidCheckValue : StatusWord::kSecurityStatus);
}

/// The Key Component Block (11.8.2.3.2), its type being read already.
std::expected<KeyComponent, StatusWord> KeyDataReader::component(std::uint8_t type, bool has_mac_size) {
    OTI_TRY(auto size, read_length(reader_));
    auto block = reader_.take(size);
    if (!block || block->empty()) return refuse(StatusWord::kWrongData);
    if (!is_known(type, old_card_)) return not_supported();
    KeyComponent component{static_cast<KeyType>(type), {}};
    if (!is_secret(component.type)) {
        component.value = SecretBytes::copy_of(*block);
        return component;
    }
    // A length that is not one of whole blocks says that the first bytes are the length of the key itself.
    ByteReader inner(*block, "key component");
    auto unit = session_.sensitive_block_size();
    auto key_size = block->size();
    if (block->size() % unit != 0) {
        OTI_TRY(key_size, read_length(inner));
        auto padded = (key_size + unit - 1) / unit * unit;
        if (key_size == 0) return refuse(StatusWord::kWrongData);
        auto encrypted = inner.take(padded);
        if (!encrypted) return refuse(StatusWord::kWrongData);
        if (has_mac_size && component.type == KeyType::kAes && inner.remaining() == 1) {
            mac_size_ = inner.u8().value();
            if (mac_size_ != 4 && mac_size_ != 8) return refuse(StatusWord::kWrongData);
        }
        if (!inner.empty()) return refuse(StatusWord::kWrongData);
        inner = ByteReader(*encrypted, "key component");
    }
    OTI_TRY(auto decrypted, session_.decrypt_sensitive(inner.take_rest()));
    component.value = SecretBytes::copy_of(decrypted.view(SecretAccess::granted()).first(key_size));
    return component;
}

/// A key with the parameters of a curve that is here (table 11-74) becomes one that refers to it. Curves of
/// its own it cannot have.
std::expected<void, StatusWord> KeyDataReader::recognise_curve(StoredKey& key) const {
    if (std::ranges::none_of(key.components, is_part_of_curve)) return {};
    auto part = [&](KeyType type) {
        const auto* found = key.component(type);
        return found ? to_bytes(view(*found)) : Bytes{};
    };
    crypto::CurveParameters given{part(KeyType::kEcFieldP), part(KeyType::kEcFieldA),
                                  part(KeyType::kEcFieldB), part(KeyType::kEcGenerator),
                                  part(KeyType::kEcOrder),  part(KeyType::kEcCofactor)};
    // The only one that may be left out; that of all curves here is 1.
    if (given.cofactor.empty()) given.cofactor = {1};
    auto curve = crypto::curve_of_parameters(given);
    if (!curve || key.component(KeyType::kEcParameters) != nullptr) return not_supported();
    std::erase_if(key.components, is_part_of_curve);
    key.components.push_back(
        {KeyType::kEcParameters, SecretBytes::copy_of(Bytes{static_cast<std::uint8_t>(*curve)})});
    return {};
}

std::expected<void, StatusWord> KeyDataReader::check(const NewKey& fresh) const {
    const auto& first = fresh.key.components.front();
    if (!is_valid_key(fresh.key)) return not_supported();
    // No check mechanism is defined for RSA and EC keys (11.8.2.3.5, 11.8.2.3.6).
    if (!is_symmetric(first.type) && first.type != KeyType::kPskTls) {
        if (!fresh.check_value.empty()) return refuse(StatusWord::kWrongData);
        return {};
    }
    if (fresh.check_value.empty()) {
        // Of earlier versions it was optional.
        if (!old_card_) return refuse(StatusWord::kWrongData);
        return {};
    }
    if (!same(fresh.check_value, key_check_value(first))) return wrong_check_value();
    return {};
}

std::expected<NewKey, StatusWord> KeyDataReader::next(bool has_mac_size) {
    NewKey fresh;
    mac_size_.reset();
    auto first = reader_.u8();
    if (!first || *first < kLeastKeyType) return refuse(StatusWord::kWrongData);
    bool extended = *first == kExtendedFormat;
    auto byte = *first;
    // Types are above 7F, the length of the check value is not.
    while (byte >= kLeastKeyType) {
        if ((byte == kExtendedFormat) != extended || fresh.key.components.size() == kMaxComponents)
            return refuse(StatusWord::kWrongData);
        auto type = extended ? reader_.u8() : Result<std::uint8_t>(byte);
        if (!type) return refuse(StatusWord::kWrongData);
        OTI_TRY(auto part, component(*type, has_mac_size));
        if (fresh.key.component(part.type) != nullptr) return refuse(StatusWord::kWrongData);
        fresh.key.components.push_back(std::move(part));
        auto next = reader_.u8();
        if (!next) return refuse(StatusWord::kWrongData);
        byte = *next;
    }
    auto check_value = reader_.take(byte);
    if (!check_value) return refuse(StatusWord::kWrongData);
    fresh.check_value = to_bytes(*check_value);
    if (extended) {
        auto usage = reader_.take_lv();
        auto access = usage ? reader_.take_lv() : usage;
        if (!access || usage->size() > 2 || access->size() > 1) return refuse(StatusWord::kWrongData);
        fresh.key.usage = to_bytes(*usage);
        if (!access->empty()) fresh.key.access = access->front();
        if (fresh.key.access.value_or(kForAll) > kForApplicationsOnly) return refuse(StatusWord::kWrongData);
    }
    fresh.key.mac_size = mac_size_;
    OTI_CHECK(recognise_curve(fresh.key));
    OTI_CHECK(check(fresh));
    return fresh;
}

}  // namespace oti::card
