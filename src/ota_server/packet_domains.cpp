// SPDX-License-Identifier: Apache-2.0
#include "ota_server/packet_domains.h"

#include <fmt/format.h>

#include <algorithm>

namespace oti::ota_server {
namespace {

using crypto::SecretAccess;
using manager::PacketKeys;

std::string context(const PacketDomain& domain, scp::KeyVersion version) {
    return fmt::format("packets/{}/{}/{:02X}", domain.se_id, domain.aid.hex(), version.value());
}

std::string calls_context(const PacketDomain& domain) {
    return fmt::format("calls/{}/{}", domain.se_id, domain.aid.hex());
}

}  // namespace

Result<std::string> parse_msisdn(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    bool digits = std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
    if (text.size() < 5 || text.size() > 15 || !digits) {
        return fail(ErrorKind::kUsage, "api.invalid", fmt::format("'{}' is no telephone number", text),
                    "give it with its country code, 5 to 15 digits");
    }
    return std::string(text);
}

scp::KeyVersion next_packet_version(scp::KeyVersion version) {
    constexpr std::uint8_t kLast = 0x0F;
    return scp::KeyVersion(static_cast<std::uint8_t>(version.value() % kLast + 1));
}

manager::PacketAccess PacketDomain::access(std::size_t messages) const {
    manager::PacketAccess access{aid, tar, {}, {}, messages};
    for (const auto& set : keys) access.keys.push_back(set.clone());
    return access;
}

Result<std::optional<PacketDomain>> PacketDomains::find(const std::string& se_id,
                                                        const iso7816::Aid& aid) const {
    OTI_TRY(auto row, database_->query_one("SELECT msisdn,tar,keys_are_shared,has_call_keys,call_keys FROM "
                                           "packet_domain WHERE se_id=? AND aid=?",
                                           {se_id, aid.hex()}));
    if (!row) return std::nullopt;
    PacketDomain domain{se_id, aid, row->text(0), {}, {}, row->integer(2) != 0};
    std::ranges::copy(BytesView(row->bytes(1)).first(domain.tar.size()), domain.tar.begin());
    domain.has_call_keys = row->integer(3) != 0;
    if (!row->is_null(4)) {
        OTI_TRY(auto joined, sealer_->open(row->bytes(4), calls_context(domain)));
        OTI_TRY(domain.call_keys, manager::CallKeys::split(joined));
    }
    OTI_TRY(auto sets,
            database_->query(
                "SELECT version,keys,next_counter FROM packet_keys WHERE se_id=? AND aid=? ORDER BY rowid",
                {se_id, aid.hex()}));
    for (const auto& set : sets) {
        scp::KeyVersion version(static_cast<std::uint8_t>(set.integer(0)));
        OTI_TRY(auto joined, sealer_->open(set.bytes(1), context(domain, version)));
        OTI_TRY(auto keys, scp::KeySet::split(joined));
        domain.keys.push_back({version, std::move(keys), static_cast<std::uint64_t>(set.integer(2))});
    }
    return domain;
}

Status PacketDomains::insert_keys(const PacketDomain& domain, const PacketKeys& keys) {
    auto sealed =
        sealer_->seal(keys.keys.joined().view(SecretAccess::granted()), context(domain, keys.version));
    OTI_CHECK(database_->execute(
        "INSERT OR REPLACE INTO packet_keys(se_id,aid,version,keys,next_counter) VALUES(?,?,?,?,?)",
        {domain.se_id, domain.aid.hex(), std::int64_t{keys.version.value()}, std::move(sealed),
         static_cast<std::int64_t>(keys.next_counter)}));
    return {};
}

Status PacketDomains::put(const PacketDomain& domain) {
    return database_->transaction([&]() -> Status {
        OTI_CHECK(remove(domain.se_id, domain.aid));
        OTI_CHECK(database_->execute(
            "INSERT INTO packet_domain(se_id,aid,msisdn,tar,keys_are_shared) VALUES(?,?,?,?,?)",
            {domain.se_id, domain.aid.hex(), domain.msisdn, to_bytes(domain.tar),
             std::int64_t{domain.keys_are_shared ? 1 : 0}}));
        for (const auto& keys : domain.keys) OTI_CHECK(insert_keys(domain, keys));
        return {};
    });
}

Status PacketDomains::add_keys(const PacketDomain& domain, const PacketKeys& keys) {
    return insert_keys(domain, keys);
}

Status PacketDomains::set_call_keys(const PacketDomain& domain, const manager::CallKeys& keys) {
    OTI_CHECK(
        database_->execute("UPDATE packet_domain SET call_keys=?,has_call_keys=0 WHERE se_id=? AND aid=?",
                           {sealer_->seal(keys.joined().view(SecretAccess::granted()), calls_context(domain)),
                            domain.se_id, domain.aid.hex()}));
    return {};
}

Status PacketDomains::settle_call_keys(const PacketDomain& domain) {
    OTI_CHECK(database_->execute("UPDATE packet_domain SET has_call_keys=1 WHERE se_id=? AND aid=?",
                                 {domain.se_id, domain.aid.hex()}));
    return {};
}

Status PacketDomains::use_counter(const PacketDomain& domain, const PacketKeys& keys, std::uint64_t counter) {
    OTI_CHECK(database_->execute(
        "UPDATE packet_keys SET next_counter=? WHERE se_id=? AND aid=? AND version=?",
        {static_cast<std::int64_t>(counter + 1), domain.se_id, keys.inherited_from.value_or(domain.aid).hex(),
         std::int64_t{keys.version.value()}}));
    return {};
}

Status PacketDomains::settle(const PacketDomain& domain, scp::KeyVersion version) {
    bool replaced = domain.keys.empty() || domain.keys.front().version != version;
    return database_->transaction([&]() -> Status {
        OTI_CHECK(database_->execute("DELETE FROM packet_keys WHERE se_id=? AND aid=? AND version!=?",
                                     {domain.se_id, domain.aid.hex(), std::int64_t{version.value()}}));
        if (!replaced) return {};
        OTI_CHECK(database_->execute("UPDATE packet_domain SET keys_are_shared=0 WHERE se_id=? AND aid=?",
                                     {domain.se_id, domain.aid.hex()}));
        return {};
    });
}

Status PacketDomains::remove(const std::string& se_id, const iso7816::Aid& aid) {
    OTI_CHECK(database_->execute("DELETE FROM packet_keys WHERE se_id=? AND aid=?", {se_id, aid.hex()}));
    OTI_CHECK(database_->execute("DELETE FROM packet_domain WHERE se_id=? AND aid=?", {se_id, aid.hex()}));
    return {};
}

}  // namespace oti::ota_server
