// SPDX-License-Identifier: Apache-2.0
#include "javacard/signature_algorithms.h"

#include <algorithm>

#include "javacard/hash_algorithms.h"

namespace oti::javacard {
namespace {

using enum SignatureCipher;
using enum Padding;

// Constants of MessageDigest.
constexpr std::uint8_t kNoDigest = 0, kSha = 1, kMd5 = 2, kRipemd160 = 3, kSha256 = 4, kSha384 = 5,
                       kSha512 = 6, kSha224 = 7;

constexpr SignatureAlgorithm kAlgorithms[] = {
    {1, kNoDigest, kDesMac4, kNone},
    {2, kNoDigest, kDesMac8, kNone},
    {3, kNoDigest, kDesMac4, kIso9797Method1},
    {4, kNoDigest, kDesMac8, kIso9797Method1},
    {5, kNoDigest, kDesMac4, kIso9797Method2},
    {6, kNoDigest, kDesMac8, kIso9797Method2},
    {7, kNoDigest, kDesMac4, kPkcs5},
    {8, kNoDigest, kDesMac8, kPkcs5},
    {9, kSha, kRsa, kIso9796},
    {10, kSha, kRsa, kPkcs1},
    {11, kMd5, kRsa, kPkcs1},
    {12, kRipemd160, kRsa, kIso9796},
    {13, kRipemd160, kRsa, kPkcs1},
    {15, kSha, kRsa, kRfc2409},
    {16, kMd5, kRsa, kRfc2409},
    {17, kSha, kEcdsa, kNull},
    {18, kNoDigest, kAesMac128, kNone},
    {19, kNoDigest, kDesMac4, kIso9797Method2Algorithm3},
    {20, kNoDigest, kDesMac8, kIso9797Method2Algorithm3},
    {21, kSha, kRsa, kPkcs1Pss},
    {22, kMd5, kRsa, kPkcs1Pss},
    {23, kRipemd160, kRsa, kPkcs1Pss},
    {24, kSha, kHmac, kNull},
    {25, kSha256, kHmac, kNull},
    {26, kSha384, kHmac, kNull},
    {27, kSha512, kHmac, kNull},
    {28, kMd5, kHmac, kNull},
    {29, kRipemd160, kHmac, kNull},
    {30, kSha, kRsa, kIso9796Recovery},
    {31, kRipemd160, kRsa, kIso9796Recovery},
    {33, kSha256, kEcdsa, kNull},
    {34, kSha384, kEcdsa, kNull},
    {37, kSha224, kEcdsa, kNull},
    {38, kSha512, kEcdsa, kNull},
    {39, kSha224, kRsa, kPkcs1},
    {40, kSha256, kRsa, kPkcs1},
    {41, kSha384, kRsa, kPkcs1},
    {42, kSha512, kRsa, kPkcs1},
    {43, kSha224, kRsa, kPkcs1Pss},
    {44, kSha256, kRsa, kPkcs1Pss},
    {45, kSha384, kRsa, kPkcs1Pss},
    {46, kSha512, kRsa, kPkcs1Pss},
    {47, kNoDigest, kDesMac4, kIso9797Method1Algorithm3},
    {48, kNoDigest, kDesMac8, kIso9797Method1Algorithm3},
    {49, kNoDigest, kAesCmac128, kNone},
};

}  // namespace

std::optional<SignatureAlgorithm> signature_algorithm(std::uint8_t algorithm) {
    auto found = std::ranges::find(kAlgorithms, algorithm, &SignatureAlgorithm::algorithm);
    return found == std::end(kAlgorithms) ? std::nullopt : std::optional(*found);
}

std::optional<SignatureAlgorithm> signature_composition(std::uint8_t digest, SignatureCipher cipher,
                                                        Padding padding) {
    auto is_this = [&](const SignatureAlgorithm& known) {
        return known.digest == digest && known.cipher == cipher && known.padding == padding;
    };
    auto found = std::ranges::find_if(kAlgorithms, is_this);
    if (found != std::end(kAlgorithms)) return *found;
    bool is_hash = hash_of_algorithm(digest).has_value();
    switch (cipher) {
        case kRsa:
            // ISO 9796-2 and RFC 2409 name the hash functions that they are for.
            if (!is_hash || (padding != kPkcs1 && padding != kPkcs1Pss)) return std::nullopt;
            break;
        case kEcdsa:
        case kEcdsaPlain:
        case kHmac:
            if (!is_hash || padding != kNull) return std::nullopt;
            break;
        case kAesMac128: {
            bool pads = padding == kIso9797Method1 || padding == kIso9797Method2 || padding == kPkcs5;
            if (digest != kNoDigest || !pads) return std::nullopt;
            break;
        }
        case kAesCmac128:
            // RFC 4493 pads by itself, whatever a padding is called.
            if (digest != kNoDigest || (padding != kNull && padding != kNone)) return std::nullopt;
            break;
        default:
            return std::nullopt;
    }
    return SignatureAlgorithm{0, digest, cipher, padding};
}

}  // namespace oti::javacard
