// SPDX-License-Identifier: Apache-2.0
#include "card/authorization.h"

#include <algorithm>

#include "base/byte_writer.h"
#include "card/privileges.h"
#include "card/signature.h"

namespace oti::card {
namespace {

constexpr std::uint16_t kLastConfirmation = 0xFFFF;

/// The domain with a privilege in the smallest part of the card that begins with authorized management and
/// has `domain` in it (9.1.3.1, 9.1.3.6).
std::optional<Application> authority(const Environment& environment, const Aid& domain, Privilege privilege) {
    const auto& registry = environment.registry;
    auto all = registry.applications();
    for (auto at = registry.application(domain); at;) {
        auto root = root_of(registry, *at);
        auto found = std::ranges::find_if(all, [&](const Application& entry) {
            return entry.privileges.has(privilege) && root_of(registry, entry).aid == root.aid;
        });
        if (found != all.end()) return *found;
        // Nobody here: then whoever it is in the part of the card that this one is in.
        if (root.security_domain == root.aid) break;
        at = registry.application(root.security_domain);
    }
    return std::nullopt;
}

/// Identification and image number of a domain (42 and 45).
BytesView number_of(const Environment& environment, const Aid& domain, Tag tag) {
    auto own = environment.registry.data_object(domain, tag);
    return own ? *own : tag == 0x42 ? environment.identity.iin : environment.identity.cin;
}

bool is_meant(const Environment& environment, const Aid& verifier, const TokenReference& reference) {
    auto fits = [&](const std::optional<BytesView>& wanted, Tag tag) {
        return !wanted || std::ranges::equal(*wanted, number_of(environment, verifier, tag));
    };
    return fits(reference.identification_number, 0x42) && fits(reference.image_number, 0x45);
}

/// The least size of a load file's hash under the token.
std::expected<std::size_t, StatusWord> verify_token(const Environment& environment, const Application& domain,
                                                    BytesView signed_data, BytesView token,
                                                    const TokenReference& reference) {
    auto verifier = authority(environment, domain.aid, Privilege::kTokenVerification);
    auto key = verifier ? environment.keys.find(verifier->aid, kTokenKey) : std::nullopt;
    if (!key || verifier->is_locked()) return refuse(StatusWord::kConditionsNotSatisfied);
    SignatureRules rules(environment.profile);
    if (!is_meant(environment, verifier->aid, reference) || !rules.verify(*key, signed_data, token)) {
        return refuse(StatusWord::kSecurityStatus);
    }
    return rules.least_hash_size(*key);
}

}  // namespace

std::expected<void, StatusWord> may_begin(const Application& domain) {
    bool may = domain.may_manage_content() || domain.privileges.has(Privilege::kDelegatedManagement);
    if (!may || !domain.is_personalized()) return refuse(StatusWord::kConditionsNotSatisfied);
    return {};
}

std::expected<Authorization, StatusWord> authorize(const Environment& environment, const Application& domain,
                                                   BytesView signed_data, BytesView token,
                                                   const TokenReference& reference) {
    OTI_CHECK(may_begin(domain));
    Authorization authorization{domain.aid, false, std::nullopt, 0};
    if (domain.may_manage_content()) {
        if (!token.empty()) return refuse(StatusWord::kWrongData);
        return authorization;
    }
    if (token.empty()) return refuse(StatusWord::kConditionsNotSatisfied);
    OTI_TRY(authorization.least_hash_size, verify_token(environment, domain, signed_data, token, reference));
    authorization.by_token = true;
    if (reference.token_identifier) authorization.token_identifier = to_bytes(*reference.token_identifier);
    return authorization;
}

// 11.1.6
Answer confirm(Environment& environment, const Authorization& authorization, BytesView subject) {
    if (!authorization.by_token) return confirmation();
    auto generator = authority(environment, authorization.domain, Privilege::kReceiptGeneration);
    auto key = generator ? environment.keys.find(generator->aid, kReceiptKey) : std::nullopt;
    // The issuer's policy: receipts as soon as there is a key for them.
    if (!key) return confirmation();

    auto counter = environment.registry.confirmation_counter(generator->aid);
    if (counter == kLastConfirmation) return refuse(StatusWord::kConditionsNotSatisfied);
    auto unique =
        concat(number_of(environment, generator->aid, 0x42), number_of(environment, generator->aid, 0x45));
    ByteWriter data;
    data.u8(2).u16(counter).lv(unique);
    if (authorization.token_identifier) data.lv(*authorization.token_identifier);
    auto receipt = SignatureRules(environment.profile).sign(*key, concat(data.view(), subject));
    if (!receipt) return refuse(StatusWord::kConditionsNotSatisfied);
    environment.registry.set_confirmation_counter(generator->aid, static_cast<std::uint16_t>(counter + 1));
    auto content = concat(encode_length(receipt->size()), *receipt, data.view());
    return ResponseApdu{concat(encode_length(content.size()), content)};
}

}  // namespace oti::card
