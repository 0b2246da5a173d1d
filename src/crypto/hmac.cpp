// SPDX-License-Identifier: Apache-2.0
#include "crypto/hmac.h"

#include <openssl/core_names.h>

#include "crypto/internal/hash_names.h"

namespace oti::crypto {

Hmac::Hmac(Hash hash, const SecretBytes& key) {
    // Fetching an algorithm costs more than a MAC; it is done once for the program.
    static EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    must(algorithm != nullptr);
    context_.reset(EVP_MAC_CTX_new(algorithm));
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
                                         const_cast<char*>(EVP_MD_get0_name(evp_md(hash))), 0),
        OSSL_PARAM_construct_end(),
    };
    must(context_ != nullptr &&
         EVP_MAC_init(context_.get(), key.view(SecretAccess::granted()).data(), key.size(), parameters) == 1);
}

void Hmac::update(BytesView part) {
    must(EVP_MAC_update(context_.get(), part.data(), part.size()) == 1);
}

Bytes Hmac::finish() {
    Bytes mac(EVP_MAX_MD_SIZE);
    std::size_t size = 0;
    must(EVP_MAC_final(context_.get(), mac.data(), &size, mac.size()) == 1);
    mac.resize(size);
    return mac;
}

}  // namespace oti::crypto
