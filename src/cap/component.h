// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace oti::cap {

/// Components of a CAP file by their tags (JCVM 3.0.5, table 6-3).
enum class ComponentTag : std::uint8_t {
    kHeader = 1,
    kDirectory = 2,
    kApplet = 3,
    kImport = 4,
    kConstantPool = 5,
    kClass = 6,
    kMethod = 7,
    kStaticField = 8,
    kReferenceLocation = 9,
    kExport = 10,
    kDescriptor = 11,
    kDebug = 12,
};

/// The order in which components are loaded (JCVM 3.0.5, 6.3); Debug never is.
inline constexpr std::array kLoadOrder{
    ComponentTag::kHeader,       ComponentTag::kDirectory,
    ComponentTag::kImport,       ComponentTag::kApplet,
    ComponentTag::kClass,        ComponentTag::kMethod,
    ComponentTag::kStaticField,  ComponentTag::kExport,
    ComponentTag::kConstantPool, ComponentTag::kReferenceLocation,
    ComponentTag::kDescriptor,
};

/// Without them there is no package.
inline constexpr std::array kRequired{
    ComponentTag::kHeader,       ComponentTag::kDirectory,
    ComponentTag::kImport,       ComponentTag::kClass,
    ComponentTag::kMethod,       ComponentTag::kStaticField,
    ComponentTag::kConstantPool, ComponentTag::kReferenceLocation,
};

/// Its name in a CAP file: "Header", "RefLocation", …
constexpr std::string_view name(ComponentTag tag) {
    constexpr std::array<std::string_view, 13> kNames{
        "?",      "Header",      "Directory",   "Applet", "Import",     "ConstantPool", "Class",
        "Method", "StaticField", "RefLocation", "Export", "Descriptor", "Debug"};
    auto index = static_cast<std::size_t>(tag);
    return index < kNames.size() ? kNames[index] : kNames[0];
}

}  // namespace oti::cap
