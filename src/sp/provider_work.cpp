// SPDX-License-Identifier: Apache-2.0
// What the provider does for its jobs: domains, sessions, keys.
#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "base/log.h"
#include "crypto/jwe.h"
#include "manager/preflight.h"
#include "sp/provider.h"

namespace oti::sp {
namespace {

using namespace std::chrono_literals;
using api::json::object;
using manager::DomainSession;
using remote_agent::Flight;

constexpr auto kTsmTime = 5min;
/// Sessions with a phone that is connected.
constexpr int kAttempts = 7;
constexpr std::chrono::milliseconds kFirstPause = 250ms, kLongestPause = 30s, kLongestPauseOfMessages = 1h;

/// Key versions of SCP03 go round (30 to 3F), so that an old and a new set never have the same.
scp::KeyVersion next_version(scp::KeyVersion version) {
    return scp::KeyVersion(static_cast<std::uint8_t>(0x30 + (version.value() + 1) % 16));
}

}  // namespace

void Provider::work_off(const std::string& se_id) {
    if (!working_.insert(se_id).second) return;
    boost::asio::co_spawn(service_->io(), work_off_queue(se_id), boost::asio::detached);
}

net::Task<void> Provider::work_off_queue(std::string se_id) {
    while (!stopping_) {
        auto job = jobs_.next_queued(se_id);
        if (!job || !*job) break;
        auto& current = **job;
        // That it runs is known here only: after a crash it is queued, as it was.
        running_[current.id] = {};
        auto done = co_await run(current);
        if (stopping_) break;
        running_.erase(current.id);
        if (done) {
            log::info("job {}: {} {}{} done in {:.2f} s", current.id, name(current.action),
                      current.application, current.version.empty() ? "" : " " + current.version,
                      current.delivery.seconds.count());
        } else {
            log::warning("job {}: {}", current.id, done.error().message);
            current.state = JobState::kFailed;
            current.error = done.error();
            if (auto recorded = jobs_.give_up(current); !recorded) log::error("{}", recorded.error().message);
        }
        moves_.notify();
    }
    working_.erase(se_id);
}

/// Tries until it is done or hopeless. Failures of the network are overcome by trying again.
net::Task<Status> Provider::run(Job& job) {
    bool domain_is_new = false;
    for (int number = 1;; ++number) {
        // The phone may be gone for days.
        if (job.bearer == Bearer::kOti)
            OTI_CO_CHECK(co_await service_->remote_agent().wait_reachable(job.se_id, net::kNever));
        OTI_CO_TRY(auto desired, desired_state(job.se_id));
        std::vector<cap::Import> imports;
        for (const auto& application : desired.present) {
            OTI_CO_TRY(auto more, imports_of(application));
            imports.insert(imports.end(), more.begin(), more.end());
        }
        OTI_CO_TRY(auto domain, co_await domain_for(job, imports));
        Status done;
        switch (job.bearer) {
            case Bearer::kOti:
                done = co_await attempt(job, std::move(domain), std::move(desired));
                break;
            case Bearer::kOta:
                done = co_await attempt_by_messages(job, std::move(domain), std::move(desired));
                break;
            case Bearer::kBip:
                done = co_await attempt_by_call(job, std::move(domain), std::move(desired));
                break;
        }
        if (done || stopping_) co_return done;
        if (done.error().code == "card.no_domain" && !domain_is_new) {
            // Only the phone says so, so our keys stay until the TSM has looked and has made another one.
            OTI_CO_CHECK(co_await request_domain(job, imports));
            domain_is_new = true;
            continue;
        }
        // By short messages nobody tells when the phone is there again: it is asked, less and less often.
        bool waits = job.bearer != Bearer::kOti;
        if (done.error().kind != ErrorKind::kIo || (number == kAttempts && !waits)) co_return done;
        log::info("job {}: {}; trying again", job.id, done.error().message);
        if (waits) running_[job.id].waiting = "for the phone: " + done.error().message;
        co_await pause_after(number, waits ? kLongestPauseOfMessages : kLongestPause);
        running_[job.id].waiting.clear();
    }
}

net::Task<void> Provider::pause_after(int failures, std::chrono::milliseconds longest) {
    auto pause = kFirstPause;
    while (--failures > 0 && pause < longest) pause *= 2;
    auto deadline = net::after(std::min(pause, longest));
    while (!stopping_ && std::chrono::steady_clock::now() < deadline) co_await moves_.wait(deadline);
}

net::Task<Status> Provider::attempt(Job& job, OwnDomain domain, globalplatform::DesiredState desired) {
    manager::DomainGoal goal{std::move(desired)};
    OTI_CO_TRY(goal.fresh_keys, fresh_keys(domain));
    std::unique_ptr<DomainSession> session;
    auto make = [&](manager::Carrier carrier) -> manager::Conversation& {
        session = std::make_unique<DomainSession>(domain.access(), std::move(goal), domain.memory, carrier,
                                                  service_->random());
        return *session;
    };
    auto on_progress = [&](const manager::Progress& progress) { show(job, progress); };
    auto flight = job.lockstep ? Flight::lockstep() : Flight{};
    job.delivery = co_await service_->remote_agent().run(job.se_id, make, flight, on_progress);
    OTI_CO_CHECK(job.delivery.status);
    co_return co_await finish(
        job, domain, [&] { return domains_.update(domain, session->key_version(), session->memory()); });
}

Result<ota_server::PacketDomain> Provider::packet_domain(const OwnDomain& domain) {
    OTI_TRY(auto packets, service_->ota().domains().find(domain.se_id, domain.aid));
    if (packets) return std::move(*packets);
    return fail(ErrorKind::kUsage, "ota.no_keys",
                fmt::format("the domain on {} was made over the internet, and has no keys for short messages",
                            domain.se_id),
                "use the bearer oti; or have the TSM delete the domain, and order again by ota or bip");
}

net::Task<Status> Provider::hold_session(Job& job, ota_server::PacketDomain& packets, OwnDomain& domain,
                                         manager::PacketGoal goal) {
    OTI_CO_TRY(goal.fresh_keys, fresh_keys(packets));
    OTI_CO_TRY(goal.fresh_channel_keys, fresh_keys(domain));
    auto& ota = service_->ota();
    auto access = packets.access(ota.messages());
    access.channel_keys = domain.access().keys;
    bool rotates = goal.fresh_channel_keys.has_value();
    manager::PacketSession session(std::move(access), std::move(goal));
    auto on_progress = [&](const manager::Progress& progress) { show(job, progress); };
    auto make = [&]() -> Result<manager::PacketSession*> { return &session; };
    job.delivery = co_await ota.run(packets, make, on_progress);
    OTI_CO_CHECK(job.delivery.status);
    co_return service_->database().transaction([&]() -> Status {
        OTI_CHECK(ota.domains().settle(packets, session.keys().version));
        return domains_.update(domain, rotates ? domain.pending->version : domain.current.version, {});
    });
}

net::Task<Status> Provider::attempt_by_messages(Job& job, OwnDomain domain,
                                                globalplatform::DesiredState desired) {
    OTI_CO_TRY(auto packets, packet_domain(domain));
    OTI_CO_CHECK(co_await hold_session(job, packets, domain, {std::move(desired)}));
    co_return co_await finish(job, domain, {});
}

net::Task<Status> Provider::prepare_calls(Job& job, ota_server::PacketDomain& packets, OwnDomain& domain) {
    auto& domains = service_->ota().domains();
    if (!packets.call_keys) {
        packets.call_keys = manager::CallKeys::random(service_->random());
        OTI_CO_CHECK(domains.set_call_keys(packets, *packets.call_keys));
    }
    manager::PacketGoal goal;
    goal.call_keys = packets.call_keys->clone();
    OTI_CO_CHECK(co_await hold_session(job, packets, domain, std::move(goal)));
    OTI_CO_CHECK(domains.settle_call_keys(packets));
    OTI_CO_TRY(packets, packet_domain(domain));
    co_return Status{};
}

net::Task<Status> Provider::attempt_by_call(Job& job, OwnDomain domain,
                                            globalplatform::DesiredState desired) {
    OTI_CO_TRY(auto packets, packet_domain(domain));
    job.delivery = {};
    // They came after those that the TSM knows were replaced.
    if (!packets.has_call_keys) OTI_CO_CHECK(co_await prepare_calls(job, packets, domain));
    auto before = std::move(job.delivery);
    manager::RemoteReconciliation work(packets.aid, std::move(desired), iso7816::kMaxShortData);
    auto on_progress = [&](const manager::Progress& progress) { show(job, progress); };
    job.delivery = co_await service_->ota().call(packets, work, on_progress);
    auto& delivery = job.delivery;
    delivery.messages += before.messages;
    delivery.bytes_up += before.bytes_up;
    delivery.bytes_down += before.bytes_down;
    delivery.seconds += before.seconds;
    OTI_CO_CHECK(delivery.status);
    co_return co_await finish(job, domain, {});
}

void Provider::show(const Job& job, const manager::Progress& progress) {
    running_[job.id].progress = progress;
    moves_.notify();
}

net::Task<Status> Provider::finish(Job& job, const OwnDomain& domain,
                                   const std::function<Status()>& record_keys) {
    job.state = JobState::kDone;
    OTI_CO_CHECK(service_->database().transaction([&]() -> Status {
        if (record_keys) OTI_CHECK(record_keys());
        OTI_CHECK(jobs_.forget_deleted(job.se_id));
        return jobs_.record(job);
    }));
    // The TSM forgets its copy of the first keys; if it does not hear of this, they open nothing any more all
    // the same.
    if (domain.from_tsm) (void)co_await ask_tsm("POST", job.se_id, object{});
    co_return Status{};
}

net::Task<Result<object>> Provider::ask_tsm(std::string method, std::string se_id, object body) {
    api::Client client(service_->io().get_executor(), identity_, tsm_);
    co_return co_await client.call(std::move(method),
                                   "/api/v1/security-domains/" + net::percent_encode(se_id), std::move(body),
                                   net::after(kTsmTime));
}

/// Our domain on the secure element; the TSM makes it if there is none.
net::Task<Result<OwnDomain>> Provider::domain_for(const Job& job, const std::vector<cap::Import>& imports) {
    OTI_CO_TRY(auto known, domains_.find(job.se_id));
    if (!known) {
        OTI_CO_CHECK(co_await request_domain(job, imports));
        OTI_CO_TRY(known, domains_.find(job.se_id));
    }
    OTI_CO_CHECK(manager::check_imports(imports, known->card));
    co_return std::move(*known);
}

/// The TSM makes a domain and hands it over, or refuses. While it cannot be reached, or cannot reach the
/// phone, the job waits.
net::Task<Status> Provider::request_domain(const Job& job, const std::vector<cap::Import>& imports) {
    OTI_CO_TRY(auto public_text, crypto::public_jwk(jwk_));
    for (int number = 1;; ++number) {
        object body{{"jwk", api::json::parse(public_text)},
                    {"imports", manager::to_json(imports)},
                    {"bearer", job.bearer == Bearer::kOti ? "oti" : "ota"}};
        auto answer = co_await ask_tsm("PUT", job.se_id, std::move(body));
        if (answer) {
            running_[job.id].waiting.clear();
            OTI_CO_TRY(auto jwe, api::text(*answer, "jwe"));
            OTI_CO_TRY(auto plain, crypto::jwe_decrypt(jwe, jwk_));
            OTI_CO_TRY(auto handover, manager::Handover::parse(plain));
            co_return take_over(job.se_id, handover);
        }
        if (stopping_ || answer.error().kind != ErrorKind::kIo) co_return during("the TSM", answer.error());
        log::warning("job {} waits for the TSM: {}", job.id, answer.error().message);
        running_[job.id].waiting = "for the TSM: " + answer.error().message;
        moves_.notify();
        co_await pause_after(number, kLongestPause);
    }
}

Result<globalplatform::DesiredState> Provider::desired_state(const std::string& se_id) const {
    globalplatform::DesiredState desired;
    OTI_TRY(auto wishes, jobs_.desired(se_id));
    for (const auto& wish : wishes) {
        OTI_TRY(auto published, catalogue_.find(wish.application, wish.version));
        if (wish.version.empty()) {
            desired.absent.push_back(published.application.load_file);
        } else {
            desired.present.push_back(std::move(published.application));
        }
    }
    return desired;
}

/// The TSM knows the first keys of a domain; ours take their place in the first session. They are recorded
/// before.
Result<std::optional<manager::DomainKeys>> Provider::fresh_keys(OwnDomain& domain) {
    if (!domain.from_tsm) return std::nullopt;
    if (!domain.pending) {
        domain.pending = manager::DomainKeys{next_version(domain.current.version),
                                             scp::KeySet::random(service_->random())};
        OTI_CHECK(domains_.set_pending(domain.se_id, *domain.pending));
    }
    return domain.pending->clone();
}

Result<std::optional<manager::PacketKeys>> Provider::fresh_keys(ota_server::PacketDomain& domain) {
    if (!domain.keys_are_shared) return std::nullopt;
    if (domain.keys.size() == 1) {
        domain.keys.push_back({ota_server::next_packet_version(domain.keys.front().version),
                               scp::KeySet::random(service_->random())});
        OTI_CHECK(service_->ota().domains().add_keys(domain, domain.keys.back()));
    }
    return domain.keys.back().clone();
}

Status Provider::take_over(const std::string& se_id, const manager::Handover& handover) {
    return service_->database().transaction([&]() -> Status {
        OTI_CHECK(domains_.add(se_id, handover));
        auto& packets = service_->ota().domains();
        if (!handover.packets) return packets.remove(se_id, handover.aid);
        ota_server::PacketDomain domain{se_id, handover.aid, handover.packets->msisdn, handover.packets->tar,
                                        {},    true};
        domain.keys.push_back(handover.packets->keys.clone());
        return packets.put(domain);
    });
}

}  // namespace oti::sp
