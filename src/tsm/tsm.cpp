// SPDX-License-Identifier: Apache-2.0
#include "tsm/tsm.h"

#include <fmt/format.h>

#include "base/hex.h"
#include "base/log.h"
#include "crypto/jwe.h"
#include "manager/preflight.h"

namespace oti::tsm {
namespace {

using namespace std::chrono_literals;
using api::json::object;
using manager::DomainSession;
using remote_agent::Flight;

constexpr std::array kMigrations{Records::kMigration, ota_server::PacketDomains::kMigration,
                                 ota_server::PacketDomains::kCallsMigration};
constexpr auto kReachable = 60s;

/// Error `cap.missing_import` if the secure element lacked one of them when the issuer's domain was read.
Status check_imports(const std::vector<cap::Import>& imports, const manager::DomainMemory& issuer) {
    OTI_TRY(auto registry, globalplatform::parse_registry(issuer.registry));
    return manager::check_imports(imports, registry);
}

/// `bearer` of a request: `oti` or `ota`.
Result<bool> wants_messages(const object& request) {
    OTI_TRY(auto bearer, api::text_or_empty(request, "bearer"));
    if (!bearer.empty() && bearer != "oti" && bearer != "ota")
        return fail(ErrorKind::kUsage, "api.invalid", "'bearer' is oti or ota");
    return bearer == "ota";
}

}  // namespace

Result<std::unique_ptr<Tsm>> Tsm::create(boost::asio::io_context& io,
                                         remote_agent::ServiceConfiguration configuration,
                                         crypto::Random& random) {
    OTI_TRY(auto service, remote_agent::Service::create(io, std::move(configuration), kMigrations, random));
    std::unique_ptr<Tsm> tsm(new Tsm(std::move(service)));
    tsm->add_routes();
    return tsm;
}

void Tsm::start() {
    service_->start();
}

void Tsm::stop() {
    stopping_ = true;
    turns_.notify();
    service_->stop();
}

void Tsm::add_routes() {
    using Answer = net::Task<Result<api::json::value>>;
    auto& router = service_->router();
    router.add("POST", "/api/v1/secure-elements", {"operator"}, [this](api::Call call) -> Answer {
        OTI_CO_TRY(auto body, api::parse_object(call.request.body));
        OTI_CO_CHECK(records_.import_secure_element(body));
        co_return object{};
    });
    router.add("POST", "/api/v1/providers", {"operator"}, [this](api::Call call) -> Answer {
        OTI_CO_TRY(auto body, api::parse_object(call.request.body));
        OTI_CO_CHECK(records_.add_provider(body));
        co_return object{};
    });
    router.add("GET", "/api/v1/security-domains", {"operator"}, [this](api::Call) -> Answer {
        OTI_CO_TRY(auto list, records_.list_domains());
        co_return object{{"security_domains", std::move(list)}};
    });
    router.add("PUT", "/api/v1/security-domains/*", {"sp"}, [this](api::Call call) -> Answer {
        OTI_CO_TRY(auto body, api::parse_object(call.request.body));
        auto provider = call.request.peer.common_name;
        co_return co_await exclusively(call.rest, provider,
                                       create_domain(call.rest, provider, std::move(body)));
    });
    router.add("POST", "/api/v1/security-domains/*", {"sp"}, [this](api::Call call) -> Answer {
        OTI_CO_CHECK(records_.confirm_handover(call.rest, call.request.peer.common_name));
        co_return object{};
    });
    router.add("DELETE", "/api/v1/security-domains/*", {"operator"}, [this](api::Call call) -> Answer {
        auto slash = call.rest.rfind('/');
        if (slash == std::string::npos)
            co_return fail(ErrorKind::kUsage, "api.invalid", "name the SE and the provider");
        auto se_id = call.rest.substr(0, slash), provider = call.rest.substr(slash + 1);
        bool by_messages = call.request.query["bearer"] == "ota";
        co_return co_await exclusively(se_id, provider, delete_domain(se_id, provider, by_messages));
    });
}

net::Task<Result<std::unique_ptr<DomainSession>>> Tsm::run(std::string se_id, manager::DomainAccess access,
                                                           manager::DomainGoal goal,
                                                           std::optional<manager::DomainMemory> memory) {
    auto& remote = service_->remote_agent();
    OTI_CO_CHECK(co_await remote.wait_reachable(se_id, net::after(kReachable)));
    std::unique_ptr<DomainSession> session;
    auto make = [&](manager::Carrier carrier) -> manager::Conversation& {
        session = std::make_unique<DomainSession>(std::move(access), std::move(goal), std::move(memory),
                                                  carrier, service_->random());
        return *session;
    };
    auto delivery = co_await remote.run(se_id, make, Flight{});
    if (!delivery.status) co_return std::unexpected(delivery.status.error());
    co_return std::move(session);
}

/// Two sessions: the issuer's domain gets the new one, and with the issuer's keys, which it inherits, the new
/// one gets its own. Either can be cut anywhere and begun again. A secure element that was never met is read
/// first, as is one that lacked an import when it was met.
net::Task<Result<manager::Handover>> Tsm::create_on_card(Issuer issuer, const Domain& domain,
                                                         const std::vector<cap::Import>& imports) {
    auto run_as_issuer =
        [&](globalplatform::DesiredState desired) -> net::Task<Result<std::unique_ptr<DomainSession>>> {
        auto session = co_await run(issuer.se_id, issuer.access(), {std::move(desired), {}}, issuer.memory);
        if (!session) co_return session;
        OTI_CO_CHECK(records_.record_memory(issuer, (*session)->memory()));
        co_return session;
    };
    bool is_read_now = !issuer.memory;
    if (is_read_now) OTI_CO_CHECK(co_await run_as_issuer({}));
    auto importable = check_imports(imports, *issuer.memory);
    if (!importable && !is_read_now) {
        OTI_CO_CHECK(co_await run_as_issuer({}));
        importable = check_imports(imports, *issuer.memory);
    }
    OTI_CO_CHECK(std::move(importable));

    auto wanted = manager::provider_domain(domain.aid, issuer.memory->options);
    OTI_CO_TRY(auto created, co_await run_as_issuer({{wanted}, {}}));
    if (domain.was_handed_over && !created->changed()) {
        OTI_CO_CHECK(records_.record_handed_over(domain.se_id, domain.provider));
        co_return is_its_owners(domain);
    }

    manager::DomainAccess access{domain.aid, {}};
    access.keys.push_back(domain.keys.clone());
    access.keys.push_back(issuer.keys.clone());
    access.keys.back().inherited = true;
    manager::DomainGoal own_keys{{}, domain.keys.clone()};
    OTI_CO_TRY(auto personalized,
               co_await run(issuer.se_id, std::move(access), std::move(own_keys), std::nullopt));
    co_return manager::Handover{domain.aid, domain.keys.clone(), personalized->memory(),
                                created->registry().load_files};
}

net::Task<Result<api::json::value>> Tsm::create_domain(std::string se_id, std::string provider,
                                                       object request) {
    const auto* jwk = request.if_contains("jwk");
    if (jwk == nullptr) co_return fail(ErrorKind::kUsage, "api.invalid", "'jwk' is missing");
    std::vector<cap::Import> imports;
    if (request.contains("imports")) {
        OTI_CO_TRY(const auto* array, api::array(request, "imports"));
        OTI_CO_TRY(imports, manager::parse_imports(*array));
    }
    OTI_CO_TRY(auto by_messages, wants_messages(request));
    OTI_CO_TRY(auto issuer, records_.issuer(se_id));
    OTI_CO_TRY(auto domain, records_.domain(issuer, provider));
    if (!domain.handover) {
        log::info("creating the domain of {} on {}{}", provider, se_id,
                  by_messages ? " by short messages" : "");
        auto made = by_messages ? co_await create_by_messages(std::move(issuer), domain, imports)
                                : co_await create_on_card(std::move(issuer), domain, imports);
        OTI_CO_TRY(domain.handover, std::move(made));
        OTI_CO_CHECK(records_.record_created(domain));
    }
    auto encoded = domain.handover->encode();
    OTI_CO_TRY(auto jwe, crypto::jwe_encrypt(encoded.view(crypto::SecretAccess::granted()),
                                             api::json::serialize(*jwk)));
    co_return object{{"jwe", jwe}};
}

net::Task<Result<api::json::value>> Tsm::delete_domain(std::string se_id, std::string provider,
                                                       bool by_messages) {
    OTI_CO_TRY(auto issuer, records_.issuer(se_id));
    OTI_CO_TRY(auto aid, records_.aid_of(provider, "oti tsm sd list shows them"));
    globalplatform::DesiredState absent{{}, {aid}};
    bool changed = false;
    if (by_messages) {
        OTI_CO_TRY(auto session, co_await run_by_messages(issuer, {std::move(absent)}));
        changed = session->changed();
        OTI_CO_CHECK(records_.remove_domain(se_id, provider));
    } else {
        OTI_CO_TRY(auto session,
                   co_await run(se_id, issuer.access(), {std::move(absent), {}}, issuer.memory));
        changed = session->changed();
        OTI_CO_CHECK(service_->database().transaction([&]() -> Status {
            OTI_CHECK(records_.record_memory(issuer, session->memory()));
            return records_.remove_domain(se_id, provider);
        }));
    }
    co_return object{{"changed", changed}};
}

/// One piece of work on a domain at a time.
net::Task<Result<api::json::value>> Tsm::exclusively(std::string se_id, std::string provider,
                                                     net::Task<Result<api::json::value>> work) {
    auto name = std::pair(se_id, provider);
    while (!busy_.insert(name).second) {
        co_await turns_.wait(net::kNever);
        if (stopping_) co_return fail(ErrorKind::kIo, "agent.stopped", "the server is being stopped");
    }
    auto answer = co_await std::move(work);
    busy_.erase(name);
    turns_.notify();
    if (!answer) log::warning("domain of {} on {}: {}", provider, se_id, answer.error().message);
    co_return answer;
}

}  // namespace oti::tsm
