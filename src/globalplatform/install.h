// SPDX-License-Identifier: Apache-2.0
// The forms of INSTALL (GPCS 2.3.1, 11.5), without tokens: `with_token` adds those.
#pragma once

#include <optional>
#include <vector>

#include "globalplatform/registry.h"
#include "iso7816/aid.h"
#include "iso7816/apdu.h"

namespace oti::globalplatform {

/// INSTALL [for load] (11.5.2.3.1). `size` is announced as C6 in the load parameters (EF), 0: not at all;
/// `hash` is the load file data block hash (C.2), empty for none.
iso7816::CommandApdu install_for_load(const iso7816::Aid& load_file, const iso7816::Aid& security_domain,
                                      std::size_t size, BytesView hash = {});

/// What an instance is installed with (11.5.2.3.2, 11.5.2.3.7).
struct InstanceOptions {
    Privileges privileges{};
    Bytes parameters = {};         ///< for the applet: content of C9
    Bytes system_parameters = {};  ///< content of EF
    Bytes further_objects = {};    ///< whole objects beside C9 and EF, such as EA (ETSI TS 102 226)
    /// Three bytes of privileges even where one would do: what comes after the first byte is then zero, and
    /// not what the card sees fit (6.6.2).
    bool all_privilege_bytes = false;

    bool operator==(const InstanceOptions&) const = default;
};

/// INSTALL [for install], and the same with [and make selectable] in one.
iso7816::CommandApdu install_for_install(const iso7816::Aid& load_file, const iso7816::Aid& module,
                                         const iso7816::Aid& instance, const InstanceOptions& options);
iso7816::CommandApdu install_and_make_selectable(const iso7816::Aid& load_file, const iso7816::Aid& module,
                                                 const iso7816::Aid& instance,
                                                 const InstanceOptions& options);

/// INSTALL [for make selectable] of an instance that is only installed; of the privileges only Card Reset
/// counts.
iso7816::CommandApdu make_selectable(const iso7816::Aid& instance, const Privileges& privileges = {},
                                     BytesView system_parameters = {});

/// The combined INSTALL [for load, install and make selectable]: the first command, after which the LOADs
/// come, and the one at the end (11.5.2.2).
iso7816::CommandApdu combined_begin(const iso7816::Aid& load_file, const iso7816::Aid& security_domain,
                                    std::size_t size, BytesView hash = {});
iso7816::CommandApdu combined_end(const iso7816::Aid& load_file, const iso7816::Aid& module,
                                  const iso7816::Aid& instance, const InstanceOptions& options);

/// INSTALL [for extradition] of an application or load file to another security domain (11.5.2.3.4).
iso7816::CommandApdu extradite(const iso7816::Aid& object, const iso7816::Aid& security_domain);

/// INSTALL [for registry update] (11.5.2.3.5): new privileges, parameters (content of EF), or both.
iso7816::CommandApdu registry_update(const iso7816::Aid& instance,
                                     const std::optional<Privileges>& privileges,
                                     BytesView system_parameters = {});

/// INSTALL [for personalization] (11.5.2.3.6): the STORE DATA that follow are for this application.
iso7816::CommandApdu install_for_personalization(const iso7816::Aid& instance);

/// Implicit selection parameter (11.1.7), content of EF: `CF` with the card interface and logical channel 0.
Bytes implicit_selection(bool contact, bool contactless);

/// What a new security domain may be told in C9 (UICC Configuration 1.0.1, 5.1.1, as cards commonly take it).
struct DomainParameters {
    std::vector<std::uint16_t> channels = {};  ///< 81: protocol and options of each, such as 0370
    bool accepts_extradition = false;          ///< 82: applications may be moved into it
    bool allows_extradition = false;           ///< 87: its applications may be moved away

    Bytes encode() const;
};

}  // namespace oti::globalplatform
