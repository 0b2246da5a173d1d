// SPDX-License-Identifier: Apache-2.0
#include "crypto/random.h"

#include <openssl/rand.h>

#include "crypto/openssl.h"

namespace oti::crypto {

Bytes Random::bytes(std::size_t count) {
    Bytes bytes(count);
    fill(bytes);
    return bytes;
}

SecretBytes Random::secret(std::size_t count) {
    SecretBytes secret(count);
    fill(secret.writable(SecretAccess::granted()));
    return secret;
}

void SystemRandom::fill(std::span<std::uint8_t> out) {
    must(RAND_bytes(out.data(), static_cast<int>(out.size())) == 1);
}

}  // namespace oti::crypto
