// SPDX-License-Identifier: Apache-2.0
#include "crypto/block_cipher.h"

#include "crypto/triple_des.h"

namespace oti::crypto {
namespace {

const EVP_CIPHER* aes_cipher(CipherMode mode, std::size_t key_size) {
    struct Ciphers {
        const EVP_CIPHER* (*by_mode[3])();
    };
    static const Ciphers k128{{EVP_aes_128_ecb, EVP_aes_128_cbc, EVP_aes_128_ctr}};
    static const Ciphers k192{{EVP_aes_192_ecb, EVP_aes_192_cbc, EVP_aes_192_ctr}};
    static const Ciphers k256{{EVP_aes_256_ecb, EVP_aes_256_cbc, EVP_aes_256_ctr}};
    auto index = static_cast<std::size_t>(mode);
    switch (key_size) {
        case 16:
            return k128.by_mode[index]();
        case 24:
            return k192.by_mode[index]();
        case 32:
            return k256.by_mode[index]();
        default:
            return nullptr;
    }
}

std::unexpected<Error> refused(std::string code, std::string why) {
    return fail(ErrorKind::kUsage, std::move(code), std::move(why));
}

}  // namespace

std::size_t block_size(BlockAlgorithm algorithm) {
    return algorithm == BlockAlgorithm::kAes ? 16 : kDesBlock;
}

Result<BlockCipher> BlockCipher::create(BlockAlgorithm algorithm, CipherMode mode, Direction direction,
                                        const SecretBytes& key, BytesView iv) {
    const EVP_CIPHER* type = nullptr;
    SecretBytes whole_key;
    if (algorithm == BlockAlgorithm::kAes) {
        type = aes_cipher(mode, key.size());
        if (type == nullptr) return refused("key.length", "an AES key has 16, 24 or 32 bytes");
        whole_key = key.clone();
    } else {
        if (mode == CipherMode::kCtr) return refused("cipher.mode", "DES has no counter mode here");
        OTI_TRY(whole_key, triple_des_key(key));
        type = mode == CipherMode::kEcb ? EVP_des_ede3_ecb() : EVP_des_ede3_cbc();
    }
    auto wanted = mode == CipherMode::kEcb ? 0 : block_size(algorithm);
    if (iv.size() != wanted) return refused("cipher.iv", "the initial vector is not one block");
    EvpCipherCtx context(EVP_CIPHER_CTX_new());
    must(context != nullptr &&
         EVP_CipherInit_ex(context.get(), type, nullptr, whole_key.view(SecretAccess::granted()).data(),
                           iv.empty() ? nullptr : iv.data(), direction == Direction::kEncrypt ? 1 : 0) == 1);
    EVP_CIPHER_CTX_set_padding(context.get(), 0);
    return BlockCipher(std::move(context), mode == CipherMode::kCtr ? 1 : block_size(algorithm));
}

Bytes BlockCipher::update(BytesView part) {
    if (part.empty()) return {};
    Bytes out(part.size() + block_);
    int written = 0;
    must(EVP_CipherUpdate(context_.get(), out.data(), &written, part.data(), static_cast<int>(part.size())) ==
         1);
    waiting_ = (waiting_ + part.size()) % block_;
    out.resize(static_cast<std::size_t>(written));
    return out;
}

}  // namespace oti::crypto
