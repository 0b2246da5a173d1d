// SPDX-License-Identifier: Apache-2.0
#include "sp/provider.h"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>

#include "base/hex.h"
#include "base/log.h"
#include "crypto/jwe.h"
#include "manager/domain_session.h"
#include "manager/preflight.h"

namespace oti::sp {
namespace {

using namespace std::chrono_literals;
using api::json::object;
using boost::asio::as_tuple;
using boost::asio::use_awaitable;
using manager::DomainSession;
using remote_agent::Flight;

constexpr std::string_view kIdentityMigration = "CREATE TABLE identity(jwk BLOB NOT NULL)";  // sealed
constexpr std::string_view kIdentityContext = "identity/jwk";
constexpr std::array kMigrations{Catalogue::kMigration, Domains::kMigration, Jobs::kMigration,
                                 kIdentityMigration};
constexpr auto kTsmTime = 5min;
/// Sessions with a phone that is connected.
constexpr int kAttempts = 7;
constexpr std::chrono::milliseconds kFirstPause = 250ms, kLongestPause = 30s;
constexpr std::chrono::milliseconds kLongestWait = 30s;

/// The key that the TSM encrypts handovers for; made once.
Result<crypto::SecretBytes> own_jwk(remote_agent::Service& service) {
    OTI_TRY(auto row, service.database().query_one("SELECT jwk FROM identity"));
    if (row) return service.sealer().open(row->bytes(0), kIdentityContext);
    OTI_TRY(auto jwk, crypto::make_jwk());
    OTI_CHECK(service.database().execute("INSERT INTO identity(jwk) VALUES(?)",
                                         {service.seal(jwk, kIdentityContext)}));
    return jwk;
}

/// Key versions of SCP03 go round (30 to 3F), so that an old and a new set never have the same.
scp::KeyVersion next_version(scp::KeyVersion version) {
    return scp::KeyVersion(static_cast<std::uint8_t>(0x30 + (version.value() + 1) % 16));
}

}  // namespace

Result<std::unique_ptr<Provider>> Provider::create(boost::asio::io_context& io,
                                                   remote_agent::ServiceConfiguration configuration,
                                                   net::Url tsm, crypto::Random& random) {
    auto identity = configuration.identity;
    OTI_TRY(auto service, remote_agent::Service::create(io, std::move(configuration), kMigrations, random));
    OTI_TRY(auto jwk, own_jwk(*service));
    std::unique_ptr<Provider> provider(
        new Provider(std::move(service), std::move(identity), std::move(tsm), std::move(jwk)));
    provider->add_routes();
    return provider;
}

Provider::Provider(std::unique_ptr<remote_agent::Service> service, net::TlsIdentity identity, net::Url tsm,
                   crypto::SecretBytes jwk)
    : service_(std::move(service)),
      identity_(std::move(identity)),
      tsm_(std::move(tsm)),
      jwk_(std::move(jwk)),
      catalogue_(service_->database()),
      domains_(service_->database(), service_->sealer()),
      jobs_(service_->database()),
      moves_(service_->io().get_executor()) {}

Status Provider::start() {
    OTI_TRY(auto elements, jobs_.elements_with_work());
    service_->start();
    for (const auto& se_id : elements) work_off(se_id);
    return {};
}

void Provider::stop() {
    stopping_ = true;
    moves_.notify();
    service_->stop();
}

void Provider::add_routes() {
    using Answer = net::Task<Result<api::json::value>>;
    auto& router = service_->router();
    auto to_json = [](const Published& published) {
        return object{{"name", published.name},
                      {"version", published.version},
                      {"load_file", published.application.load_file.hex()},
                      {"instance", published.application.instance.hex()},
                      {"load_file_size", published.load_file_size}};
    };
    router.add("POST", "/api/v1/applications", {"operator"}, [this, to_json](api::Call call) -> Answer {
        OTI_CO_TRY(auto parameters, parse_hex(call.request.query["parameters"]));
        OTI_CO_TRY(auto published,
                   catalogue_.publish(call.request.query["name"], call.request.body, parameters));
        log::info("published {} {}", published.name, published.version);
        co_return to_json(published);
    });
    router.add("GET", "/api/v1/applications", {"operator"}, [this, to_json](api::Call) -> Answer {
        OTI_CO_TRY(auto all, catalogue_.all());
        api::json::array list;
        for (const auto& published : all) list.emplace_back(to_json(published));
        co_return object{{"applications", std::move(list)}};
    });
    router.add("POST", "/api/v1/jobs", {"operator"}, [this](api::Call call) -> Answer {
        OTI_CO_TRY(auto body, api::parse_object(call.request.body));
        OTI_CO_TRY(auto job, order(body));
        work_off(job.se_id);
        co_return job.to_json();
    });
    router.add("GET", "/api/v1/jobs", {"operator"}, [this](api::Call) -> Answer {
        OTI_CO_TRY(auto jobs, jobs_.list(100));
        api::json::array list;
        for (const auto& job : jobs) list.emplace_back(job.to_json());
        co_return object{{"jobs", std::move(list)}};
    });
    router.add("GET", "/api/v1/jobs/*", {"operator"}, [this](api::Call call) -> Answer {
        std::int64_t id = 0, wait = 0;
        std::from_chars(call.rest.data(), call.rest.data() + call.rest.size(), id);
        const auto& wait_text = call.request.query["wait"];
        std::from_chars(wait_text.data(), wait_text.data() + wait_text.size(), wait);
        auto bounded = std::clamp(std::chrono::milliseconds(wait), 0ms, kLongestWait);
        OTI_CO_TRY(auto job, co_await watch(id, bounded, call.request.query["until"] == "end"));
        auto answer = job.to_json();
        if (auto found = running_.find(id); found != running_.end()) {
            const auto& [progress, waiting] = found->second;
            answer["state"] = "running";
            answer["progress"] =
                object{{"done", progress.done}, {"total", progress.total}, {"step", progress.step}};
            if (!waiting.empty()) answer["waiting"] = waiting;
        }
        answer["connected"] = service_->remote_agent().is_reachable(job.se_id);
        co_return answer;
    });
}

/// Returns when the job has moved (or has ended), or after `wait`.
net::Task<Result<Job>> Provider::watch(std::int64_t id, std::chrono::milliseconds wait, bool until_end) {
    auto deadline = std::chrono::steady_clock::now() + wait;
    auto step = [&] {
        auto found = running_.find(id);
        auto running = found == running_.end() ? Running() : found->second;
        return std::tuple(running.progress.done, running.progress.total, running.waiting);
    };
    auto before = step();
    OTI_CO_TRY(auto job, jobs_.find(id));
    while (job.state != JobState::kDone && job.state != JobState::kFailed &&
           (until_end || step() == before) && !stopping_ && std::chrono::steady_clock::now() < deadline) {
        co_await moves_.wait(deadline);
        OTI_CO_TRY(job, jobs_.find(id));
    }
    co_return job;
}

Result<Job> Provider::order(const object& body) {
    Job job;
    OTI_TRY(job.se_id, api::text(body, "se_id"));
    OTI_TRY(auto action, api::text(body, "action"));
    OTI_TRY(job.action, parse_action(action));
    OTI_TRY(job.application, api::text(body, "application"));
    OTI_TRY(auto version, api::text_or_empty(body, "version"));
    OTI_TRY(job.lockstep, api::boolean_or_false(body, "lockstep"));
    OTI_CHECK(service_->devices().find(job.se_id));
    OTI_TRY(auto published, catalogue_.find(job.application, version));
    if (job.action != Action::kDelete) job.version = published.version;
    // What cannot run on this secure element is refused before anything is sent.
    OTI_TRY(auto domain, domains_.find(job.se_id));
    if (domain && job.action != Action::kDelete) {
        OTI_TRY(auto imports, imports_of(published.application));
        OTI_CHECK(manager::check_imports(imports, domain->card));
    }
    return jobs_.add(std::move(job));
}

// The work
// ----------------------------------------------------------------------------------------------------------

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
        OTI_CO_CHECK(co_await service_->remote_agent().wait_reachable(job.se_id, net::kNever));
        OTI_CO_TRY(auto desired, desired_state(job.se_id));
        std::vector<cap::Import> imports;
        for (const auto& application : desired.present) {
            OTI_CO_TRY(auto more, imports_of(application));
            imports.insert(imports.end(), more.begin(), more.end());
        }
        OTI_CO_TRY(auto domain, co_await domain_for(job, imports));
        auto done = co_await attempt(job, std::move(domain), std::move(desired));
        if (done || stopping_) co_return done;
        if (done.error().code == "card.no_domain" && !domain_is_new) {
            // Only the phone says so, so our keys stay until the TSM has looked and has made another one.
            OTI_CO_CHECK(co_await request_domain(job, imports));
            domain_is_new = true;
            continue;
        }
        if (done.error().kind != ErrorKind::kIo || number == kAttempts) co_return done;
        log::info("job {}: {}; trying again", job.id, done.error().message);
        co_await pause_after(number);
    }
}

