// SPDX-License-Identifier: Apache-2.0
#include "crypto/aead.h"

namespace oti::crypto {
namespace {

std::unexpected<Error> refused(std::string code, std::string why) {
    ERR_clear_error();
    return fail(ErrorKind::kUsage, std::move(code), std::move(why));
}

template <typename By128, typename By192, typename By256>
const EVP_CIPHER* by_key_size(std::size_t size, By128 k128, By192 k192, By256 k256) {
    switch (size) {
        case 16:
            return k128();
        case 24:
            return k192();
        case 32:
            return k256();
        default:
            return nullptr;
    }
}

constexpr std::size_t kMinNonce = 7, kMaxNonce = 13;

}  // namespace

Result<Gcm> Gcm::create(Direction direction, const SecretBytes& key, BytesView iv) {
    const auto* type = by_key_size(key.size(), EVP_aes_128_gcm, EVP_aes_192_gcm, EVP_aes_256_gcm);
    if (type == nullptr) return refused("key.length", "an AES key has 16, 24 or 32 bytes");
    EvpCipherCtx context(EVP_CIPHER_CTX_new());
    auto encrypt = direction == Direction::kEncrypt ? 1 : 0;
    must(context != nullptr &&
         EVP_CipherInit_ex(context.get(), type, nullptr, nullptr, nullptr, encrypt) == 1);
    bool made = !iv.empty() &&
                EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_IVLEN, static_cast<int>(iv.size()),
                                    nullptr) == 1 &&
                EVP_CipherInit_ex(context.get(), nullptr, nullptr, key.view(SecretAccess::granted()).data(),
                                  iv.data(), encrypt) == 1;
    if (!made) return refused("cipher.iv", "no initial vector for this mode");
    return Gcm(std::move(context));
}

void Gcm::authenticate(BytesView part) {
    int written = 0;
    if (part.empty()) return;
    must(EVP_CipherUpdate(context_.get(), nullptr, &written, part.data(), static_cast<int>(part.size())) ==
         1);
}

Bytes Gcm::update(BytesView part) {
    if (part.empty()) return {};
    Bytes out(part.size());
    int written = 0;
    must(EVP_CipherUpdate(context_.get(), out.data(), &written, part.data(), static_cast<int>(part.size())) ==
         1);
    return out;
}

std::array<std::uint8_t, kAeadTag> Gcm::tag() {
    std::array<std::uint8_t, kAeadTag> tag{};
    int written = 0;
    must(EVP_CipherFinal_ex(context_.get(), tag.data(), &written) == 1 &&
         EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, kAeadTag, tag.data()) == 1);
    return tag;
}

Result<Bytes> ccm_tag(const SecretBytes& key, const CcmMessage& message) {
    const auto* type = by_key_size(key.size(), EVP_aes_128_ccm, EVP_aes_192_ccm, EVP_aes_256_ccm);
    if (type == nullptr) return refused("key.length", "an AES key has 16, 24 or 32 bytes");
    bool sound = message.nonce.size() >= kMinNonce && message.nonce.size() <= kMaxNonce &&
                 message.tag_size >= 4 && message.tag_size <= kAeadTag && message.tag_size % 2 == 0;
    EvpCipherCtx context(EVP_CIPHER_CTX_new());
    must(context != nullptr);
    auto* ctx = context.get();
    int written = 0;
    Bytes encrypted(message.plain.size() + 1);
    auto plain = message.plain.empty() ? encrypted.data() : message.plain.data();
    sound =
        sound && EVP_EncryptInit_ex(ctx, type, nullptr, nullptr, nullptr) == 1 &&
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, static_cast<int>(message.nonce.size()), nullptr) ==
            1 &&
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(message.tag_size), nullptr) == 1 &&
        EVP_EncryptInit_ex(ctx, nullptr, nullptr, key.view(SecretAccess::granted()).data(),
                           message.nonce.data()) == 1 &&
        EVP_EncryptUpdate(ctx, nullptr, &written, nullptr, static_cast<int>(message.plain.size())) == 1;
    if (sound && !message.authenticated.empty()) {
        sound = EVP_EncryptUpdate(ctx, nullptr, &written, message.authenticated.data(),
                                  static_cast<int>(message.authenticated.size())) == 1;
    }
    Bytes tag(message.tag_size);
    sound = sound &&
            EVP_EncryptUpdate(ctx, encrypted.data(), &written, plain,
                              static_cast<int>(message.plain.size())) == 1 &&
            EVP_EncryptFinal_ex(ctx, encrypted.data(), &written) == 1 &&
            EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, static_cast<int>(tag.size()), tag.data()) == 1;
    if (!sound) return refused("ccm.parameters", "no message for CCM");
    return tag;
}

Result<BlockCipher> ccm_stream(const SecretBytes& key, BytesView nonce) {
    if (nonce.size() < kMinNonce || nonce.size() > kMaxNonce) {
        return refused("ccm.parameters", "a nonce for CCM has 7 to 13 bytes");
    }
    // RFC 3610, 2.3: A_1, whose first byte is one less than the size of the counter.
    std::array<std::uint8_t, 16> counter{};
    counter[0] = static_cast<std::uint8_t>(14 - nonce.size());
    std::ranges::copy(nonce, counter.begin() + 1);
    counter[15] = 1;
    return BlockCipher::create(BlockAlgorithm::kAes, CipherMode::kCtr, Direction::kEncrypt, key, counter);
}

}  // namespace oti::crypto
