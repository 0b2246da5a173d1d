// SPDX-License-Identifier: Apache-2.0
#include "tsm/records.h"

#include <fmt/format.h>

#include "base/hex.h"

namespace oti::tsm {
namespace {

using api::json::object;
using crypto::SecretBytes;
using manager::DomainKeys;

/// The key version that a new domain gets: another one than that of the issuer's keys, which it inherits
/// before.
constexpr std::uint8_t key_version_beside(std::uint8_t issuers) {
    return issuers == 0x30 ? 0x31 : 0x30;
}

std::string issuer_context(std::string_view se_id) {
    return fmt::format("issuer/{}", se_id);
}
std::string domain_context(std::string_view se_id, std::string_view provider) {
    return fmt::format("domain/{}/{}", se_id, provider);
}
std::string handover_context(std::string_view se_id, std::string_view provider) {
    return domain_context(se_id, provider) + "/handover";
}

std::unexpected<Error> unknown(std::string_view sort, std::string_view name, std::string hint) {
    return fail(ErrorKind::kUsage, fmt::format("{}.unknown", sort),
                fmt::format("the {} {} is not known here", sort, name), std::move(hint));
}

}  // namespace

std::unexpected<Error> is_its_owners(const Domain& domain) {
    return fail(
        ErrorKind::kPolicy, "domain.exists",
        fmt::format("the domain {} is on the secure element, and has keys of its owner's", domain.aid.hex()),
        "if its owner has lost them, delete it: oti tsm sd delete");
}

manager::DomainAccess Issuer::access() const {
    manager::DomainAccess access{aid, {}};
    access.keys.push_back(keys.clone());
    access.issuer = true;
    return access;
}

Bytes Records::seal(const SecretBytes& secret, std::string_view context) const {
    return sealer_->seal(secret.view(crypto::SecretAccess::granted()), context);
}

Status Records::import_secure_element(const object& body) {
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
    OTI_CHECK(database_->execute(
        "INSERT INTO secure_element(se_id,aid,key_version,kdf,keys) VALUES(?,?,?,?,?) ON CONFLICT(se_id) "
        "DO UPDATE SET "
        "aid=excluded.aid,key_version=excluded.key_version,kdf=excluded.kdf,keys=excluded.keys,memory="
        "NULL",
        {se_id, aid.hex(), version, kdf, seal(keys.joined(), issuer_context(se_id))}));
    const auto* packets = body.if_contains("packets");
    if (packets == nullptr) return packets_->remove(se_id, aid);
    if (!packets->is_object()) return fail(ErrorKind::kUsage, "api.invalid", "'packets' is no object");
    OTI_TRY(auto domain, parse_packets(se_id, aid, packets->get_object()));
    return packets_->put(domain);
}

/// Of an issuer's domain: telephone number, KIc, KID and DEK, their version and counter.
Result<ota_server::PacketDomain> Records::parse_packets(const std::string& se_id, const iso7816::Aid& aid,
                                                        const object& body) const {
    OTI_TRY(auto number, api::text(body, "msisdn"));
    OTI_TRY(auto msisdn, ota_server::parse_msisdn(number));
    OTI_TRY(auto version, api::integer(body, "key_version"));
    if (version < 1 || version > 0x0F)
        return fail(ErrorKind::kUsage, "api.invalid", "'key_version' of packets is from 1 to 15");
    OTI_TRY(auto counter, api::integer(body, "next_counter"));
    if (counter < 1 || static_cast<std::uint64_t>(counter) > scp::kScp80MaxCounter)
        return fail(ErrorKind::kUsage, "api.invalid", "'next_counter' is from 1 to FFFFFFFFFF");
    OTI_TRY(auto keys_text, api::text(body, "keys"));
    OTI_TRY(auto keys_bytes, parse_hex(keys_text));
    OTI_TRY(auto keys, scp::KeySet::split(SecretBytes::take(std::move(keys_bytes))));
    ota_server::PacketDomain domain{se_id, aid, msisdn, manager::PacketAccess::kIssuer, {}};
    domain.keys.push_back({scp::KeyVersion(static_cast<std::uint8_t>(version)), std::move(keys),
                           static_cast<std::uint64_t>(counter)});
    return domain;
}

Status Records::add_provider(const object& body) {
    OTI_TRY(auto name, api::text(body, "name"));
    OTI_TRY(auto aid_text, api::text(body, "aid"));
    OTI_TRY(auto aid, iso7816::Aid::parse(aid_text));
    if (name.empty() || name.size() > 64 || name.find('/') != std::string::npos) {
        return fail(ErrorKind::kUsage, "api.invalid", "'name' has 1 to 64 characters, none of them a slash");
    }
    OTI_TRY(auto taken,
            database_->query_one("SELECT name FROM provider WHERE aid=? AND name!=?", {aid.hex(), name}));
    if (taken) {
        return fail(ErrorKind::kUsage, "provider.taken",
                    fmt::format("the AID {} belongs to {}", aid.hex(), taken->text(0)), "choose another AID");
    }
    OTI_CHECK(database_->execute(
        "INSERT INTO provider(name,aid) VALUES(?,?) ON CONFLICT(name) DO UPDATE SET aid=excluded.aid",
        {name, aid.hex()}));
    return {};
}

Result<api::json::array> Records::list_domains() const {
    OTI_TRY(auto rows, database_->query("SELECT se_id,domain.provider,provider.aid,state FROM domain "
                                        "JOIN provider ON provider.name=domain.provider ORDER BY 1,2"));
    api::json::array list;
    for (const auto& row : rows) {
        list.emplace_back(object{
            {"se_id", row.text(0)}, {"provider", row.text(1)}, {"aid", row.text(2)}, {"state", row.text(3)}});
    }
    return list;
}

Result<Issuer> Records::issuer(const std::string& se_id) const {
    OTI_TRY(auto row,
            database_->query_one("SELECT aid,key_version,kdf,keys,memory FROM secure_element WHERE se_id=?",
                                 {se_id}));
    if (!row) return unknown("secure_element", se_id, "import its issuer keys: oti tsm se import");
    OTI_TRY(auto aid, iso7816::Aid::parse(row->text(0)));
    OTI_TRY(auto joined, sealer_->open(row->bytes(3), issuer_context(se_id)));
    OTI_TRY(auto keys, scp::KeySet::split(joined));
    OTI_TRY(auto kdf, scp::parse_diversification(row->text(2)));
    Issuer issuer{se_id,
                  aid,
                  {scp::KeyVersion(static_cast<std::uint8_t>(row->integer(1))), std::move(keys), false, kdf},
                  {}};
    if (!row->is_null(4)) {
        OTI_TRY(issuer.memory, manager::DomainMemory::decode(row->bytes(4)));
    }
    OTI_TRY(issuer.packets, packets_->find(se_id, aid));
    return issuer;
}

Result<iso7816::Aid> Records::aid_of(const std::string& provider, std::string hint) const {
    OTI_TRY(auto row, database_->query_one("SELECT aid FROM provider WHERE name=?", {provider}));
    if (!row) return unknown("provider", provider, std::move(hint));
    return iso7816::Aid::parse(row->text(0));
}

Result<Domain> Records::begin_domain(const Issuer& issuer, const std::string& provider,
                                     const iso7816::Aid& aid) {
    auto keys = scp::KeySet::random(*random_);
    auto version = key_version_beside(issuer.keys.version.value());
    OTI_CHECK(database_->execute(
        "INSERT INTO domain(se_id,provider,state,key_version,keys) VALUES(?,?,'creating',?,?) "
        "ON CONFLICT DO UPDATE SET state='creating',key_version=excluded.key_version,"
        "keys=excluded.keys,handover=NULL",
        {issuer.se_id, provider, std::int64_t{version},
         seal(keys.joined(), domain_context(issuer.se_id, provider))}));
    return Domain{issuer.se_id, provider, aid, {scp::KeyVersion(version), std::move(keys)}};
}

Result<Domain> Records::domain(const Issuer& issuer, const std::string& provider) {
    OTI_TRY(auto aid, aid_of(provider, "register it: oti tsm provider add"));
    OTI_TRY(auto row, database_->query_one(
                          "SELECT state,key_version,keys,handover FROM domain WHERE se_id=? AND provider=?",
                          {issuer.se_id, provider}));
    if (!row || row->text(0) == "handed_over") {
        OTI_TRY(auto domain, begin_domain(issuer, provider, aid));
        domain.was_handed_over = row.has_value();
        return domain;
    }
    if (!row->is_null(3)) {
        OTI_TRY(auto encoded, sealer_->open(row->bytes(3), handover_context(issuer.se_id, provider)));
        OTI_TRY(auto handover, manager::Handover::parse(encoded));
        auto keys = handover.keys.clone();
        return Domain{issuer.se_id, provider, aid, std::move(keys), std::move(handover)};
    }
    OTI_TRY(auto joined, sealer_->open(row->bytes(2), domain_context(issuer.se_id, provider)));
    OTI_TRY(auto keys, scp::KeySet::split(joined));
    auto version = static_cast<std::uint8_t>(row->integer(1));
    return Domain{issuer.se_id, provider, aid, {scp::KeyVersion(version), std::move(keys)}};
}

Status Records::record_memory(Issuer& issuer, const manager::DomainMemory& memory) {
    issuer.memory = memory;
    OTI_CHECK(database_->execute("UPDATE secure_element SET memory=? WHERE se_id=?",
                                 {memory.encode(), issuer.se_id}));
    return {};
}

Status Records::record_created(const Domain& domain) {
    auto sealed = seal(domain.handover->encode(), handover_context(domain.se_id, domain.provider));
    OTI_CHECK(database_->execute("UPDATE domain SET state='created',handover=? WHERE se_id=? AND provider=?",
                                 {std::move(sealed), domain.se_id, domain.provider}));
    return {};
}

Status Records::record_handed_over(const std::string& se_id, const std::string& provider) {
    OTI_CHECK(database_->execute(
        "UPDATE domain SET state='handed_over',keys=NULL,handover=NULL WHERE se_id=? AND provider=?",
        {se_id, provider}));
    OTI_TRY(auto aid, aid_of(provider, {}));
    return packets_->remove(se_id, aid);
}

Status Records::confirm_handover(const std::string& se_id, const std::string& provider) {
    OTI_TRY(auto row,
            database_->query_one("SELECT 1 FROM domain WHERE se_id=? AND provider=? AND state='created'",
                                 {se_id, provider}));
    if (!row) return {};
    return record_handed_over(se_id, provider);
}

Status Records::remove_domain(const std::string& se_id, const std::string& provider) {
    OTI_TRY(auto aid, aid_of(provider, {}));
    OTI_CHECK(packets_->remove(se_id, aid));
    OTI_CHECK(database_->execute("DELETE FROM domain WHERE se_id=? AND provider=?", {se_id, provider}));
    return {};
}

}  // namespace oti::tsm
