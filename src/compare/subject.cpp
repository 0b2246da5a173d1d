// SPDX-License-Identifier: Apache-2.0
#include "compare/subject.h"

#include "bearer/virtual_channel.h"
#include "compare/bare_installation.h"
#include "ota/administration_trigger.h"

namespace oti::compare {
namespace {

using manager::DomainAccess;
using manager::DomainKeys;
using manager::DomainSession;

const iso7816::Aid kIssuer = iso7816::Aid::constant(card::kIssuerDomainAid);
const iso7816::Aid kDomain = iso7816::Aid::constant("F04F544900");

DomainAccess access_to(const iso7816::Aid& aid, const DomainKeys& keys, bool issuer = false) {
    DomainAccess access{aid, {}};
    access.keys.push_back(keys.clone());
    access.issuer = issuer;
    return access;
}

}  // namespace

Result<Subject> Subject::create(std::string_view profile_name, crypto::Random& random) {
    Subject subject;
    OTI_TRY(auto profile, card::load_profile(profile_name));
    subject.profile_ = profile.profile.name;
    DomainKeys issuer{scp::KeyVersion(0x30), scp::KeySet::random(random)};
    card::Personalization personalization{issuer.keys.clone(), 0x30,
                                          card::Personalization::identity_for("subject")};
    auto remote = scp::KeySet::random(random);
    subject.remote_keys_ = {scp::Scp80Algorithm::kAes, remote.enc.clone(), remote.mac.clone(), 8};
    if (profile.profile.toolkit) {
        personalization.remote =
            card::RemoteManagementKeys{kRemoteKeys, std::move(remote), card::KeyType::kAes, 8};
    }
    OTI_TRY(auto se, card::SecureElement::create(std::make_unique<card::MemoryNvmFile>(subject.medium_),
                                                 profile, personalization, random));
    bearer::VirtualChannel channel(se);
    auto options = scp::Scp03Options::from_i(profile.profile.scp03_i);
    DomainSession create_domain(access_to(kIssuer, issuer, true),
                                {{{manager::provider_domain(kDomain, options)}, {}}, {}}, std::nullopt, {},
                                random);
    OTI_CHECK(manager::run_directly(channel, create_domain));
    subject.keys_ = {scp::KeyVersion(0x31), scp::KeySet::random(random)};
    issuer.inherited = true;
    DomainSession personalize(access_to(kDomain, issuer), {{}, subject.keys_.clone()}, std::nullopt, {},
                              random);
    OTI_CHECK(manager::run_directly(channel, personalize));
    subject.memory_ = personalize.memory();
    if (profile.profile.scp81_i) OTI_CHECK(subject.administrate(random));
    return subject;
}

/// Gives the domain a reference for messages, keys for them and for TLS, and its server.
Status Subject::administrate(crypto::Random& random) {
    constexpr std::uint8_t kTlsKeys = 0x40, kPsk = 1;
    constexpr std::size_t kPskSize = 16;
    OTI_TRY(auto nvm, card::Nvm::open(std::make_unique<card::MemoryNvmFile>(medium_)));
    card::Registry registry(nvm);
    card::KeyStore keys(nvm);
    auto domain = *registry.application(kDomain);
    // Priority, timers and menus: none; no minimum of security; one reference (TS 102 226, 8.2.1.3.2.2.1).
    auto toolkit = concat(Bytes{0x00, 0x00, 0x00, 0x00, 0x00, 0x00}, Bytes{kDomainTar.size()}, kDomainTar);
    domain.uicc_parameters = encode_tlv(0xEA, encode_tlv(0x80, toolkit));
    registry.put(domain);

    auto remote = scp::KeySet::random(random);
    domain_remote_keys_ = {scp::Scp80Algorithm::kAes, remote.enc.clone(), remote.mac.clone(), 8};
    keys.put_set(kDomain, kRemoteKeys, remote);
    keys.attach(kDomain, {kRemoteKeys, card::kKeyMac}, card::KeyAttachment::kMacSize, Bytes{8});
    psk_ = crypto::SecretBytes::take(random.bytes(kPskSize));
    auto put = [&](std::uint8_t id, card::KeyType type, crypto::SecretBytes value) {
        card::StoredKey key{{kTlsKeys, id}, {}};
        key.components.push_back({type, std::move(value)});
        keys.put(kDomain, key);
    };
    put(kPsk, card::KeyType::kPskTls, psk_.clone());
    put(kPsk + 1, card::KeyType::kAes, crypto::SecretBytes::take(random.bytes(kPskSize)));

    ota::AdministrationParameters parameters{.server = ota::ChannelTarget{{192, 0, 2, 1}, 443},
                                             .identity = std::string(kPskIdentity),
                                             .key_version = kTlsKeys,
                                             .key_id = kPsk,
                                             .retry = ota::RetryPolicy{1000, std::chrono::seconds(2)},
                                             .host = "ras.oti.example",
                                             .agent = "subject",
                                             .uri = "/administration"};
    registry.put_data_object(kDomain, 0x85, parameters.encode());
    return nvm.commit();
}

Result<card::SecureElement> Subject::secure_element(crypto::Random& random) const {
    return card::SecureElement::open(
        std::make_unique<card::MemoryNvmFile>(std::make_shared<card::MemoryMedium>(*medium_)), random);
}

DomainAccess Subject::access() const {
    return access_to(kDomain, keys_);
}

std::unique_ptr<manager::Conversation> Subject::installation(const Applet& applet, Procedure procedure,
                                                             manager::Carrier carrier,
                                                             crypto::Random& random) const {
    if (procedure == Procedure::kBare) {
        return std::make_unique<BareInstallation>(access(), applet.application, memory_.max_command_data,
                                                  memory_.options, random);
    }
    manager::DomainGoal goal{{{applet.application}, {}}, {}};
    return std::make_unique<DomainSession>(access(), std::move(goal), memory_, carrier, random);
}

}  // namespace oti::compare
