// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "crypto/gp_certificate.h"
#include "scp/key_version.h"
#include "scp/scp11_host.h"

namespace oti::manager {

/// With what a domain is opened by SCP11 (Amendment F 1.4), where no symmetric key is shared.
struct Scp11Access {
    scp::Scp11Variant variant = scp::Scp11Variant::kA;
    /// PK.CA-KLCC.ECDSA: who certified the domain's key.
    crypto::PublicKey card_authority;
    /// SCP11a and c: SK.OCE.ECKA, and the certificates from the one that CA-KLOC signed to CERT.OCE.ECKA.
    std::optional<crypto::PrivateKey> key = {};
    std::vector<crypto::GpCertificate> chain = {};
    /// Of SK.SD.ECKA; without it the domain is asked which it has.
    std::optional<scp::KeyVersion> key_version = {};
    /// Of PK.CA-KLOC.ECDSA; 00: the domain finds it by the certificate.
    scp::KeyVersion authority_version{0x00};
    std::size_t key_size = 16;  ///< of the session keys: 16, 24 or 32
    /// The domain's static Key-DEK, where it has one.
    std::optional<crypto::SecretBytes> key_dek = {};
};

}  // namespace oti::manager
