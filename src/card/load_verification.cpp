// SPDX-License-Identifier: Apache-2.0
#include "card/load_verification.h"

#include <algorithm>

#include "card/signature.h"
#include "crypto/digest.h"

namespace oti::card {
namespace {

using crypto::Hash;

std::expected<Bytes, StatusWord> hash_of(BytesView block, std::size_t size) {
    for (auto hash : {Hash::kSha1, Hash::kSha256, Hash::kSha384, Hash::kSha512}) {
        if (crypto::digest_size(hash) == size) return crypto::digest(hash, block);
    }
    return refuse(StatusWord::kWrongData);
}

bool has_dap_of(const LoadFileParts& parts, const Aid& domain) {
    return std::ranges::any_of(parts.daps, [&](const auto& dap) { return dap.security_domain == domain; });
}

/// The domains whose DAPs must be there (9.3.5, load phase).
std::expected<void, StatusWord> check_presence(const Environment& environment, const Application& associated,
                                               const LoadFileParts& parts) {
    bool missing =
        associated.privileges.has(Privilege::kDapVerification) && !has_dap_of(parts, associated.aid);
    for (const auto& domain : environment.registry.applications()) {
        bool mandated = domain.privileges.has(Privilege::kMandatedDapVerification) &&
                        domain.is_personalized() && !has_dap_of(parts, domain.aid);
        missing = missing || mandated;
    }
    if (missing) return refuse(StatusWord::kWrongData);
    return {};
}

std::expected<void, StatusWord> verify_dap(const Environment& environment, const DapBlock& dap,
                                           BytesView hash) {
    auto domain = environment.registry.application(dap.security_domain);
    if (!domain || !domain->privileges.has(Privilege::kDapVerification) || domain->is_locked()) {
        return refuse(StatusWord::kConditionsNotSatisfied);
    }
    auto key = environment.keys.find(domain->aid, kDapKey);
    if (!key) key = environment.keys.find(domain->aid, kUiccDapKey);
    if (!key) return refuse(StatusWord::kConditionsNotSatisfied);
    SignatureRules rules(environment.profile);
    if (hash.size() < rules.least_hash_size(*key)) return refuse(StatusWord::kWrongData);
    if (!rules.verify(*key, hash, dap.signature)) return refuse(StatusWord::kSecurityStatus);
    return {};
}

std::expected<Bytes, StatusWord> plain_block(const Environment& environment, const Application& associated,
                                             const LoadFileParts& parts, std::size_t hash_size) {
    bool must_be_ciphered = associated.privileges.has(Privilege::kCipheredLoadFileDataBlock);
    if (parts.is_ciphered != must_be_ciphered) return refuse(StatusWord::kWrongData);
    if (!parts.is_ciphered) return to_bytes(parts.block);
    auto key = environment.keys.find(associated.aid, kLoadFileKey);
    if (!key) return refuse(StatusWord::kConditionsNotSatisfied);
    if (hash_size < least_hash_size_if_ciphered(*key)) return refuse(StatusWord::kWrongData);
    auto plain = decrypt_load_file(*key, parts.icv, parts.block);
    if (!plain) return refuse(StatusWord::kSecurityStatus);
    return std::move(*plain);
}

}  // namespace

std::expected<Bytes, StatusWord> verified_data_block(const Environment& environment, const Loading& loading) {
    auto parts = LoadFileParts::parse(loading.data);
    auto associated = environment.registry.application(loading.security_domain);
    if (!parts) return refuse(StatusWord::kWrongData);
    // It may have been locked or deleted since it was announced.
    if (!associated || !associated->is_personalized()) return refuse(StatusWord::kConditionsNotSatisfied);
    OTI_CHECK(check_presence(environment, *associated, *parts));
    bool needs_hash = !parts->daps.empty() || parts->is_ciphered;
    if (needs_hash && loading.hash.empty()) return refuse(StatusWord::kWrongData);

    OTI_TRY(auto block, plain_block(environment, *associated, *parts, loading.hash.size()));
    if (!loading.hash.empty()) {
        OTI_TRY(auto hash, hash_of(block, loading.hash.size()));
        if (hash != loading.hash) return refuse(StatusWord::kWrongData);
    }
    for (const auto& dap : parts->daps) OTI_CHECK(verify_dap(environment, dap, loading.hash));
    return block;
}

}  // namespace oti::card
