// SPDX-License-Identifier: Apache-2.0
// For tests: a provider with its domain on a virtual secure element.
#pragma once

#include "bearer/virtual_channel.h"
#include "cap/cap_file.h"
#include "card/testing.h"
#include "manager/domain_session.h"

namespace oti::manager::testing {

using card::testing::keys_of;
using card::testing::kTestKey;
using card::testing::must;
using iso7816::Aid;

inline constexpr std::string_view kOwnKey = "000102030405060708090A0B0C0D0E0F";
inline constexpr std::string_view kNextKey = "101112131415161718191A1B1C1D1E1F";
inline const Aid kDomain = Aid::constant("F04F544900"), kIssuer = Aid::constant("A000000151000000");
inline const Aid kTransit = Aid::constant("F04F54490201"), kTransitFile = Aid::constant("F04F544902");

inline DomainKeys domain_keys(std::string_view key, std::uint8_t version, bool inherited = false) {
    return {scp::KeyVersion(version), keys_of(key), inherited};
}

inline DomainAccess access_with(const Aid& aid, std::vector<DomainKeys> keys) {
    DomainAccess access{aid, std::move(keys)};
    access.issuer = aid == kIssuer;
    return access;
}

template <typename... Keys>
DomainAccess access_to(const Aid& aid, Keys... keys) {
    std::vector<DomainKeys> all;
    (all.push_back(std::move(keys)), ...);
    return access_with(aid, std::move(all));
}

inline globalplatform::DesiredApplication transit(const std::string& version) {
    auto file = must(cap::CapFile::read(OTI_SOURCE_DIR "/applets/transit-" + version + ".cap"));
    globalplatform::DesiredApplication wanted{kTransitFile, kTransit, kTransit};
    wanted.load_file_data = file.load_file();
    wanted.version = {file.package().version().major, file.package().version().minor};
    return wanted;
}

inline DomainGoal installed(const std::string& version) {
    return {{{transit(version)}, {}}};
}
inline DomainGoal deleted() {
    return {{{}, {kTransitFile}}};
}

/// A secure element with a provider's domain whose keys are `kOwnKey`, version 31; times are the profile's.
class Provider {
  public:
    explicit Provider(std::string_view profile = "uicc-2024", std::uint8_t domain_i = 0x70)
        : se(card::testing::make_se(random, profile, medium)) {
        auto options = scp::Scp03Options::from_i(domain_i);
        DomainSession create(access_to(kIssuer, domain_keys(kTestKey, 0x30)),
                             {{{provider_domain(kDomain, options)}, {}}}, std::nullopt, {}, random);
        must(run(create));
        DomainGoal own_keys{{}, domain_keys(kOwnKey, 0x31)};
        DomainSession personalize(access_to(kDomain, domain_keys(kTestKey, 0x30, true)), std::move(own_keys),
                                  std::nullopt, {}, random);
        must(run(personalize));
        memory = personalize.memory();
    }

    Result<Traffic> run(Conversation& conversation) {
        bearer::VirtualChannel channel(se, clock);
        return run_directly(channel, conversation);
    }

    /// A session of the provider's; remembers what it learnt.
    Result<Traffic> reach(DomainGoal goal, Carrier carrier = {}) {
        DomainSession session(access_to(kDomain, domain_keys(kOwnKey, 0x31)), std::move(goal), memory,
                              carrier, random);
        auto traffic = run(session);
        if (traffic) memory = session.memory();
        return traffic;
    }

    bool has_transit() const {
        auto entry = se.registry().application(kTransit);
        return entry && entry->life_cycle == 0x07;
    }
    std::optional<cap::Version> transit_version() const {
        auto file = se.registry().load_file(kTransitFile);
        return file ? std::optional(file->version) : std::nullopt;
    }

    crypto::SystemRandom random;
    VirtualClock clock;
    std::shared_ptr<card::MemoryMedium> medium = std::make_shared<card::MemoryMedium>();
    card::SecureElement se;
    std::optional<DomainMemory> memory;
};

}  // namespace oti::manager::testing
