// SPDX-License-Identifier: Apache-2.0
// javacard.framework; tokens as its export file of version 1.6 has them.
#pragma once

#include "javacard/native.h"

namespace oti::javacard {

const NativePackage& framework();

namespace framework_class {
inline constexpr ClassId kShareable{kFramework, 2};
inline constexpr ClassId kApplet{kFramework, 3};
inline constexpr ClassId kAid{kFramework, 6};
inline constexpr ClassId kApdu{kFramework, 10};
inline constexpr ClassId kMultiSelectable{kFramework, 17};
inline constexpr ClassId kAppletEvent{kFramework, 18};
}  // namespace framework_class

/// Virtual tokens of Applet, which the runtime environment calls.
namespace applet_method {
inline constexpr std::uint8_t kDeselect = 4, kGetShareableInterfaceObject = 5, kSelect = 6, kProcess = 7;
}  // namespace applet_method

// The methods of its classes, each in a file of its own.
std::span<const NativeMethod> card_exception_methods();
std::span<const NativeMethod> card_runtime_exception_methods();
std::span<const NativeMethod> iso_exception_methods();
std::span<const NativeMethod> pin_exception_methods();
std::span<const NativeMethod> apdu_exception_methods();
std::span<const NativeMethod> system_exception_methods();
std::span<const NativeMethod> transaction_exception_methods();
std::span<const NativeMethod> user_exception_methods();
std::span<const NativeMethod> util_methods();
std::span<const NativeMethod> jcsystem_methods();
std::span<const NativeMethod> applet_methods();
std::span<const NativeMethod> applet_event_methods();
std::span<const NativeMethod> multi_selectable_methods();
std::span<const NativeMethod> aid_methods();
std::span<const NativeMethod> apdu_methods();

}  // namespace oti::javacard
