// SPDX-License-Identifier: Apache-2.0
// org.globalplatform (GPCS 2.3.1, annex A); tokens as the export file of version 1.6 has them.
#pragma once

#include "iso7816/status_word.h"
#include "javacard/framework.h"
#include "javacard/platform.h"

namespace oti::javacard {

inline constexpr PackageId kOrgGlobalPlatform = 12;

const NativePackage& org_globalplatform();

namespace gp_class {
inline constexpr ClassId kApplication{kOrgGlobalPlatform, 0};
inline constexpr ClassId kCvm{kOrgGlobalPlatform, 1};
inline constexpr ClassId kSecureChannel{kOrgGlobalPlatform, 2};
inline constexpr ClassId kRegistryEntry{kOrgGlobalPlatform, 4};
inline constexpr ClassId kGlobalService{kOrgGlobalPlatform, 5};
inline constexpr ClassId kSecureChannelx{kOrgGlobalPlatform, 6};
inline constexpr ClassId kPersonalization{kOrgGlobalPlatform, 8};
inline constexpr ClassId kSecureChannelx2{kOrgGlobalPlatform, 11};
}  // namespace gp_class

/// Numbers of privileges (GPCS table 6-1) that applets' requests depend on.
namespace gp_privilege {
inline constexpr unsigned kCardLock = 3, kCardTerminate = 4, kCardReset = 5, kCvmManagement = 6,
                          kGlobalLock = 12, kGlobalRegistry = 13, kGlobalService = 15, kCount = 24;
}  // namespace gp_privilege

/// An application with what the registry says of it.
struct RegisteredApplication {
    iso7816::Aid aid;
    RegistryEntry entry;
};
/// The applet that calls; nothing while the card does not know it.
std::optional<RegisteredApplication> requester(NativeCall& call);
/// Whether it has a privilege.
bool is_privileged(NativeCall& call, unsigned privilege);

/// An application's own request for another state (5.3.1.5): false unless it is one of its own.
bool set_own_state(NativeCall& call, const RegisteredApplication& application, std::uint8_t state);
/// The object that stands for a registry entry.
Guest<Ref> registry_entry_object(NativeCall& call, const iso7816::Aid& application);

inline auto throw_status(iso7816::StatusWord sw) {
    return throw_(exception::kIso, static_cast<std::uint16_t>(sw));
}

std::span<const NativeMethod> gp_system_methods();
// Of the classes behind the interfaces of these names.
std::span<const NativeMethod> gp_secure_channel_methods();
std::span<const NativeMethod> gp_registry_entry_methods();
std::span<const NativeMethod> gp_cvm_methods();

}  // namespace oti::javacard
