// SPDX-License-Identifier: Apache-2.0
#include "crypto/kdf.h"

#include <cassert>

namespace oti::crypto {

Result<SecretBytes> kdf_counter_cmac(const SecretBytes& key, BytesView before, BytesView after,
                                     std::size_t size) {
    assert(size <= 255 * kAesBlock);
    OTI_TRY(auto prf, Cmac::create(key));
    SecretBytes derived(size);
    auto out = derived.writable(SecretAccess::granted());
    for (std::uint8_t counter = 1; !out.empty(); ++counter) {
        prf.update(before);
        prf.update({&counter, 1});
        prf.update(after);
        auto block = prf.finish();
        auto count = std::min(out.size(), block.size());
        std::copy_n(block.begin(), count, out.begin());
        out = out.subspan(count);
        OPENSSL_cleanse(block.data(), block.size());
    }
    return derived;
}

}  // namespace oti::crypto
