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
using crypto::SecretBytes;
using manager::DomainKeys;
using manager::DomainSession;
using remote_agent::Flight;
using storage::Value;

constexpr std::array<std::string_view, 1> kMigrations{R"sql(
    CREATE TABLE secure_element(
        se_id TEXT PRIMARY KEY,
        aid TEXT NOT NULL,             -- of the issuer's domain
        key_version INTEGER NOT NULL,
        kdf TEXT NOT NULL,             -- how the card's keys come from these
        keys BLOB NOT NULL,            -- sealed
        memory BLOB);
    CREATE TABLE provider(
        name TEXT PRIMARY KEY,         -- common name of its certificate
        aid TEXT NOT NULL UNIQUE);     -- of its domains
    CREATE TABLE domain(
        se_id TEXT NOT NULL REFERENCES secure_element(se_id),
        provider TEXT NOT NULL REFERENCES provider(name),
        state TEXT NOT NULL,           -- creating, created, handed_over
        key_version INTEGER NOT NULL,
        keys BLOB,                     -- sealed; none once the provider has its own
        handover BLOB,                 -- before it is encrypted for the provider, sealed
        PRIMARY KEY(se_id, provider));
)sql"};

/// The key version that a new domain gets: another one than that of the issuer's keys, which it inherits
/// before.
constexpr std::uint8_t key_version_beside(std::uint8_t issuers) {
    return issuers == 0x30 ? 0x31 : 0x30;
}

constexpr auto kReachable = 60s;

std::string issuer_context(std::string_view se_id) {
    return fmt::format("issuer/{}", se_id);
}
std::string domain_context(std::string_view se_id, std::string_view provider) {
    return fmt::format("domain/{}/{}", se_id, provider);
}

std::unexpected<Error> unknown(std::string_view sort, std::string_view name, std::string hint) {
    return fail(ErrorKind::kUsage, fmt::format("{}.unknown", sort),
                fmt::format("the {} {} is not known here", sort, name), std::move(hint));
}

/// Error `cap.missing_import` if the secure element lacked one of them when the issuer's domain was read.
Status check_imports(const std::vector<cap::Import>& imports, const manager::DomainMemory& issuer) {
    OTI_TRY(auto registry, globalplatform::parse_registry(issuer.registry));
    return manager::check_imports(imports, registry);
}

}  // namespace

/// The issuer's domain of a secure element.
struct Tsm::Issuer {
    std::string se_id;
    iso7816::Aid aid;
    DomainKeys keys;
    std::optional<manager::DomainMemory> memory;

    manager::DomainAccess access() const {
        manager::DomainAccess access{aid, {}};
        access.keys.push_back(keys.clone());
        access.issuer = true;
        return access;
    }
};

/// A provider's domain on a secure element, as far as it is made.
struct Tsm::Domain {
    std::string se_id;
    std::string provider;
    iso7816::Aid aid;
    DomainKeys keys;
    std::optional<manager::Handover> handover = {};  ///< once it is made
    bool was_handed_over = false;  ///< an earlier one, of which its owner says that it is gone
};

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
        OTI_CO_CHECK(import_secure_element(body));
        co_return object{};
    });
    router.add("POST", "/api/v1/providers", {"operator"}, [this](api::Call call) -> Answer {
        OTI_CO_TRY(auto body, api::parse_object(call.request.body));
        OTI_CO_CHECK(add_provider(body));
        co_return object{};
    });
    router.add("GET", "/api/v1/security-domains", {"operator"}, [this](api::Call) -> Answer {
        OTI_CO_TRY(auto rows,
                   service_->database().query("SELECT se_id,domain.provider,provider.aid,state FROM domain "
                                              "JOIN provider ON provider.name=domain.provider ORDER BY 1,2"));
        api::json::array list;
        for (const auto& row : rows) {
            list.emplace_back(object{{"se_id", row.text(0)},
                                     {"provider", row.text(1)},
                                     {"aid", row.text(2)},
                                     {"state", row.text(3)}});
        }
        co_return object{{"security_domains", std::move(list)}};
    });
    router.add("PUT", "/api/v1/security-domains/*", {"sp"}, [this](api::Call call) -> Answer {
        OTI_CO_TRY(auto body, api::parse_object(call.request.body));
        auto provider = call.request.peer.common_name;
        co_return co_await exclusively(call.rest, provider,
                                       create_domain(call.rest, provider, std::move(body)));
    });
    router.add("POST", "/api/v1/security-domains/*", {"sp"}, [this](api::Call call) -> Answer {
        OTI_CO_CHECK(service_->database().execute(
            "UPDATE domain SET state='handed_over',keys=NULL,handover=NULL WHERE se_id=? AND "
            "provider=? AND state!='creating'",
            {call.rest, call.request.peer.common_name}));
        co_return object{};
    });
    router.add("DELETE", "/api/v1/security-domains/*", {"operator"}, [this](api::Call call) -> Answer {
        auto slash = call.rest.rfind('/');
        if (slash == std::string::npos)
            co_return fail(ErrorKind::kUsage, "api.invalid", "name the SE and the provider");
        auto se_id = call.rest.substr(0, slash), provider = call.rest.substr(slash + 1);
        co_return co_await exclusively(se_id, provider, delete_domain(se_id, provider));
    });
}

