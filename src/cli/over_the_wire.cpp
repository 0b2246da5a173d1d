// SPDX-License-Identifier: Apache-2.0
#include "cli/over_the_wire.h"

#include "bearer/virtual_channel.h"
#include "compare/subject.h"

namespace oti::cli {
namespace {

using manager::DomainGoal;
using manager::DomainKeys;
using manager::DomainSession;

/// A secure element with a provider's domain, and a terminal that it is plugged in.
class Bench {
  public:
    static Result<std::unique_ptr<Bench>> create(const std::string& profile_name) {
        std::unique_ptr<Bench> bench(new Bench);
        OTI_TRY(bench->subject_, compare::Subject::create(profile_name, bench->random_));
        OTI_TRY(bench->se_, bench->subject_->secure_element(bench->random_));
        bench->keys_ = bench->subject_->access().keys.front().clone();
        bench->memory_ = bench->subject_->memory();
        return bench;
    }

    Result<Measured> reach(DomainGoal goal) {
        SystemClock clock;
        bearer::VirtualChannel channel(*se_, clock);
        auto access = subject_->access();
        access.keys.front() = keys_.clone();
        DomainSession session(std::move(access), std::move(goal), memory_, {}, random_);
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
    std::optional<compare::Subject> subject_;
    std::optional<card::SecureElement> se_;
    DomainKeys keys_;
    std::optional<manager::DomainMemory> memory_;
};

}  // namespace

Result<Life> run_over_the_wire(const std::string& profile, const Versions& cap_files) {
    OTI_TRY(auto first, compare::read_applet(cap_files.first));
    OTI_TRY(auto second, compare::read_applet(cap_files.second));
    OTI_TRY(auto bench, Bench::create(profile));
    Life life;
    auto fresh = bench->fresh_keys();
    OTI_TRY(life.install, bench->reach({{{first.application}, {}}, fresh.clone()}));
    bench->use(std::move(fresh));
    OTI_TRY(life.update, bench->reach({{{second.application}, {}}, {}}));
    OTI_TRY(life.remove, bench->reach({{{}, {first.application.load_file}}, {}}));
    return life;
}

Result<Measured> install_over_the_wire(const std::string& profile, const std::string& cap_file) {
    OTI_TRY(auto applet, compare::read_applet(cap_file));
    OTI_TRY(auto bench, Bench::create(profile));
    return bench->reach({{{applet.application}, {}}, {}});
}

}  // namespace oti::cli
