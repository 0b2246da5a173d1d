// SPDX-License-Identifier: Apache-2.0
#include "crypto/secret_bytes.h"

#include <openssl/crypto.h>

namespace oti::crypto {

SecretBytes SecretBytes::copy_of(BytesView bytes) {
    SecretBytes secret;
    secret.bytes_ = to_bytes(bytes);
    return secret;
}

SecretBytes SecretBytes::take(Bytes&& bytes) {
    SecretBytes secret;
    secret.bytes_ = std::exchange(bytes, {});
    return secret;
}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
    if (this != &other) {
        wipe();
        bytes_ = std::exchange(other.bytes_, {});
    }
    return *this;
}

bool SecretBytes::equals(BytesView other) const {
    return equal_in_constant_time(bytes_, other);
}

void SecretBytes::wipe() {
    OPENSSL_cleanse(bytes_.data(), bytes_.size());
    bytes_.clear();
}

bool equal_in_constant_time(BytesView a, BytesView b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace oti::crypto
