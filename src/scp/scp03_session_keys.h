// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/secret_bytes.h"

namespace oti::scp {

/// The keys of one session with SCP03's secure messaging that another protocol has agreed on (Amendment F,
/// table 7-16): AES keys of one length.
struct Scp03SessionKeys {
    crypto::SecretBytes s_enc;
    crypto::SecretBytes s_mac;
    crypto::SecretBytes s_rmac;
    crypto::SecretBytes dek;  ///< the static Key-DEK, or the session's own
};

}  // namespace oti::scp