Status Tsm::import_secure_element(const object& body) {
    OTI_TRY(auto se_id, api::text(body, "se_id"));
    if (se_id.empty() || se_id.size() > 64)
        return fail(ErrorKind::kUsage, "api.invalid", "'se_id' has 1 to 64 characters");
    OTI_TRY(auto aid_text, api::text(body, "aid"));
    OTI_TRY(auto aid, iso7816::Aid::parse(aid_text));
    OTI_TRY(auto version, api::integer(body, "key_version"));
    if (version < 1 || version > 0x7F)
        return fail(ErrorKind::kUsage, "api.invalid", "'key_version' is from 1 to 127");
    OTI_TRY(auto kdf, api::text(body, "kdf"));
    OTI_CHECK(scp::parse_diversification(kdf));
    OTI_TRY(auto keys_text, api::text(body, "keys"));
    OTI_TRY(auto keys_bytes, parse_hex(keys_text));
    OTI_TRY(auto keys, scp::KeySet::split(SecretBytes::take(std::move(keys_bytes))));
    OTI_CHECK(service_->database().execute(
        "INSERT INTO secure_element(se_id,aid,key_version,kdf,keys) VALUES(?,?,?,?,?) ON CONFLICT(se_id) "
        "DO UPDATE SET "
        "aid=excluded.aid,key_version=excluded.key_version,kdf=excluded.kdf,keys=excluded.keys,memory="
        "NULL",
        {se_id, aid.hex(), version, kdf, service_->seal(keys.joined(), issuer_context(se_id))}));
    return {};
}

Status Tsm::add_provider(const object& body) {
    OTI_TRY(auto name, api::text(body, "name"));
    OTI_TRY(auto aid_text, api::text(body, "aid"));
    OTI_TRY(auto aid, iso7816::Aid::parse(aid_text));
    if (name.empty() || name.size() > 64 || name.find('/') != std::string::npos) {
        return fail(ErrorKind::kUsage, "api.invalid", "'name' has 1 to 64 characters, none of them a slash");
    }
    OTI_TRY(auto taken, service_->database().query_one("SELECT name FROM provider WHERE aid=? AND name!=?",
                                                       {aid.hex(), name}));
    if (taken) {
        return fail(ErrorKind::kUsage, "provider.taken",
                    fmt::format("the AID {} belongs to {}", aid.hex(), taken->text(0)), "choose another AID");
    }
    OTI_CHECK(service_->database().execute(
        "INSERT INTO provider(name,aid) VALUES(?,?) ON CONFLICT(name) DO UPDATE SET aid=excluded.aid",
        {name, aid.hex()}));
    return {};
}

Result<Tsm::Issuer> Tsm::issuer_of(const std::string& se_id) {
    OTI_TRY(auto row,
            service_->database().query_one(
                "SELECT aid,key_version,kdf,keys,memory FROM secure_element WHERE se_id=?", {se_id}));
    if (!row) return unknown("secure_element", se_id, "import its issuer keys: oti tsm se import");
    OTI_TRY(auto aid, iso7816::Aid::parse(row->text(0)));
    OTI_TRY(auto joined, service_->sealer().open(row->bytes(3), issuer_context(se_id)));
    OTI_TRY(auto keys, scp::KeySet::split(joined));
    OTI_TRY(auto kdf, scp::parse_diversification(row->text(2)));
    Issuer issuer{se_id,
                  aid,
                  {scp::KeyVersion(static_cast<std::uint8_t>(row->integer(1))), std::move(keys), false, kdf},
                  {}};
    if (!row->is_null(4)) {
        OTI_TRY(issuer.memory, manager::DomainMemory::decode(row->bytes(4)));
    }
    return issuer;
}

