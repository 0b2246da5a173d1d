// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "iso7816/apdu.h"
#include "scp/data_encryption.h"
#include "scp/security_level.h"

namespace oti::scp {

/// An open secure channel as the off-card entity has it, whatever its protocol. After any failure of `unwrap`
/// it is closed and its keys are gone.
class HostChannel : public DataEncryption {
  public:
    /// The command as it goes to the card. Errors `scp.too_long`, `scp.closed`.
    virtual Result<Bytes> wrap(const iso7816::CommandApdu& command) = 0;
    /// The plain response to the oldest wrapped command whose response is outstanding. Errors
    /// `scp.response_mac` without detail, `scp.closed`, `scp.unexpected` if no response is outstanding.
    virtual Result<iso7816::ResponseApdu> unwrap(BytesView response) = 0;

    virtual SecurityLevel level() const = 0;
    /// Largest plain command data field whose wrapped form has at most `wrapped_max` bytes of data (255 for
    /// short).
    virtual std::size_t max_data(std::size_t wrapped_max) const = 0;
};

}  // namespace oti::scp
