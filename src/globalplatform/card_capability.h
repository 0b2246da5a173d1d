// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "globalplatform/registry.h"

namespace oti::globalplatform {

/// What a card says of one secure channel protocol (table H-6).
struct ChannelCapability {
    std::uint8_t protocol = 0;
    std::vector<std::uint8_t> options;      ///< each an `i`
    std::vector<std::string> aes_keys;      ///< of SCP03: "AES-128", …
    std::vector<std::uint16_t> tls_suites;  ///< of SCP81
    std::optional<std::uint8_t> max_psk;    ///< of SCP81, bytes
};

/// Card Capability Information (GPCS 2.3.1, H.4): what of the specification a card can do.
struct CardCapability {
    std::vector<ChannelCapability> channels;
    std::optional<Privileges> domain_privileges;       ///< that supplementary domains can have
    std::optional<Privileges> application_privileges;  ///< that applications can have
    std::vector<std::string> load_file_hashes;         ///< "SHA-1", …
    std::vector<std::string> load_file_ciphers;
    std::vector<std::string> token_signatures, receipt_signatures, dap_signatures;
    std::vector<std::uint8_t> key_parameter_references;

    /// `67 { … }`; a second 67 around it, which some cards have, is taken off. Errors `parse.*`.
    static Result<CardCapability> parse(BytesView object);
};

}  // namespace oti::globalplatform
