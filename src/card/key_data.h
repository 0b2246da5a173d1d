// SPDX-License-Identifier: Apache-2.0
// Key data as commands bring them: read, decrypted and checked.
#pragma once

#include <expected>

#include "base/byte_reader.h"
#include "card/key_store.h"
#include "iso7816/apdu.h"
#include "scp/card_session.h"

namespace oti::card {

/// A key that a command brings, without its place.
struct NewKey {
    StoredKey key;
    Bytes check_value;  ///< as it came
};

/// Reads key data fields of PUT KEY (GPCS 2.3.1, tables 11-68 and 11-69), one after another, and checks each
/// key as a whole: AES-128, -192 and -256, triple DES of 16 bytes, pre-shared keys of TLS, RSA public keys,
/// EC public and private keys that refer to a curve of table B-2, or come with its parameters (table 11-74).
class KeyDataReader {
  public:
    /// `old_card`: answers as GPCS 2.2.1, table 11-70, says. `session` decrypts what is secret.
    KeyDataReader(BytesView fields, const scp::CardSession& session, bool old_card)
        : reader_(fields, "key data"), session_(session), old_card_(old_card) {}

    bool empty() const { return reader_.empty(); }
    /// 6A80 (9484 of an old card) what is no key of these; 6982 (9485) a wrong check value.
    /// `has_mac_size`: a KID of SCP80, whose key data may end with the length of its MACs (TS 102
    /// 226, 8.2.1.5.1).
    std::expected<NewKey, iso7816::StatusWord> next(bool has_mac_size = false);

  private:
    std::expected<KeyComponent, iso7816::StatusWord> component(std::uint8_t type, bool has_mac_size);
    std::unexpected<iso7816::StatusWord> not_supported() const;
    std::unexpected<iso7816::StatusWord> wrong_check_value() const;
    std::expected<void, iso7816::StatusWord> recognise_curve(StoredKey& key) const;
    std::expected<void, iso7816::StatusWord> check(const NewKey& fresh) const;

    ByteReader reader_;
    const scp::CardSession& session_;
    bool old_card_;
    std::optional<std::uint8_t> mac_size_;  ///< of the key that is being read
};

/// GPCS 2.3.1, B.6, and Amendment B, 3.9.1; empty for keys that have none.
Bytes key_check_value(const KeyComponent& component);
/// Whether the components make a key that the card can hold.
bool is_valid_key(const StoredKey& key);
/// Whether both have the same components, each of the same length, and the same curve (11.8.2.3.3).
bool have_same_characteristics(const StoredKey& a, const StoredKey& b);

}  // namespace oti::card
