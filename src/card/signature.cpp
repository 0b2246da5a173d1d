// SPDX-License-Identifier: Apache-2.0
#include "card/signature.h"

#include <algorithm>

#include "crypto/aes.h"
#include "crypto/private_key.h"
#include "crypto/triple_des.h"

namespace oti::card {
namespace {

using crypto::SecretAccess;
using crypto::SecretBytes;

constexpr std::size_t kDoubleDesKey = 16;

const SecretBytes* des_key(const StoredKey& key) {
    for (auto type : {KeyType::kTripleDes, KeyType::kTripleDesCbc}) {
        if (const auto* found = key.component(type)) return &found->value;
    }
    return nullptr;
}

std::optional<crypto::PublicKey> public_key(const StoredKey& key) {
    auto view = [](const KeyComponent* part) { return part->value.view(SecretAccess::granted()); };
    Result<crypto::PublicKey> result = fail(ErrorKind::kUsage, "key.invalid", "no public key");
    if (const auto* modulus = key.component(KeyType::kRsaModulus)) {
        const auto* exponent = key.component(KeyType::kRsaExponent);
        if (exponent) result = crypto::PublicKey::rsa(view(modulus), view(exponent));
    } else if (const auto* point = key.component(KeyType::kEcPublic)) {
        if (auto curve = key.curve()) result = crypto::PublicKey::ec(*curve, view(point));
    }
    if (!result) return std::nullopt;
    return std::move(*result);
}

/// The MAC of a symmetric key, if it is one.
std::optional<Bytes> symmetric_mac(const StoredKey& key, BytesView message) {
    if (const auto* aes = key.component(KeyType::kAes)) {
        auto mac = crypto::cmac(aes->value, message);
        return mac ? std::optional(to_bytes(*mac)) : std::nullopt;
    }
    if (const auto* des = des_key(key)) {
        auto retail = crypto::RetailMac::create(*des);
        return retail ? std::optional(to_bytes(retail->mac({}, message))) : std::nullopt;
    }
    return std::nullopt;
}

}  // namespace

crypto::SignatureAlgorithm SignatureRules::algorithm_of(const crypto::PublicKey& key) const {
    if (only_pkcs1_ && !key.curve()) return {crypto::SignatureScheme::kRsaPkcs1, crypto::Hash::kSha1};
    return key.card_algorithm();
}

bool SignatureRules::verify(const StoredKey& key, BytesView message, BytesView signature) const {
    if (auto mac = symmetric_mac(key, message)) {
        return crypto::equal_in_constant_time(*mac, signature);
    }
    auto asymmetric = public_key(key);
    return asymmetric && asymmetric->verify(algorithm_of(*asymmetric), message, signature);
}

std::optional<Bytes> SignatureRules::sign(const StoredKey& key, BytesView message) const {
    if (auto mac = symmetric_mac(key, message)) return mac;
    const auto* number = key.component(KeyType::kEcPrivate);
    auto curve = key.curve();
    if (!number || !curve) return std::nullopt;
    auto private_key = crypto::PrivateKey::ec(*curve, number->value);
    if (!private_key) return std::nullopt;
    auto signature = private_key->sign(algorithm_of(private_key->public_key()), message);
    return signature ? std::optional(std::move(*signature)) : std::nullopt;
}

std::size_t SignatureRules::least_hash_size(const StoredKey& key) const {
    auto asymmetric = public_key(key);
    return asymmetric ? crypto::digest_size(algorithm_of(*asymmetric).hash)
                      : least_hash_size_if_ciphered(key);
}

std::size_t least_hash_size_if_ciphered(const StoredKey& key) {
    // AES-128 goes with SHA-256, AES-192 with SHA-384, AES-256 with SHA-512.
    const auto* aes = key.component(KeyType::kAes);
    return aes ? 2 * aes->value.size() : crypto::digest_size(crypto::Hash::kSha1);
}

std::optional<Bytes> decrypt_load_file(const StoredKey& key, BytesView icv, BytesView ciphered) {
    const auto* aes_key = key.component(KeyType::kAes);
    const auto* des = des_key(key);
    auto block = aes_key ? crypto::kAesBlock : crypto::kDesBlock;
    if (ciphered.empty() || ciphered.size() % block != 0) return std::nullopt;
    if (!icv.empty() && icv.size() != block) return std::nullopt;
    Bytes plain(ciphered.size());
    if (aes_key) {
        auto aes = crypto::Aes::create(aes_key->value);
        if (!aes) return std::nullopt;
        crypto::AesBlock iv{};
        std::ranges::copy(icv, iv.begin());
        aes->cbc_decrypt(iv, ciphered, plain);
    } else if (des && des->size() == kDoubleDesKey) {
        auto triple = crypto::TripleDes::create(*des);
        if (!triple) return std::nullopt;
        crypto::DesBlock iv{};
        std::ranges::copy(icv, iv.begin());
        triple->cbc_decrypt(iv, ciphered, plain);
    } else {
        return std::nullopt;
    }
    // Padding of both is 80 and zeros, at most a block (B.1.3, B.2.3).
    auto last = std::find_if(plain.rbegin(), plain.rend(), [](auto byte) { return byte != 0; });
    auto padding = static_cast<std::size_t>(last - plain.rbegin()) + 1;
    if (last == plain.rend() || *last != 0x80 || padding > block) return std::nullopt;
    plain.resize(plain.size() - padding);
    return plain;
}

}  // namespace oti::card
