// SPDX-License-Identifier: Apache-2.0
#include "crypto/triple_des.h"

#include <fmt/format.h>

#include <cassert>

namespace oti::crypto {
namespace {

EvpCipherCtx cipher(const EVP_CIPHER* type, BytesView key, bool encrypt) {
    EvpCipherCtx context(EVP_CIPHER_CTX_new());
    must(context != nullptr);
    must(EVP_CipherInit_ex(context.get(), type, nullptr, key.data(), nullptr, encrypt ? 1 : 0) == 1);
    EVP_CIPHER_CTX_set_padding(context.get(), 0);
    return context;
}

void run(EVP_CIPHER_CTX* context, BytesView in, std::span<std::uint8_t> out) {
    assert(in.size() % kDesBlock == 0 && out.size() == in.size());
    int written = 0;
    must(EVP_CipherUpdate(context, out.data(), &written, in.data(), static_cast<int>(in.size())) == 1);
}

/// With an IV of its own; the key stays.
void restart(EVP_CIPHER_CTX* context, const DesBlock& iv) {
    must(EVP_CipherInit_ex(context, nullptr, nullptr, nullptr, iv.data(), -1) == 1);
}

}  // namespace

Result<SecretBytes> triple_des_key(const SecretBytes& key) {
    auto bytes = key.view(SecretAccess::granted());
    // OpenSSL has single DES in its legacy provider only.
    switch (key.size()) {
        case 8:
            return SecretBytes::take(concat(bytes, bytes, bytes));
        case 16:
            return SecretBytes::take(concat(bytes, bytes.first(kDesBlock)));
        case 24:
            return key.clone();
        default:
            return fail(ErrorKind::kUsage, "key.length",
                        fmt::format("a triple DES key has 16 or 24 bytes, this one has {}", key.size()));
    }
}

Result<TripleDes> TripleDes::create(const SecretBytes& key) {
    OTI_TRY(auto three_parts, triple_des_key(key));
    auto parts = three_parts.view(SecretAccess::granted());
    TripleDes des;
    des.ecb_encrypt_ = cipher(EVP_des_ede3_ecb(), parts, true);
    des.ecb_decrypt_ = cipher(EVP_des_ede3_ecb(), parts, false);
    des.cbc_encrypt_ = cipher(EVP_des_ede3_cbc(), parts, true);
    des.cbc_decrypt_ = cipher(EVP_des_ede3_cbc(), parts, false);
    return des;
}

void TripleDes::ecb_encrypt(BytesView in, std::span<std::uint8_t> out) const {
    run(ecb_encrypt_.get(), in, out);
}

void TripleDes::ecb_decrypt(BytesView in, std::span<std::uint8_t> out) const {
    run(ecb_decrypt_.get(), in, out);
}

void TripleDes::cbc_encrypt(const DesBlock& iv, BytesView in, std::span<std::uint8_t> out) const {
    restart(cbc_encrypt_.get(), iv);
    run(cbc_encrypt_.get(), in, out);
}

void TripleDes::cbc_decrypt(const DesBlock& iv, BytesView in, std::span<std::uint8_t> out) const {
    restart(cbc_decrypt_.get(), iv);
    run(cbc_decrypt_.get(), in, out);
}

DesBlock TripleDes::mac(const DesBlock& iv, BytesView message) const {
    auto padded = des_padded(message);
    cbc_encrypt(iv, padded, padded);
    DesBlock mac;
    std::copy_n(padded.end() - kDesBlock, kDesBlock, mac.begin());
    return mac;
}

Result<RetailMac> RetailMac::create(const SecretBytes& key) {
    if (key.size() != 16) {
        return fail(ErrorKind::kUsage, "key.length",
                    fmt::format("a key of two parts has 16 bytes, this one has {}", key.size()));
    }
    auto first = SecretBytes::copy_of(key.view(SecretAccess::granted()).first(kDesBlock));
    OTI_TRY(auto single, TripleDes::create(first));
    OTI_TRY(auto final, TripleDes::create(key));
    return RetailMac(std::move(single), std::move(final));
}

DesBlock RetailMac::mac(const DesBlock& iv, BytesView message) const {
    auto padded = des_padded(message);
    auto head = std::span(padded).first(padded.size() - kDesBlock);
    auto last = std::span(padded).last(kDesBlock);
    DesBlock chaining = iv;
    if (!head.empty()) {
        single_.cbc_encrypt(iv, head, head);
        std::copy_n(head.end() - kDesBlock, kDesBlock, chaining.begin());
    }
    DesBlock mac;
    final_.cbc_encrypt(chaining, last, mac);
    return mac;
}

DesBlock RetailMac::encrypt_block(const DesBlock& block) const {
    DesBlock out;
    single_.ecb_encrypt(block, out);
    return out;
}

Bytes des_padded(BytesView message) {
    Bytes padded;
    padded.reserve((message.size() / kDesBlock + 1) * kDesBlock);
    append(padded, message);
    padded.push_back(0x80);
    padded.resize((message.size() / kDesBlock + 1) * kDesBlock);
    return padded;
}

std::optional<Bytes> des_unpadded(BytesView padded) {
    if (padded.empty() || padded.size() % kDesBlock != 0) return std::nullopt;
    for (std::size_t back = 1; back <= kDesBlock; ++back) {
        auto byte = padded[padded.size() - back];
        if (byte == 0x80) return to_bytes(padded.first(padded.size() - back));
        if (byte != 0x00) break;
    }
    return std::nullopt;
}

Result<Bytes> triple_des_ecb_encrypt(const SecretBytes& key, BytesView in) {
    if (key.size() != 16 && key.size() != 24) {
        return fail(ErrorKind::kUsage, "key.length",
                    fmt::format("a triple DES key has 16 or 24 bytes, this one has {}", key.size()));
    }
    OTI_TRY(auto des, TripleDes::create(key));
    Bytes out(in.size());
    des.ecb_encrypt(in, out);
    return out;
}

}  // namespace oti::crypto
