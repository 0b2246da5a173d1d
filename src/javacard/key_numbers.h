// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/ec_domain.h"
#include "crypto/rsa_number.h"
#include "javacard/key_object.h"

namespace oti::javacard {

bool is_rsa(KeyFamily family);
bool is_rsa_private(KeyFamily family);
/// ILLEGAL_VALUE for an RSA key with an even modulus or prime, before anything is begun with it; other keys
/// pass.
Guest<void> check_rsa(const KeyObject& key);
/// What a key's parts amount to: CryptoException ILLEGAL_VALUE where they make no key. Charges the budget for
/// raising a number with it once.
Guest<crypto::RsaNumber> rsa_number(NativeCall& call, const KeyObject& key);
/// The curve of an EC key: CryptoException ILLEGAL_VALUE where its parameters are none. Charges the budget
/// for multiplying a point once.
Guest<crypto::EcDomain> ec_domain(NativeCall& call, const KeyObject& key);

/// Diffie-Hellman modulo the prime of a DH key, whose other parts need not be set: CryptoException
/// ILLEGAL_VALUE where the prime or the generator is none. The private number has 64 bytes, or as many as Q.
struct DhKeyPair {
    Bytes public_number;
    crypto::SecretBytes private_number;
};
Guest<DhKeyPair> dh_key_pair(NativeCall& call, const KeyObject& key);
/// As long as the prime. ILLEGAL_VALUE for a number that is 0, 1, or not below the prime less 1 (NIST SP
/// 800-56A, 5.6.2.3.1).
Guest<crypto::SecretBytes> dh_agree(NativeCall& call, const KeyObject& key, BytesView other);

}  // namespace oti::javacard
