// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace oti::globalplatform {

struct KeyComponentInformation {
    std::uint8_t type = 0;
    std::size_t length = 0;  ///< bytes; 0: 256 or more, or not told
    /// Of type F0: the curve, in the place of a length.
    std::optional<std::uint16_t> parameters_reference = {};
};

/// A key that a domain says it has (GPCS 2.3.1, 11.3.3.1.1; both the basic and the extended structure).
struct KeyInformation {
    std::uint8_t identifier = 0;
    std::uint8_t version = 0;
    std::vector<KeyComponentInformation> components;
    std::optional<std::uint8_t> usage = {};   ///< 11.1.9
    std::optional<std::uint8_t> access = {};  ///< 11.1.10
};

/// `E0 { C0 … }`. Errors `parse.*`.
Result<std::vector<KeyInformation>> parse_key_information(BytesView object);

/// "AES-128", "RSA-1024 public key", "P-256 public key", ….
std::string describe(const KeyInformation& key);

}  // namespace oti::globalplatform
