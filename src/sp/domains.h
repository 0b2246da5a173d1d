// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "crypto/sealer.h"
#include "manager/handover.h"
#include "storage/database.h"

namespace oti::sp {

/// The provider's security domain on a secure element.
struct OwnDomain {
    std::string se_id;
    iso7816::Aid aid;
    manager::DomainKeys current;
    /// Keys that were, or were about to be, put in the place of the current ones; the card may have either.
    std::optional<manager::DomainKeys> pending;
    /// The current keys are still those that the TSM knows.
    bool from_tsm = false;
    std::optional<manager::DomainMemory> memory;
    globalplatform::Registry card = {};  ///< the packages of the secure element, no more

    manager::DomainAccess access() const;
};

/// The provider's domains and their keys, sealed.
class Domains {
  public:
    static constexpr std::string_view kMigration = R"sql(
        CREATE TABLE domain(
            se_id TEXT PRIMARY KEY,
            aid TEXT NOT NULL,
            version INTEGER NOT NULL,
            keys BLOB NOT NULL,            -- sealed
            pending_version INTEGER,
            pending_keys BLOB,             -- sealed
            from_tsm INTEGER NOT NULL,
            memory BLOB,
            packages BLOB NOT NULL)
    )sql";

    Domains(storage::Database& database, const crypto::Sealer& sealer)
        : database_(&database), sealer_(&sealer) {}

    Result<std::optional<OwnDomain>> find(const std::string& se_id) const;
    /// As the TSM handed it over; takes the place of one that was there.
    Status add(const std::string& se_id, const manager::Handover& handover);
    /// Before the card hears of them.
    Status set_pending(const std::string& se_id, const manager::DomainKeys& keys);
    /// After a session: which keys the card has, and what it told; nothing of what makes a session over a
    /// channel quick, if it was none.
    Status update(const OwnDomain& domain, scp::KeyVersion version,
                  const std::optional<manager::DomainMemory>& memory);

  private:
    storage::Database* database_;
    const crypto::Sealer* sealer_;
};

}  // namespace oti::sp
