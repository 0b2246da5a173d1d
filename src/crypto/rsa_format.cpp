// SPDX-License-Identifier: Apache-2.0
// Formats of RSA blocks. OpenSSL has them apart from a key only in its older interface.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/rsa.h>

#include "base/hex.h"
#include "crypto/internal/hash_names.h"
#include "crypto/internal/pkey.h"
#include "crypto/rsa_number.h"

namespace oti::crypto {
namespace {

using Rsa = OpensslPtr<RSA, RSA_free>;

std::unexpected<Error> no_format() {
    ERR_clear_error();
    return fail(ErrorKind::kUsage, "rsa.format", "the block does not fit the format");
}

/// What `add` writes into a block of that size.
template <typename Add>
Result<SecretBytes> padded(std::size_t size, const Add& add) {
    SecretBytes block(size);
    if (add(block.writable(SecretAccess::granted()).data(), static_cast<int>(size)) != 1) return no_format();
    return block;
}

/// What `check` finds in a block, whose first byte is zero.
template <typename Check>
Result<SecretBytes> unpadded(const SecretBytes& block, const Check& check) {
    auto bytes = block.view(SecretAccess::granted());
    if (bytes.empty()) return no_format();
    SecretBytes message(bytes.size());
    auto out = message.writable(SecretAccess::granted());
    auto length =
        check(out.data(), static_cast<int>(out.size()), bytes.data(), static_cast<int>(bytes.size()));
    if (length < 0) return no_format();
    return SecretBytes::copy_of(BytesView(out).first(static_cast<std::size_t>(length)));
}

/// OpenSSL asks a key for its modulus only.
Rsa key_of(const RsaNumber& number) {
    Rsa rsa(RSA_new());
    must(rsa != nullptr && RSA_set0_key(rsa.get(), big_number(number.modulus()).release(),
                                        big_number(std::array<std::uint8_t, 1>{3}).release(), nullptr) == 1);
    return rsa;
}

}  // namespace

Result<SecretBytes> pkcs1_padded(Pkcs1Block type, BytesView message, std::size_t size) {
    return padded(size, [&](std::uint8_t* to, int length) {
        auto* add =
            type == Pkcs1Block::kSignature ? RSA_padding_add_PKCS1_type_1 : RSA_padding_add_PKCS1_type_2;
        return add(to, length, message.data(), static_cast<int>(message.size()));
    });
}

Result<SecretBytes> pkcs1_unpadded(Pkcs1Block type, const SecretBytes& block) {
    return unpadded(block, [&](std::uint8_t* to, int room, const std::uint8_t* from, int size) {
        auto* check =
            type == Pkcs1Block::kSignature ? RSA_padding_check_PKCS1_type_1 : RSA_padding_check_PKCS1_type_2;
        return check(to, room, from, size, size);
    });
}

Result<SecretBytes> oaep_padded(Hash hash, BytesView message, std::size_t size) {
    if (size < 2 * digest_size(hash) + 2) return no_format();
    return padded(size, [&](std::uint8_t* to, int length) {
        return RSA_padding_add_PKCS1_OAEP_mgf1(to, length, message.data(), static_cast<int>(message.size()),
                                               nullptr, 0, evp_md(hash), evp_md(hash));
    });
}

Result<SecretBytes> oaep_unpadded(Hash hash, const SecretBytes& block) {
    if (block.size() < 2 * digest_size(hash) + 2) return no_format();
    return unpadded(block, [&](std::uint8_t* to, int room, const std::uint8_t* from, int size) {
        return RSA_padding_check_PKCS1_OAEP_mgf1(to, room, from, size, size, nullptr, 0, evp_md(hash),
                                                 evp_md(hash));
    });
}

Result<Bytes> pss_encoded(Hash hash, BytesView digest, const RsaNumber& key) {
    Bytes encoded(key.size());
    if (digest.size() != digest_size(hash) ||
        RSA_padding_add_PKCS1_PSS_mgf1(key_of(key).get(), encoded.data(), digest.data(), evp_md(hash),
                                       evp_md(hash), RSA_PSS_SALTLEN_DIGEST) != 1) {
        return no_format();
    }
    return encoded;
}

bool pss_fits(Hash hash, BytesView digest, BytesView encoded, const RsaNumber& key) {
    bool fits = digest.size() == digest_size(hash) && encoded.size() == key.size() &&
                RSA_verify_PKCS1_PSS_mgf1(key_of(key).get(), digest.data(), evp_md(hash), evp_md(hash),
                                          encoded.data(), RSA_PSS_SALTLEN_DIGEST) == 1;
    ERR_clear_error();
    return fits;
}

Bytes digest_info_prefix(Hash hash) {
    switch (hash) {
        case Hash::kMd5:
            return from_hex("3020300C06082A864886F70D020505000410");
        case Hash::kRipemd160:  // RFC 8017 does not have it; object identifier 1.3.36.3.2.1
            return from_hex("3021300906052B2403020105000414");
        case Hash::kSha1:
            return from_hex("3021300906052B0E03021A05000414");
        case Hash::kSha224:
            return from_hex("302D300D06096086480165030402040500041C");
        case Hash::kSha256:
            return from_hex("3031300D060960864801650304020105000420");
        case Hash::kSha384:
            return from_hex("3041300D060960864801650304020205000430");
        case Hash::kSha512:
            return from_hex("3051300D060960864801650304020305000440");
        case Hash::kSha3_224:
            return from_hex("302D300D06096086480165030402070500041C");
        case Hash::kSha3_256:
            return from_hex("3031300D060960864801650304020805000420");
        case Hash::kSha3_384:
            return from_hex("3041300D060960864801650304020905000430");
        case Hash::kSha3_512:
            return from_hex("3051300D060960864801650304020A05000440");
    }
    return {};
}

}  // namespace oti::crypto
