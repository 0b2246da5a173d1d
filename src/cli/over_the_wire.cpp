// SPDX-License-Identifier: Apache-2.0
#include "cli/over_the_wire.h"

#include "bearer/virtual_channel.h"
#include "cap/cap_file.h"
#include "cap/load_file.h"
#include "card/memory_nvm_file.h"
#include "manager/domain_session.h"

namespace oti::cli {
namespace {

using manager::DomainAccess;
using manager::DomainGoal;
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

Result<globalplatform::DesiredApplication> application_of(const std::string& path) {
    OTI_TRY(auto file, cap::CapFile::read(path));
    const auto& package = file.package();
    if (package.applets().empty()) return fail(ErrorKind::kUsage, "cap.no_applet", path + " has no applet");
    auto module = package.applets().front();
    globalplatform::DesiredApplication application{package.aid(), module, module};
    application.load_file_data = cap::load_file(file.load_file_data_block());
    application.version = {package.version().major, package.version().minor};
    return application;
}

/// A secure element with a provider's domain, as a TSM would have made it.
class Bench {
  public:
    static Result<std::unique_ptr<Bench>> create(const std::string& profile_name) {
        std::unique_ptr<Bench> bench(new Bench);
        OTI_TRY(auto profile, card::load_profile(profile_name));
        DomainKeys issuer{scp::KeyVersion(0x30), scp::KeySet::random(bench->random_)};
        card::Personalization personalization{issuer.keys.clone(), 0x30,
                                              card::Personalization::identity_for("wire")};
        OTI_TRY(auto se, card::SecureElement::create(std::make_unique<card::MemoryNvmFile>(), profile,
                                                     personalization, bench->random_));
        bench->se_.emplace(std::move(se));
        VirtualClock no_time;
        bearer::VirtualChannel channel(*bench->se_, no_time);
        auto options = scp::Scp03Options::from_i(profile.profile.scp03_i);
        DomainSession create_domain(access_to(kIssuer, issuer, true),
                                    {{{manager::provider_domain(kDomain, options)}, {}}, {}}, std::nullopt,
                                    {}, bench->random_);
        OTI_CHECK(manager::run_directly(channel, create_domain));
        bench->keys_ = {scp::KeyVersion(0x31), scp::KeySet::random(bench->random_)};
        issuer.inherited = true;
        DomainSession personalize(access_to(kDomain, issuer), {{}, bench->keys_.clone()}, std::nullopt, {},
                                  bench->random_);
        OTI_CHECK(manager::run_directly(channel, personalize));
        bench->memory_ = personalize.memory();
        return bench;
    }

    Result<Measured> reach(DomainGoal goal) {
        SystemClock clock;
        bearer::VirtualChannel channel(*se_, clock);
        DomainSession session(access_to(kDomain, keys_), std::move(goal), memory_, {}, random_);
        auto begin = clock.now();
        OTI_TRY(auto traffic, manager::run_directly(channel, session));
        std::chrono::duration<double> taken = clock.now() - begin;
        memory_ = session.memory();
        return Measured{taken.count(), static_cast<std::int64_t>(traffic.apdus), 0,
                        static_cast<std::int64_t>(traffic.bytes_from_card),
                        static_cast<std::int64_t>(traffic.bytes_to_card)};
    }

    /// What a provider does in its first session with a domain.
    DomainKeys fresh_keys() { return {scp::KeyVersion(0x32), scp::KeySet::random(random_)}; }
    void use(DomainKeys keys) { keys_ = std::move(keys); }

  private:
    Bench() = default;
    crypto::SystemRandom random_;
    std::optional<card::SecureElement> se_;
    DomainKeys keys_;
    std::optional<manager::DomainMemory> memory_;
};

}  // namespace

Result<Life> run_over_the_wire(const std::string& profile, const Versions& cap_files) {
    OTI_TRY(auto first, application_of(cap_files.first));
    OTI_TRY(auto second, application_of(cap_files.second));
    OTI_TRY(auto bench, Bench::create(profile));
    Life life;
    auto fresh = bench->fresh_keys();
    OTI_TRY(life.install, bench->reach({{{first}, {}}, fresh.clone()}));
    bench->use(std::move(fresh));
    OTI_TRY(life.update, bench->reach({{{second}, {}}, {}}));
    OTI_TRY(life.remove, bench->reach({{{}, {first.load_file}}, {}}));
    return life;
}

}  // namespace oti::cli
