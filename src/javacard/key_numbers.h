// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/ec_domain.h"
#include "crypto/rsa_number.h"
#include "javacard/key_object.h"

namespace oti::javacard {

bool is_rsa(KeyFamily family);
bool is_rsa_private(KeyFamily family);
/// What a key's parts amount to: CryptoException ILLEGAL_VALUE where they make no key. Charges the budget for
/// raising a number with it once.
Guest<crypto::RsaNumber> rsa_number(NativeCall& call, const KeyObject& key);
/// The curve of an EC key: CryptoException ILLEGAL_VALUE where its parameters are none. Charges the budget
/// for multiplying a point once.
Guest<crypto::EcDomain> ec_domain(NativeCall& call, const KeyObject& key);

}  // namespace oti::javacard
