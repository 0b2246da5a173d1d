// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/sealer.h"
#include "manager/packet_session.h"
#include "storage/database.h"

namespace oti::ota_server {

/// A security domain that is reached by short messages.
struct PacketDomain {
    std::string se_id;
    iso7816::Aid aid;
    std::string msisdn;  ///< of the phone: digits, without "+"
    scp::Tar tar{};
    /// That were put, or are about to be; the newest last. The card may have any of them.
    std::vector<manager::PacketKeys> keys;
    /// Somebody else knows them, too: who made the domain.
    bool keys_are_shared = false;
    /// By which it calls us (SCP81); it may not have it yet.
    std::optional<manager::CallKeys> call_keys = {};
    bool has_call_keys = false;

    /// The oldest first: newer keys come to the card in a session under these.
    manager::PacketAccess access(std::size_t messages) const;
};

/// Error `api.invalid` unless 5 to 15 digits, with or without "+" before them (ITU-T E.164).
Result<std::string> parse_msisdn(std::string_view text);
/// The same key version again, or the next of 01 to 0F that is not this one.
scp::KeyVersion next_packet_version(scp::KeyVersion version);

/// Those domains, with their keys (sealed) and their packet counters. A counter is recorded before a packet
/// with it is sent.
class PacketDomains {
  public:
    static constexpr std::string_view kMigration = R"sql(
        CREATE TABLE packet_domain(
            se_id TEXT NOT NULL,
            aid TEXT NOT NULL,
            msisdn TEXT NOT NULL,
            tar BLOB NOT NULL,
            keys_are_shared INTEGER NOT NULL,
            PRIMARY KEY(se_id, aid));
        CREATE TABLE packet_keys(
            se_id TEXT NOT NULL,
            aid TEXT NOT NULL,
            version INTEGER NOT NULL,
            keys BLOB NOT NULL,            -- sealed
            next_counter INTEGER NOT NULL,
            PRIMARY KEY(se_id, aid, version),
            FOREIGN KEY(se_id, aid) REFERENCES packet_domain(se_id, aid) ON DELETE CASCADE);
    )sql";
    static constexpr std::string_view kCallsMigration = R"sql(
        ALTER TABLE packet_domain ADD COLUMN call_keys BLOB;  -- sealed
        ALTER TABLE packet_domain ADD COLUMN has_call_keys INTEGER NOT NULL DEFAULT 0;
    )sql";

    PacketDomains(storage::Database& database, const crypto::Sealer& sealer)
        : database_(&database), sealer_(&sealer) {}

    Result<std::optional<PacketDomain>> find(const std::string& se_id, const iso7816::Aid& aid) const;
    /// Takes the place of one that was there.
    Status put(const PacketDomain& domain);
    /// Before the card hears of them.
    Status add_keys(const PacketDomain& domain, const manager::PacketKeys& keys);
    /// The same for those for calls.
    Status set_call_keys(const PacketDomain& domain, const manager::CallKeys& keys);
    /// `keys`: of the domain, or of the one that it inherits them from.
    Status use_counter(const PacketDomain& domain, const manager::PacketKeys& keys, std::uint64_t counter);
    /// The card has these keys, and no others; if it had others before, nobody else knows these.
    Status settle(const PacketDomain& domain, scp::KeyVersion version);
    /// The card has those for calls.
    Status settle_call_keys(const PacketDomain& domain);
    Status remove(const std::string& se_id, const iso7816::Aid& aid);

  private:
    Status insert_keys(const PacketDomain& domain, const manager::PacketKeys& keys);

    storage::Database* database_;
    const crypto::Sealer* sealer_;
};

}  // namespace oti::ota_server
