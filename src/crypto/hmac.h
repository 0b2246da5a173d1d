// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/digest.h"
#include "crypto/openssl.h"
#include "crypto/secret_bytes.h"

namespace oti::crypto {

/// HMAC (RFC 2104) of a message that comes in parts.
class Hmac {
  public:
    /// A key of any length but 0.
    Hmac(Hash hash, const SecretBytes& key);
    void update(BytesView part);
    /// The MAC of all parts, as long as a digest; afterwards it is spent.
    Bytes finish();

  private:
    EvpMacCtx context_;
};

}  // namespace oti::crypto
