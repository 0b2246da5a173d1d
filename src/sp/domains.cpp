// SPDX-License-Identifier: Apache-2.0
#include "sp/domains.h"

#include <fmt/format.h>

#include "base/byte_reader.h"
#include "base/byte_writer.h"

namespace oti::sp {
namespace {

using crypto::SecretAccess;
using manager::DomainKeys;

std::string context(const std::string& se_id, scp::KeyVersion version) {
    return fmt::format("domain/{}/{:02X}", se_id, version.value());
}

Bytes encode(const std::vector<globalplatform::LoadFileEntry>& packages) {
    ByteWriter writer;
    for (const auto& package : packages) {
        if (package.version)
            writer.lv(package.aid.bytes()).u8(package.version->major).u8(package.version->minor);
    }
    return writer.take();
}

Result<std::vector<globalplatform::LoadFileEntry>> decode_packages(BytesView bytes) {
    ByteReader reader(bytes, "packages");
    std::vector<globalplatform::LoadFileEntry> packages;
    while (!reader.empty()) {
        OTI_TRY(auto aid_bytes, reader.take_lv());
        OTI_TRY(auto aid, iso7816::Aid::create(aid_bytes));
        globalplatform::LoadFileEntry entry{aid};
        globalplatform::PackageVersion version;
        OTI_TRY(version.major, reader.u8());
        OTI_TRY(version.minor, reader.u8());
        entry.version = version;
        packages.push_back(std::move(entry));
    }
    return packages;
}

storage::Value encoded(const std::optional<manager::DomainMemory>& memory) {
    return memory ? storage::Value(memory->encode()) : storage::Value();
}

}  // namespace

manager::DomainAccess OwnDomain::access() const {
    manager::DomainAccess access{aid, {}};
    access.keys.push_back(current.clone());
    if (pending) access.keys.push_back(pending->clone());
    return access;
}

Result<std::optional<OwnDomain>> Domains::find(const std::string& se_id) const {
    OTI_TRY(auto row, database_->query_one(
                          "SELECT aid,version,keys,pending_version,pending_keys,from_tsm,memory,packages "
                          "FROM domain WHERE se_id=?",
                          {se_id}));
    if (!row) return std::nullopt;
    auto open = [&](std::size_t version_column, std::size_t keys_column) -> Result<DomainKeys> {
        scp::KeyVersion version(static_cast<std::uint8_t>(row->integer(version_column)));
        OTI_TRY(auto joined, sealer_->open(row->bytes(keys_column), context(se_id, version)));
        OTI_TRY(auto keys, scp::KeySet::split(joined));
        return DomainKeys{version, std::move(keys)};
    };
    OTI_TRY(auto aid, iso7816::Aid::parse(row->text(0)));
    OTI_TRY(auto current, open(1, 2));
    OwnDomain domain{se_id, aid, std::move(current), {}, row->integer(5) != 0, {}, {}};
    if (!row->is_null(3)) {
        OTI_TRY(domain.pending, open(3, 4));
    }
    if (!row->is_null(6)) {
        OTI_TRY(domain.memory, manager::DomainMemory::decode(row->bytes(6)));
    }
    OTI_TRY(domain.card.load_files, decode_packages(row->bytes(7)));
    return domain;
}

Status Domains::add(const std::string& se_id, const manager::Handover& handover) {
    auto sealed = sealer_->seal(handover.keys.keys.joined().view(SecretAccess::granted()),
                                context(se_id, handover.keys.version));
    OTI_CHECK(
        database_->execute("INSERT OR REPLACE INTO domain(se_id,aid,version,keys,from_tsm,memory,packages) "
                           "VALUES(?,?,?,?,1,?,?)",
                           {se_id, handover.aid.hex(), std::int64_t{handover.keys.version.value()},
                            std::move(sealed), encoded(handover.memory), encode(handover.packages)}));
    return {};
}

Status Domains::set_pending(const std::string& se_id, const DomainKeys& keys) {
    auto sealed =
        sealer_->seal(keys.keys.joined().view(SecretAccess::granted()), context(se_id, keys.version));
    OTI_CHECK(database_->execute("UPDATE domain SET pending_version=?,pending_keys=? WHERE se_id=?",
                                 {std::int64_t{keys.version.value()}, std::move(sealed), se_id}));
    return {};
}

Status Domains::update(const OwnDomain& domain, scp::KeyVersion version,
                       const std::optional<manager::DomainMemory>& memory) {
    if (domain.pending && version == domain.pending->version) {
        OTI_CHECK(database_->execute(
            "UPDATE domain SET version=pending_version,keys=pending_keys,pending_version=NULL,"
            "pending_keys=NULL,from_tsm=0,memory=? WHERE se_id=?",
            {encoded(memory), domain.se_id}));
        return {};
    }
    OTI_CHECK(
        database_->execute("UPDATE domain SET memory=? WHERE se_id=?", {encoded(memory), domain.se_id}));
    return {};
}

}  // namespace oti::sp
