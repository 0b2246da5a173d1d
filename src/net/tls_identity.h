// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "crypto/secret_bytes.h"

struct ssl_ctx_st;

namespace oti::net {

/// Whom a program trusts and as whom it shows itself, for TLS 1.3 (RFC 8446) in either role; older versions
/// are refused. An immutable value, cheap to copy, usable from any thread.
class TlsIdentity {
  public:
    /// All in PEM: the authorities that peers are verified against; the own certificate, followed by
    /// intermediate ones if any; its private key, not encrypted. Error `net.tls` (kUsage) says which of them
    /// cannot be used.
    static Result<TlsIdentity> create(std::string_view ca_pem, std::string_view certificate_pem,
                                      const crypto::SecretBytes& key_pem);
    /// For a client without a certificate, such as a phone before its enrolment.
    static Result<TlsIdentity> anonymous(std::string_view ca_pem);

    bool has_certificate() const;
    /// For this module's own files.
    ssl_ctx_st* context() const { return context_.get(); }

  private:
    explicit TlsIdentity(std::shared_ptr<ssl_ctx_st> context) : context_(std::move(context)) {}
    std::shared_ptr<ssl_ctx_st> context_;
};

}  // namespace oti::net
