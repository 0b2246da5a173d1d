// SPDX-License-Identifier: Apache-2.0
// PUT KEY (GPCS 2.3.1, 11.8).
#pragma once

#include <optional>
#include <vector>

#include "iso7816/apdu.h"
#include "scp/data_encryption.h"
#include "scp/key_set.h"
#include "scp/key_version.h"

namespace oti::globalplatform {

/// Key types (table 11-16).
enum class KeyType : std::uint8_t {
    kDes = 0x80,
    kTlsPsk = 0x85,
    kAes = 0x88,
    kRsaExponent = 0xA0,
    kRsaModulus = 0xA1,
    kEcPublic = 0xB0,
    kEcPrivate = 0xB1,
    kEcParametersReference = 0xF0,
};

/// A key as the card will hold it: its components and its check value.
class NewKey {
  public:
    /// 16, 24 or 32 bytes. `mac_size`: of a KID of secured packets, which says how long its MACs are (4 or 8;
    /// ETSI TS 102 226, 8.2.1.5.1). Error `key.length`.
    static Result<NewKey> aes(const crypto::SecretBytes& key,
                              std::optional<std::uint8_t> mac_size = std::nullopt);
    /// Triple DES of 16 or 24 bytes. Error `key.length`.
    static Result<NewKey> des(const crypto::SecretBytes& key);
    /// Big-endian numbers without leading zeros.
    static NewKey rsa_public(BytesView modulus, BytesView exponent);
    /// Uncompressed point (`04`, X, Y) on the curve that the reference names (table B-2: 00 is P-256, 01
    /// P-384, 02 P-521, 03 to 06 brainpool).
    static NewKey ec_public(BytesView point, std::uint8_t parameters_reference);
    /// The private scalar, as long as the curve's order.
    static NewKey ec_private(const crypto::SecretBytes& scalar, std::uint8_t parameters_reference);

    const Bytes& check_value() const { return check_value_; }
    /// The key data field in the basic format (table 11-68).
    Result<Bytes> encode(const scp::DataEncryption& encryption) const;

  private:
    struct Component {
        KeyType type;
        crypto::SecretBytes value;
        bool secret = false;
        Bytes attribute = {};  ///< after the encrypted value
    };
    std::vector<Component> components_;
    Bytes check_value_;
};

/// The command, with what the card must answer.
struct PutKey {
    iso7816::CommandApdu command;
    Bytes expected_response;  ///< new key version, then the check values of all keys
};

/// `replaced`: the version to be replaced, 0 to add. Several keys get identifiers that count from
/// `first_identifier`. Error `key.length`, and those of the encryption.
Result<PutKey> put_keys(scp::KeyVersion replaced, scp::KeyVersion version, std::uint8_t first_identifier,
                        const std::vector<NewKey>& keys, const scp::DataEncryption& encryption);

/// A key set for a secure channel: three AES keys, identifiers 1 to 3.
Result<PutKey> put_key(scp::KeyVersion replaced, scp::KeyVersion version, const scp::KeySet& keys,
                       const scp::DataEncryption& encryption);

/// A key set for secured packets, version 01 to 0F: KIc, KID with MACs of that size, DEK.
Result<PutKey> put_packet_keys(scp::KeyVersion replaced, scp::KeyVersion version, const scp::KeySet& keys,
                               std::uint8_t mac_size, const scp::DataEncryption& encryption);

}  // namespace oti::globalplatform
