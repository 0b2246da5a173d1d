// SPDX-License-Identifier: Apache-2.0
// Desired state minus actual state: what has to be done to a security domain.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "globalplatform/commands.h"
#include "globalplatform/install.h"
#include "globalplatform/registry.h"

namespace oti::globalplatform {

/// A package that a security domain shall hold, with one instance of it.
struct DesiredApplication {
    iso7816::Aid load_file;
    iso7816::Aid module;
    iso7816::Aid instance;
    Privileges privileges{};
    Bytes parameters = {};         ///< for the applet, goes into C9
    Bytes load_file_data = {};     ///< `C4`, length, components; empty: the card has the package already
    PackageVersion version = {};   ///< ignored where `load_file_data` is empty
    Bytes hash = {};               ///< load file data block hash (C.2), where it is to be announced
    Bytes system_parameters = {};  ///< of the instance, content of EF
    Bytes further_objects = {};    ///< of the instance, whole objects beside C9 and EF

    bool is_preloaded() const { return load_file_data.empty(); }
    bool operator==(const DesiredApplication&) const = default;
};

/// What shall be there, and what shall not. Anything else is left alone.
struct DesiredState {
    std::vector<DesiredApplication> present;
    std::vector<iso7816::Aid>
        absent;  ///< instances, domains or load files; they go with all that hangs on them

    bool operator==(const DesiredState&) const = default;
};

struct Delete {
    iso7816::Aid aid;
};
struct Load {
    DesiredApplication application;
};
struct Install {
    DesiredApplication application;
};
struct MakeSelectable {
    iso7816::Aid instance;
};
using Operation = std::variant<Delete, Load, Install, MakeSelectable>;

/// The least that makes `actual` what is desired; empty if it is so already. Deletes come first: they give
/// memory back.
std::vector<Operation> plan(const DesiredState& desired, const Registry& actual);

/// A command of a plan with what a person reads while it runs.
struct PlannedCommand {
    iso7816::CommandApdu apdu;
    std::string step;
};

/// `security_domain`: where load files go. `block_size`: data bytes of a LOAD.
std::vector<PlannedCommand> commands(const std::vector<Operation>& operations,
                                     const iso7816::Aid& security_domain, std::size_t block_size);

}  // namespace oti::globalplatform