/// What is known of a domain. A new one gets its keys here, and they are recorded before they are used.
Result<Tsm::Domain> Tsm::domain_of(const Issuer& issuer, const std::string& provider) {
    auto& database = service_->database();
    OTI_TRY(auto provider_row, database.query_one("SELECT aid FROM provider WHERE name=?", {provider}));
    if (!provider_row) return unknown("provider", provider, "register it: oti tsm provider add");
    OTI_TRY(auto aid, iso7816::Aid::parse(provider_row->text(0)));
    auto context = domain_context(issuer.se_id, provider);
    OTI_TRY(auto row, database.query_one(
                          "SELECT state,key_version,keys,handover FROM domain WHERE se_id=? AND provider=?",
                          {issuer.se_id, provider}));
    if (!row || row->text(0) == "handed_over") {
        auto keys = scp::KeySet::random(service_->random());
        auto version = key_version_beside(issuer.keys.version.value());
        OTI_CHECK(database.execute(
            "INSERT INTO domain(se_id,provider,state,key_version,keys) VALUES(?,?,'creating',?,?) "
            "ON CONFLICT DO UPDATE SET state='creating',key_version=excluded.key_version,"
            "keys=excluded.keys,handover=NULL",
            {issuer.se_id, provider, std::int64_t{version}, service_->seal(keys.joined(), context)}));
        Domain domain{issuer.se_id, provider, aid, {scp::KeyVersion(version), std::move(keys)}};
        domain.was_handed_over = row.has_value();
        return domain;
    }
    if (!row->is_null(3)) {
        OTI_TRY(auto encoded, service_->sealer().open(row->bytes(3), context + "/handover"));
        OTI_TRY(auto handover, manager::Handover::parse(encoded));
        auto keys = handover.keys.clone();
        return Domain{issuer.se_id, provider, aid, std::move(keys), std::move(handover)};
    }
    OTI_TRY(auto joined, service_->sealer().open(row->bytes(2), context));
    OTI_TRY(auto keys, scp::KeySet::split(joined));
    auto version = static_cast<std::uint8_t>(row->integer(1));
    return Domain{issuer.se_id, provider, aid, {scp::KeyVersion(version), std::move(keys)}};
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

Status Tsm::record_memory(Issuer& issuer, const DomainSession& session) {
    issuer.memory = session.memory();
    OTI_CHECK(service_->database().execute("UPDATE secure_element SET memory=? WHERE se_id=?",
                                           {issuer.memory->encode(), issuer.se_id}));
    return {};
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
        OTI_CO_CHECK(record_memory(issuer, **session));
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
        OTI_CO_CHECK(service_->database().execute(
            "UPDATE domain SET state='handed_over',keys=NULL WHERE se_id=? AND provider=?",
            {domain.se_id, domain.provider}));
        co_return fail(ErrorKind::kPolicy, "domain.exists",
                       fmt::format("the domain {} is on the secure element, and has keys of its owner's",
                                   domain.aid.hex()),
                       "if its owner has lost them, delete it: oti tsm sd delete");
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
    OTI_CO_TRY(auto issuer, issuer_of(se_id));
    OTI_CO_TRY(auto domain, domain_of(issuer, provider));
    if (!domain.handover) {
        log::info("creating the domain of {} on {}", provider, se_id);
        OTI_CO_TRY(domain.handover, co_await create_on_card(std::move(issuer), domain, imports));
        auto sealed =
            service_->seal(domain.handover->encode(), domain_context(se_id, provider) + "/handover");
        OTI_CO_CHECK(service_->database().execute(
            "UPDATE domain SET state='created',handover=? WHERE se_id=? AND provider=?",
            {std::move(sealed), se_id, provider}));
    }
    auto encoded = domain.handover->encode();
    OTI_CO_TRY(auto jwe, crypto::jwe_encrypt(encoded.view(crypto::SecretAccess::granted()),
                                             api::json::serialize(*jwk)));
    co_return object{{"jwe", jwe}};
}

net::Task<Result<api::json::value>> Tsm::delete_domain(std::string se_id, std::string provider) {
    auto& database = service_->database();
    OTI_CO_TRY(auto issuer, issuer_of(se_id));
    OTI_CO_TRY(auto row, database.query_one("SELECT aid FROM provider WHERE name=?", {provider}));
    if (!row) co_return unknown("provider", provider, "oti tsm sd list shows them");
    OTI_CO_TRY(auto aid, iso7816::Aid::parse(row->text(0)));
    manager::DomainGoal absent{{{}, {aid}}, {}};
    OTI_CO_TRY(auto session, co_await run(se_id, issuer.access(), std::move(absent), issuer.memory));
    OTI_CO_CHECK(database.transaction([&]() -> Status {
        OTI_CHECK(record_memory(issuer, *session));
        OTI_CHECK(database.execute("DELETE FROM domain WHERE se_id=? AND provider=?", {se_id, provider}));
        return {};
    }));
    co_return object{{"changed", session->changed()}};
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
