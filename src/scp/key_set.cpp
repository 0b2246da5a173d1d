// SPDX-License-Identifier: Apache-2.0
#include "scp/key_set.h"

namespace oti::scp {

using crypto::SecretAccess;
using crypto::SecretBytes;

KeySet KeySet::random(crypto::Random& random, std::size_t size) {
    return {random.secret(size), random.secret(size), random.secret(size)};
}

SecretBytes KeySet::joined() const {
    auto access = SecretAccess::granted();
    return SecretBytes::take(concat(enc.view(access), mac.view(access), dek.view(access)));
}

Result<KeySet> KeySet::split(const SecretBytes& joined) {
    auto size = joined.size() / 3;
    if (joined.size() % 3 != 0 || (size != 16 && size != 24 && size != 32)) {
        return fail(ErrorKind::kUsage, "key.length", "a key set is three AES keys of 16, 24 or 32 bytes");
    }
    auto all = joined.view(SecretAccess::granted());
    auto key = [&](std::size_t n) { return SecretBytes::copy_of(all.subspan(n * size, size)); };
    return KeySet{key(0), key(1), key(2)};
}

}  // namespace oti::scp
