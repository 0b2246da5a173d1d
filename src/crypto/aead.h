// SPDX-License-Identifier: Apache-2.0
// AES in modes that authenticate, over messages that come in parts.
#pragma once

#include "crypto/block_cipher.h"

namespace oti::crypto {

inline constexpr std::size_t kAeadTag = 16;

/// AES-GCM (NIST SP 800-38D).
class Gcm {
  public:
    /// Errors `key.length`, `cipher.iv` (none at all).
    static Result<Gcm> create(Direction direction, const SecretBytes& key, BytesView iv);

    /// All of it before the message.
    void authenticate(BytesView part);
    Bytes update(BytesView part);
    /// After the message, when encrypting; the first bytes of the 16 are shorter tags.
    std::array<std::uint8_t, kAeadTag> tag();

  private:
    explicit Gcm(EvpCipherCtx context) : context_(std::move(context)) {}
    EvpCipherCtx context_;
};

/// AES-CCM (RFC 3610; NIST SP 800-38C) of one message, whose plain text is all there. Errors `key.length`,
/// `ccm.parameters` (nonce of 7 to 13 bytes, tag of 4, 6, … 16, a message that fits beside the nonce).
struct CcmMessage {
    BytesView nonce;
    BytesView authenticated;
    BytesView plain;
    std::size_t tag_size = 16;
};
Result<Bytes> ccm_tag(const SecretBytes& key, const CcmMessage& message);
/// The key stream of the message, as counter mode from its first counter on: what encrypts decrypts.
Result<BlockCipher> ccm_stream(const SecretBytes& key, BytesView nonce);

}  // namespace oti::crypto
