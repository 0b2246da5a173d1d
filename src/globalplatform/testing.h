// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/aes.h"
#include "scp/host_channel.h"

namespace oti::globalplatform::testing {

/// A channel that is used for nothing but its Data Encryption Key (AES).
class DekChannel final : public scp::HostChannel {
  public:
    explicit DekChannel(const crypto::SecretBytes& dek) : dek_(crypto::Aes::create(dek).value()) {}

    Result<Bytes> wrap(const iso7816::CommandApdu& command) override { return command.encode(); }
    Result<iso7816::ResponseApdu> unwrap(BytesView response) override {
        return iso7816::ResponseApdu::parse(response);
    }
    Result<Bytes> encrypt_sensitive(BytesView data) const override {
        if (data.size() % crypto::kAesBlock != 0)
            return fail(ErrorKind::kUsage, "key.length", "no whole blocks");
        Bytes out(data.size());
        dek_.cbc_encrypt({}, data, out);
        return out;
    }
    scp::SecurityLevel level() const override { return scp::SecurityLevel::kCMac; }
    std::size_t max_data(std::size_t wrapped_max) const override { return wrapped_max - 8; }

  private:
    crypto::Aes dek_;
};

}  // namespace oti::globalplatform::testing
