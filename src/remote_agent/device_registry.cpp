// SPDX-License-Identifier: Apache-2.0
#include "remote_agent/device_registry.h"

#include <fmt/format.h>

#include "seram/json.h"

namespace oti::remote_agent {
namespace {

std::unexpected<Error> unknown(std::string_view se_id) {
    return fail(ErrorKind::kUsage, "device.unknown",
                fmt::format("the secure element {} is not enrolled here", se_id),
                "enrol it from the phone: oti agent enrol");
}

Result<Device> device_of(const storage::Row& row) {
    OTI_TRY(auto type, seram::parse_se_type(row.text(1)));
    return Device{{type, row.text(0)}, row.text(2)};
}

}  // namespace

Status DeviceRegistry::enrol(const net::Peer& agent, const seram::SecureElement& se) {
    if (se.id.empty() || se.id.size() > 64) {
        return fail(ErrorKind::kUsage, "device.invalid", "an SE identifier has 1 to 64 characters");
    }
    OTI_CHECK(
        database_->execute("INSERT INTO device(se_id,se_type,agent) VALUES(?,?,?) ON CONFLICT DO NOTHING",
                           {se.id, std::string(seram::name(se.type)), agent.common_name}));
    return admit(agent, se);
}

Status DeviceRegistry::admit(const net::Peer& agent, const seram::SecureElement& se) const {
    OTI_TRY(auto device, find(se.id));
    if (device.agent != agent.common_name) {
        return fail(ErrorKind::kPolicy, "device.taken",
                    fmt::format("another SE Manager has enrolled the secure element {}", se.id),
                    "an operator has to remove the device first");
    }
    return {};
}

Result<Device> DeviceRegistry::find(std::string_view se_id) const {
    OTI_TRY(auto row, database_->query_one("SELECT se_id,se_type,agent FROM device WHERE se_id=?",
                                           {std::string(se_id)}));
    if (!row) return unknown(se_id);
    return device_of(*row);
}

Result<std::vector<Device>> DeviceRegistry::all() const {
    OTI_TRY(auto rows, database_->query("SELECT se_id,se_type,agent FROM device ORDER BY se_id"));
    std::vector<Device> devices;
    for (const auto& row : rows) {
        OTI_TRY(auto device, device_of(row));
        devices.push_back(std::move(device));
    }
    return devices;
}

Status DeviceRegistry::remove(std::string_view se_id) {
    OTI_TRY(auto changed, database_->execute("DELETE FROM device WHERE se_id=?", {std::string(se_id)}));
    if (changed == 0) return unknown(se_id);
    return {};
}

}  // namespace oti::remote_agent
