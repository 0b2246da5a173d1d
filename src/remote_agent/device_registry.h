// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "net/peer.h"
#include "seram/messages.h"
#include "storage/database.h"

namespace oti::remote_agent {

/// A secure element and the SE Manager that may speak for it.
struct Device {
    seram::SecureElement se;
    std::string agent;  ///< common name of the SE Manager's certificate
};

/// Which SE Manager may speak for which secure element: the first that enrols it, until an operator removes
/// it. The secure channel does not depend on this; it keeps strangers from starving a device of its sessions.
class DeviceRegistry {
  public:
    /// For the list of migrations of the database.
    static constexpr std::string_view kMigration = R"sql(
        CREATE TABLE device(
            se_id TEXT PRIMARY KEY,
            se_type TEXT NOT NULL,
            agent TEXT NOT NULL,
            enrolled_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP)
    )sql";

    explicit DeviceRegistry(storage::Database& database) : database_(&database) {}

    /// Nothing changes if it is enrolled already. Error `device.taken` if another SE Manager has it;
    /// `device.invalid` for an identifier that is empty or longer than 64 characters.
    Status enrol(const net::Peer& agent, const seram::SecureElement& se);
    /// Error `device.unknown`, `device.taken`.
    Status admit(const net::Peer& agent, const seram::SecureElement& se) const;
    /// Error `device.unknown`.
    Result<Device> find(std::string_view se_id) const;
    Result<std::vector<Device>> all() const;
    Status remove(std::string_view se_id);

  private:
    storage::Database* database_;
};

}  // namespace oti::remote_agent
