// SPDX-License-Identifier: Apache-2.0
#include "crypto/aes.h"

#include <fmt/format.h>
#include <openssl/core_names.h>

#include <cassert>

namespace oti::crypto {
namespace {

struct AesNames {
    const EVP_CIPHER* ecb;
    const EVP_CIPHER* cbc;
    const char* cbc_name;
};

Result<AesNames> names_for(std::size_t key_size) {
    switch (key_size) {
        case 16:
            return AesNames{EVP_aes_128_ecb(), EVP_aes_128_cbc(), "AES-128-CBC"};
        case 24:
            return AesNames{EVP_aes_192_ecb(), EVP_aes_192_cbc(), "AES-192-CBC"};
        case 32:
            return AesNames{EVP_aes_256_ecb(), EVP_aes_256_cbc(), "AES-256-CBC"};
        default:
            return fail(ErrorKind::kUsage, "key.length",
                        fmt::format("an AES key has 16, 24 or 32 bytes, this one has {}", key_size));
    }
}

EvpCipherCtx cipher(const EVP_CIPHER* type, const SecretBytes& key, bool encrypt) {
    EvpCipherCtx context(EVP_CIPHER_CTX_new());
    must(context != nullptr);
    must(EVP_CipherInit_ex(context.get(), type, nullptr, key.view(SecretAccess::granted()).data(), nullptr,
                           encrypt ? 1 : 0) == 1);
    EVP_CIPHER_CTX_set_padding(context.get(), 0);
    return context;
}

void run(EVP_CIPHER_CTX* context, BytesView in, std::span<std::uint8_t> out) {
    assert(in.size() % kAesBlock == 0 && out.size() == in.size());
    int written = 0;
    must(EVP_CipherUpdate(context, out.data(), &written, in.data(), static_cast<int>(in.size())) == 1);
}

}  // namespace

Result<Aes> Aes::create(const SecretBytes& key) {
    OTI_TRY(auto names, names_for(key.size()));
    Aes aes;
    aes.ecb_ = cipher(names.ecb, key, true);
    aes.cbc_encrypt_ = cipher(names.cbc, key, true);
    aes.cbc_decrypt_ = cipher(names.cbc, key, false);
    return aes;
}

void Aes::ecb_encrypt(BytesView in, std::span<std::uint8_t> out) const {
    run(ecb_.get(), in, out);
}

void Aes::cbc_encrypt(const AesBlock& iv, BytesView in, std::span<std::uint8_t> out) const {
    must(EVP_EncryptInit_ex(cbc_encrypt_.get(), nullptr, nullptr, nullptr, iv.data()) == 1);
    run(cbc_encrypt_.get(), in, out);
}

void Aes::cbc_decrypt(const AesBlock& iv, BytesView in, std::span<std::uint8_t> out) const {
    must(EVP_DecryptInit_ex(cbc_decrypt_.get(), nullptr, nullptr, nullptr, iv.data()) == 1);
    run(cbc_decrypt_.get(), in, out);
}

Result<Cmac> Cmac::create(const SecretBytes& key) {
    OTI_TRY(auto names, names_for(key.size()));
    // Fetching an algorithm costs more than a MAC; it is done once for the program.
    static EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "CMAC", nullptr);
    must(algorithm != nullptr);
    Cmac mac;
    mac.context_.reset(EVP_MAC_CTX_new(algorithm));
    must(mac.context_ != nullptr);
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, const_cast<char*>(names.cbc_name), 0),
        OSSL_PARAM_construct_end(),
    };
    must(EVP_MAC_init(mac.context_.get(), key.view(SecretAccess::granted()).data(), key.size(), parameters) ==
         1);
    return mac;
}

void Cmac::update(BytesView part) {
    must(EVP_MAC_update(context_.get(), part.data(), part.size()) == 1);
}

AesBlock Cmac::finish() {
    AesBlock mac;
    std::size_t size = 0;
    must(EVP_MAC_final(context_.get(), mac.data(), &size, mac.size()) == 1 && size == mac.size());
    must(EVP_MAC_init(context_.get(), nullptr, 0, nullptr) == 1);
    return mac;
}

Result<AesBlock> cmac(const SecretBytes& key, BytesView message) {
    OTI_TRY(auto mac, Cmac::create(key));
    mac.update(message);
    return mac.finish();
}

}  // namespace oti::crypto
