// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>

#include "crypto/secret_bytes.h"
#include "iso7816/apdu.h"

namespace oti::scp {

/// The Current Security Level of a session, as the card keeps it (GPCS 2.3.1, 10.6). All false:
/// NO_SECURITY_LEVEL.
struct CurrentSecurityLevel {
    bool authenticated = false;
    bool any_authenticated = false;  ///< somebody, of whom no more is known (SCP11b)
    bool c_mac = false;
    bool c_decryption = false;
    bool r_mac = false;
    bool r_encryption = false;

    bool operator==(const CurrentSecurityLevel&) const = default;
};

/// One secure channel session as the card has it, from its initiation to its end, whatever its protocol; who
/// holds the object keeps the session, and terminates it by dropping it.
class CardSession {
  public:
    virtual ~CardSession() = default;

    /// The whole command as received.
    virtual iso7816::StatusWord external_authenticate(const iso7816::CommandApdu& command) = 0;
    /// The plain command; 6982 and an aborted session at any security error.
    virtual std::expected<iso7816::CommandApdu, iso7816::StatusWord> unwrap(
        const iso7816::CommandApdu& wrapped) = 0;
    /// The R-APDU for the command unwrapped last.
    virtual Bytes wrap(const iso7816::ResponseApdu& response) = 0;
    /// Decrypts key data with the Data Encryption Key of this session. 6985 unless the session is open, 6A80
    /// unless whole blocks.
    virtual std::expected<crypto::SecretBytes, iso7816::StatusWord> decrypt_sensitive(
        BytesView data) const = 0;
    /// The other way: for applications that give data away (SecureChannel.encryptData). The same errors.
    virtual std::expected<Bytes, iso7816::StatusWord> encrypt_sensitive(BytesView data) const = 0;
    /// Length of the blocks of that encryption.
    virtual std::size_t sensitive_block_size() const = 0;
    /// Gives the session up, as after a security error that the caller found.
    virtual void abort() = 0;

    virtual CurrentSecurityLevel level() const = 0;
    virtual bool is_open() const = 0;
    virtual bool is_aborted() const = 0;
    /// Largest plain response data field whose wrapped form has at most `wrapped_max` bytes of data.
    virtual std::size_t max_response_data(std::size_t wrapped_max) const = 0;
};

}  // namespace oti::scp
