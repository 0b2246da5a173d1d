// SPDX-License-Identifier: Apache-2.0
#include "crypto/kdf.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>

#include <cassert>

#include "crypto/internal/hash_names.h"

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

SecretBytes kdf_x963(Hash hash, const SecretBytes& secret, BytesView shared_info, std::size_t size) {
    assert(!secret.empty() && size > 0);
    OpensslPtr<EVP_KDF, EVP_KDF_free> algorithm(EVP_KDF_fetch(nullptr, "X963KDF", nullptr));
    must(algorithm != nullptr);
    OpensslPtr<EVP_KDF_CTX, EVP_KDF_CTX_free> context(EVP_KDF_CTX_new(algorithm.get()));
    must(context != nullptr);
    auto key = secret.view(SecretAccess::granted());
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST,
                                         const_cast<char*>(EVP_MD_get0_name(evp_md(hash))), 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, const_cast<std::uint8_t*>(key.data()),
                                          key.size()),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, const_cast<std::uint8_t*>(shared_info.data()),
                                          shared_info.size()),
        OSSL_PARAM_construct_end(),
    };
    SecretBytes derived(size);
    must(EVP_KDF_derive(context.get(), derived.writable(SecretAccess::granted()).data(), size, parameters) ==
         1);
    return derived;
}

}  // namespace oti::crypto
