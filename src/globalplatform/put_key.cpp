// SPDX-License-Identifier: Apache-2.0
#include "globalplatform/put_key.h"

#include <algorithm>

#include "base/tlv.h"
#include "crypto/aes.h"
#include "crypto/triple_des.h"
#include "scp/diversification.h"

namespace oti::globalplatform {
namespace {

using crypto::SecretAccess;
using crypto::SecretBytes;

constexpr std::size_t kBlock = crypto::kAesBlock;
constexpr std::size_t kCheckValueSize = 3;

/// A secret component: padded with zeros to whole blocks, encrypted, its own length before it (table 11-70).
/// The length goes without where a triple DES key needs no padding: cards of 2.1.1 know no other form.
Result<Bytes> encrypted_component(const SecretBytes& value, bool may_omit_length,
                                  const scp::DataEncryption& encryption) {
    auto padded_size = (value.size() + kBlock - 1) / kBlock * kBlock;
    SecretBytes padded(padded_size);
    std::ranges::copy(value.view(SecretAccess::granted()), padded.writable(SecretAccess::granted()).begin());
    auto length = encode_length(value.size());
    if (may_omit_length) {
        // Whole blocks of DES may be no whole blocks of AES: which of the two it is, the encryption knows.
        if (auto whole = encryption.encrypt_sensitive(value.view(SecretAccess::granted()))) return whole;
    }
    OTI_TRY(auto encrypted, encryption.encrypt_sensitive(padded.view(SecretAccess::granted())));
    return concat(length, encrypted);
}

}  // namespace

Result<NewKey> NewKey::aes(const SecretBytes& key, std::optional<std::uint8_t> mac_size) {
    NewKey made;
    OTI_TRY(made.check_value_, scp::aes_key_check_value(key));
    made.components_.push_back({KeyType::kAes, key.clone(), true});
    if (mac_size) made.components_.back().attribute = {*mac_size};
    return made;
}

Result<NewKey> NewKey::des(const SecretBytes& key) {
    NewKey made;
    OTI_TRY(auto check, crypto::triple_des_ecb_encrypt(key, Bytes(8)));
    check.resize(kCheckValueSize);
    made.check_value_ = std::move(check);
    made.components_.push_back({KeyType::kDes, key.clone(), true});
    return made;
}

NewKey NewKey::rsa_public(BytesView modulus, BytesView exponent) {
    NewKey made;
    made.components_.push_back({KeyType::kRsaModulus, SecretBytes::copy_of(modulus)});
    made.components_.push_back({KeyType::kRsaExponent, SecretBytes::copy_of(exponent)});
    return made;
}

NewKey NewKey::ec_public(BytesView point, std::uint8_t parameters_reference) {
    NewKey made;
    made.components_.push_back({KeyType::kEcPublic, SecretBytes::copy_of(point)});
    made.components_.push_back(
        {KeyType::kEcParametersReference, SecretBytes::copy_of(Bytes{parameters_reference})});
    return made;
}

NewKey NewKey::ec_private(const SecretBytes& scalar, std::uint8_t parameters_reference) {
    NewKey made;
    made.components_.push_back({KeyType::kEcPrivate, scalar.clone(), true});
    made.components_.push_back(
        {KeyType::kEcParametersReference, SecretBytes::copy_of(Bytes{parameters_reference})});
    return made;
}

Result<Bytes> NewKey::encode(const scp::DataEncryption& encryption) const {
    Bytes field;
    for (const auto& component : components_) {
        auto value = component.value.view(SecretAccess::granted());
        Bytes block;
        if (component.secret) {
            bool may_omit_length = component.type == KeyType::kDes;
            OTI_TRY(block, encrypted_component(component.value, may_omit_length, encryption));
            append(block, component.attribute);
        } else {
            block = to_bytes(value);
        }
        field.push_back(static_cast<std::uint8_t>(component.type));
        append(field, encode_length(block.size()));
        append(field, block);
    }
    field.push_back(static_cast<std::uint8_t>(check_value_.size()));
    append(field, check_value_);
    return field;
}

Result<PutKey> put_keys(scp::KeyVersion replaced, scp::KeyVersion version, std::uint8_t first_identifier,
                        const std::vector<NewKey>& keys, const scp::DataEncryption& encryption) {
    constexpr unsigned kMultiple = 0x80;
    Bytes data{version.value()}, expected{version.value()};
    for (const auto& key : keys) {
        OTI_TRY(auto field, key.encode(encryption));
        append(data, field);
        append(expected, key.check_value());
    }
    auto p2 = first_identifier | (keys.size() > 1 ? kMultiple : 0U);
    return PutKey{{0x80, value(iso7816::Ins::kPutKey), replaced.value(), static_cast<std::uint8_t>(p2),
                   std::move(data), iso7816::kMaxShortNe},
                  std::move(expected)};
}

Result<PutKey> put_key(scp::KeyVersion replaced, scp::KeyVersion version, const scp::KeySet& keys,
                       const scp::DataEncryption& encryption) {
    std::vector<NewKey> all;
    for (const auto* key : {&keys.enc, &keys.mac, &keys.dek}) {
        OTI_TRY(auto made, NewKey::aes(*key));
        all.push_back(std::move(made));
    }
    return put_keys(replaced, version, 1, all, encryption);
}

Result<PutKey> put_packet_keys(scp::KeyVersion replaced, scp::KeyVersion version, const scp::KeySet& keys,
                               std::uint8_t mac_size, const scp::DataEncryption& encryption) {
    OTI_TRY(auto kic, NewKey::aes(keys.enc));
    OTI_TRY(auto kid, NewKey::aes(keys.mac, mac_size));
    OTI_TRY(auto dek, NewKey::aes(keys.dek));
    std::vector<NewKey> all;
    all.push_back(std::move(kic));
    all.push_back(std::move(kid));
    all.push_back(std::move(dek));
    return put_keys(replaced, version, 1, all, encryption);
}

}  // namespace oti::globalplatform
