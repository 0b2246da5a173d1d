// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.h"
#include "crypto/secret_bytes.h"

namespace oti::crypto {

/// Randomness as an outside thing; tests replay recorded sessions with fixed bytes.
class Random {
  public:
    virtual ~Random() = default;
    virtual void fill(std::span<std::uint8_t> out) = 0;

    Bytes bytes(std::size_t count);
    SecretBytes secret(std::size_t count);
};

/// OpenSSL's generator, seeded by the operating system.
class SystemRandom final : public Random {
  public:
    void fill(std::span<std::uint8_t> out) override;
};

}  // namespace oti::crypto
