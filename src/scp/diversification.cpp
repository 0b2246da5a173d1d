// SPDX-License-Identifier: Apache-2.0
#include "scp/diversification.h"

#include "crypto/aes.h"
#include "crypto/kdf.h"
#include "crypto/triple_des.h"

namespace oti::scp {
namespace {

/// Six chosen bytes of the KDD, `F0 k`, the six bytes again, `0F k`: what triple DES encrypts to key number
/// k.
Result<crypto::SecretBytes> triple_des_derived(const crypto::SecretBytes& master, BytesView six,
                                               std::uint8_t k) {
    if (master.size() != 16) {
        return fail(ErrorKind::kUsage, "key.length",
                    "VISA2 and EMV diversification need a 16-byte master key");
    }
    auto input = concat(six, Bytes{0xF0, k}, six, Bytes{0x0F, k});
    OTI_TRY(auto key, crypto::triple_des_ecb_encrypt(master, input));
    return crypto::SecretBytes::take(std::move(key));
}

Result<crypto::SecretBytes> derived(const crypto::SecretBytes& master, Diversification how, BytesView kdd,
                                    std::uint8_t k) {
    switch (how) {
        case Diversification::kNone:
            return master.clone();
        case Diversification::kVisa2:
            return triple_des_derived(master, concat(kdd.first(2), kdd.subspan(4, 4)), k);
        case Diversification::kEmv:
            return triple_des_derived(master, kdd.subspan(4, 6), k);
        case Diversification::kKdf3:
            return crypto::kdf_counter_cmac(master, {}, concat(Bytes{0, 0, 0, k, 0}, kdd), master.size());
    }
    return fail(ErrorKind::kInternal, "kdf.unknown", "unknown diversification");
}

}  // namespace

Result<Diversification> parse_diversification(std::string_view name) {
    if (name == "none") return Diversification::kNone;
    if (name == "visa2") return Diversification::kVisa2;
    if (name == "emv") return Diversification::kEmv;
    if (name == "kdf3") return Diversification::kKdf3;
    return fail(ErrorKind::kUsage, "kdf.unknown", "unknown key diversification '" + std::string(name) + "'",
                "use none, visa2, emv or kdf3");
}

Result<KeySet> diversify(const KeySet& master, Diversification how, BytesView kdd) {
    if (how != Diversification::kNone && kdd.size() != 10) {
        return fail(ErrorKind::kUsage, "kdf.kdd", "key diversification data has 10 bytes");
    }
    KeySet keys;
    OTI_TRY(keys.enc, derived(master.enc, how, kdd, 1));
    OTI_TRY(keys.mac, derived(master.mac, how, kdd, 2));
    OTI_TRY(keys.dek, derived(master.dek, how, kdd, 3));
    return keys;
}

Result<Bytes> aes_key_check_value(const crypto::SecretBytes& key) {
    OTI_TRY(auto aes, crypto::Aes::create(key));
    crypto::AesBlock block;
    block.fill(0x01);
    aes.ecb_encrypt(block, block);
    return Bytes{block[0], block[1], block[2]};
}

}  // namespace oti::scp
