// SPDX-License-Identifier: Apache-2.0
#include "card/remote_session.h"

#include "crypto/aes.h"
#include "crypto/triple_des.h"

namespace oti::card {

std::size_t RemoteSession::sensitive_block_size() const {
    return dek_.type == KeyType::kAes ? crypto::kAesBlock : crypto::kDesBlock;
}

std::expected<crypto::SecretBytes, StatusWord> RemoteSession::decrypt_sensitive(BytesView data) const {
    if (!is_open()) return refuse(StatusWord::kConditionsNotSatisfied);
    if (data.empty() || data.size() % sensitive_block_size() != 0) return refuse(StatusWord::kWrongData);
    crypto::SecretBytes plain(data.size());
    auto out = plain.writable(crypto::SecretAccess::granted());
    if (dek_.type == KeyType::kAes) {
        auto aes = crypto::Aes::create(dek_.value);
        if (!aes) return refuse(StatusWord::kConditionsNotSatisfied);
        aes->cbc_decrypt({}, data, out);
    } else {
        auto des = crypto::TripleDes::create(dek_.value);
        if (!des) return refuse(StatusWord::kConditionsNotSatisfied);
        des->ecb_decrypt(data, out);
    }
    return plain;
}

// No application asks a secured packet for this.
std::expected<Bytes, StatusWord> RemoteSession::encrypt_sensitive(BytesView) const {
    return refuse(StatusWord::kConditionsNotSatisfied);
}

}  // namespace oti::card
