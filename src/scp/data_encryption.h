// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/aes.h"

namespace oti::scp {

/// How key data of PUT KEY and other sensitive data are encrypted (GPCS 2.3.1, 11.8.2.3).
class DataEncryption {
  public:
    virtual ~DataEncryption() = default;

    /// Under the Data Encryption Key; whole blocks in, as many bytes out. Errors `key.length`, `scp.closed`.
    virtual Result<Bytes> encrypt_sensitive(BytesView data) const = 0;
};

/// AES with a static key, in CBC mode with an ICV of zeros (ETSI TS 102 226, 8.2.1.5.1).
class StaticDek final : public DataEncryption {
  public:
    /// Error `key.length`.
    static Result<StaticDek> create(const crypto::SecretBytes& dek) {
        OTI_TRY(auto aes, crypto::Aes::create(dek));
        return StaticDek(std::move(aes));
    }
    Result<Bytes> encrypt_sensitive(BytesView data) const override {
        if (data.size() % crypto::kAesBlock != 0)
            return fail(ErrorKind::kInternal, "key.length", "sensitive data must be whole blocks");
        Bytes out(data.size());
        aes_.cbc_encrypt({}, data, out);
        return out;
    }

  private:
    explicit StaticDek(crypto::Aes aes) : aes_(std::move(aes)) {}
    crypto::Aes aes_;
};

}  // namespace oti::scp
