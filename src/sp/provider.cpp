// SPDX-License-Identifier: Apache-2.0
#include "sp/provider.h"

#include <fmt/format.h>

#include <charconv>

#include "base/hex.h"
#include "base/log.h"
#include "crypto/jwe.h"
#include "manager/preflight.h"

namespace oti::sp {
namespace {

using namespace std::chrono_literals;
using api::json::object;

constexpr std::string_view kIdentityMigration = "CREATE TABLE identity(jwk BLOB NOT NULL)";  // sealed
constexpr std::string_view kIdentityContext = "identity/jwk";
constexpr std::array kMigrations{Catalogue::kMigration,
                                 Domains::kMigration,
                                 Jobs::kMigration,
                                 kIdentityMigration,
                                 Jobs::kBearerMigration,
                                 ota_server::PacketDomains::kMigration,
                                 ota_server::PacketDomains::kCallsMigration};
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
    OTI_TRY(auto bearer, api::text_or_empty(body, "bearer"));
    if (!bearer.empty()) {
        OTI_TRY(job.bearer, parse_bearer(bearer));
    }
    // For short messages a secure element is known by its number, which the TSM hands over.
    if (job.bearer == Bearer::kOti) OTI_CHECK(service_->devices().find(job.se_id));
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

}  // namespace oti::sp
