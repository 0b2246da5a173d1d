// SPDX-License-Identifier: Apache-2.0
// The names by which the parts of the virtual machine speak of objects, classes and their owners.
#pragma once

#include <compare>
#include <cstdint>

namespace oti::javacard {

/// An object; 0 is null. Valid from its creation until it is collected, over resets too.
using Ref = std::uint16_t;
inline constexpr Ref kNull = 0;

/// A package on this card. Native packages have fixed numbers below kFirstLoadedPackage; a loaded package
/// keeps its number until it is deleted.
using PackageId = std::uint8_t;
inline constexpr PackageId kNoPackage = 0;
inline constexpr PackageId kFirstLoadedPackage = 64;

/// A firewall context (JCRE specification 3.0.5, 6.1.2): all instances of one package's applets share one, so
/// its number is that of the package. The runtime environment has its own.
using ContextId = std::uint8_t;
inline constexpr ContextId kRuntimeContext = 0;

/// An applet instance; 0 is the runtime environment.
using AppletId = std::uint8_t;
inline constexpr AppletId kNoApplet = 0;

/// Who owns an object (6.1.3): an applet instance, within its group context. What a package's static
/// initialization makes has no instance: it is every one's of the group.
struct Owner {
    ContextId context = kRuntimeContext;
    AppletId applet = kNoApplet;
    bool operator==(const Owner&) const = default;
};

/// A class or interface: its package and, in a native package, its token; in a loaded one its place in the
/// Class component, counted from 0.
struct ClassId {
    PackageId package = kNoPackage;
    std::uint8_t index = 0;
    auto operator<=>(const ClassId&) const = default;
};
/// In place of a class: the static fields of the package.
inline constexpr std::uint8_t kStaticsIndex = 0xFF;

enum class ObjectKind : std::uint8_t {
    kFree = 0,
    kInstance,
    kBooleans,
    kBytes,
    kShorts,
    kInts,
    kReferences,
    kStatics,  ///< the static field image of a package; no bytecode has a reference to it
};

inline bool is_array(ObjectKind kind) {
    return kind >= ObjectKind::kBooleans && kind <= ObjectKind::kReferences;
}

/// Bytes of one element; 1 for the static field image.
inline unsigned element_size(ObjectKind kind) {
    switch (kind) {
        case ObjectKind::kInstance:
        case ObjectKind::kShorts:
        case ObjectKind::kReferences:
            return 2;
        case ObjectKind::kInts:
            return 4;
        default:
            return 1;
    }
}

/// How long an object's content lives (JCRE specification 3.0.5, chapter 5). The values are those of
/// JCSystem's constants; the object itself is persistent in each of the first three cases.
enum class Persistence : std::uint8_t {
    kPersistent = 0,
    kClearOnReset = 1,
    kClearOnDeselect = 2,
    kSystem = 3,  ///< the runtime environment's own, made anew at each start: never stored
};

}  // namespace oti::javacard
