// SPDX-License-Identifier: Apache-2.0
// The components of a CAP file (JCVM specification 3.1, 6.2).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace oti::cap {

/// Table 6-1. Tags 14 to 127 are reserved, 128 to 255 are components of a vendor's own.
enum class ComponentTag : std::uint8_t {
    Header = 1,
    Directory = 2,
    Applet = 3,
    Import = 4,
    ConstantPool = 5,
    Class = 6,
    Method = 7,
    StaticField = 8,
    RefLocation = 9,
    Export = 10,
    Descriptor = 11,
    Debug = 12,
    StaticResources = 13,  ///< since CAP format 2.3; the only one whose size item has four octets
};

/// The last of the tags that have a name.
inline constexpr std::uint8_t kLastComponentTag = 13;

/// The component's name in Table 6-2: `Header`, `RefLocation`.
std::string_view name(ComponentTag tag);

/// The order in which a card is sent the components (6.3). Debug is never sent, Descriptor may be left out.
inline constexpr std::array kLoadOrder = {
    ComponentTag::Header,      ComponentTag::Directory,       ComponentTag::Import,
    ComponentTag::Applet,      ComponentTag::Class,           ComponentTag::Method,
    ComponentTag::StaticField, ComponentTag::Export,          ComponentTag::ConstantPool,
    ComponentTag::RefLocation, ComponentTag::StaticResources, ComponentTag::Descriptor,
};

}  // namespace oti::cap