net::Task<void> Provider::pause_after(int failures) {
    auto pause = kFirstPause;
    while (--failures > 0 && pause < kLongestPause) pause *= 2;
    auto deadline = net::after(std::min(pause, kLongestPause));
    while (!stopping_ && std::chrono::steady_clock::now() < deadline) co_await moves_.wait(deadline);
}

/// One session: reads what is there and does what is missing.
net::Task<Status> Provider::attempt(Job& job, OwnDomain domain, globalplatform::DesiredState desired) {
    manager::DomainGoal goal{std::move(desired)};
    OTI_CO_CHECK(rotate_keys(domain, goal));
    std::unique_ptr<DomainSession> session;
    auto make = [&](manager::Carrier carrier) -> manager::Conversation& {
        session = std::make_unique<DomainSession>(domain.access(), std::move(goal), domain.memory, carrier,
                                                  service_->random());
        return *session;
    };
    auto on_progress = [&](const manager::Progress& progress) {
        running_[job.id].progress = progress;
        moves_.notify();
    };
    auto flight = job.lockstep ? Flight::lockstep() : Flight{};
    job.delivery = co_await service_->remote_agent().run(job.se_id, make, flight, on_progress);
    OTI_CO_CHECK(job.delivery.status);
    job.state = JobState::kDone;
    OTI_CO_CHECK(service_->database().transaction([&]() -> Status {
        OTI_CHECK(domains_.update(domain, session->key_version(), session->memory()));
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
        object body{{"jwk", api::json::parse(public_text)}, {"imports", manager::to_json(imports)}};
        auto answer = co_await ask_tsm("PUT", job.se_id, std::move(body));
        if (answer) {
            running_[job.id].waiting.clear();
            OTI_CO_TRY(auto jwe, api::text(*answer, "jwe"));
            OTI_CO_TRY(auto plain, crypto::jwe_decrypt(jwe, jwk_));
            OTI_CO_TRY(auto handover, manager::Handover::parse(plain));
            co_return domains_.add(job.se_id, handover);
        }
        if (stopping_ || answer.error().kind != ErrorKind::kIo) co_return during("the TSM", answer.error());
        log::warning("job {} waits for the TSM: {}", job.id, answer.error().message);
        running_[job.id].waiting = "for the TSM: " + answer.error().message;
        moves_.notify();
        co_await pause_after(number);
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
Status Provider::rotate_keys(OwnDomain& domain, manager::DomainGoal& goal) {
    if (!domain.from_tsm) return {};
    if (!domain.pending) {
        domain.pending = manager::DomainKeys{next_version(domain.current.version),
                                             scp::KeySet::random(service_->random())};
        OTI_CHECK(domains_.set_pending(domain.se_id, *domain.pending));
    }
    goal.fresh_keys = domain.pending->clone();
    return {};
}

}  // namespace oti::sp
