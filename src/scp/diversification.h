// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/result.h"
#include "scp/key_set.h"

namespace oti::scp {

/// How an issuer derives a card's static keys from a master key and the card's key diversification data.
enum class Diversification { kNone, kVisa2, kEmv, kKdf3 };

/// "none", "visa2", "emv", "kdf3". Error `kdf.unknown` for another name.
Result<Diversification> parse_diversification(std::string_view name);

/// The card's three keys. `kdd`: the 10 bytes of key diversification data in the INITIALIZE UPDATE response.
/// VISA2 and EMV need 16-byte masters, which are triple DES keys, as is what they give; cards use it as keys
/// of SCP02 and, some of them, as AES keys of SCP03. KDF3 takes AES masters and gives keys of their length.
/// Errors `key.length`, `kdf.kdd`.
Result<KeySet> diversify(const KeySet& master, Diversification how, BytesView kdd);

/// First 3 bytes of the key over 16 bytes of 01 (GPCS 2.3.1, B.6). Error `key.length`.
Result<Bytes> aes_key_check_value(const crypto::SecretBytes& key);
/// First 3 bytes of a triple DES key of 16 or 24 bytes over 8 bytes of 00 (GPCS 2.3.1, B.6). Error
/// `key.length`.
Result<Bytes> des_key_check_value(const crypto::SecretBytes& key);

}  // namespace oti::scp
