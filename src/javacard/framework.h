// SPDX-License-Identifier: Apache-2.0
// javacard.framework; tokens as its export file of version 1.6 has them.
#pragma once

#include "iso7816/aid.h"
#include "javacard/native.h"

namespace oti::javacard {

const NativePackage& framework();

namespace framework_class {
inline constexpr ClassId kPin{kFramework, 1};
inline constexpr ClassId kShareable{kFramework, 2};
inline constexpr ClassId kApplet{kFramework, 3};
inline constexpr ClassId kAid{kFramework, 6};
inline constexpr ClassId kOwnerPin{kFramework, 9};
inline constexpr ClassId kApdu{kFramework, 10};
inline constexpr ClassId kMultiSelectable{kFramework, 17};
inline constexpr ClassId kAppletEvent{kFramework, 18};
inline constexpr ClassId kOwnerPinX{kFramework, 19};
inline constexpr ClassId kOwnerPinXWithPredecrement{kFramework, 20};
}  // namespace framework_class

/// Virtual tokens of Applet, which the runtime environment calls.
namespace applet_method {
inline constexpr std::uint8_t kDeselect = 4, kGetShareableInterfaceObject = 5, kSelect = 6, kProcess = 7;
}  // namespace applet_method

/// What an object of class AID holds; nothing if that is no AID.
std::optional<iso7816::Aid> aid_of(const Heap& heap, Ref aid_object);

/// Reasons of PINException.
namespace pin_reason {
inline constexpr std::uint16_t kIllegalValue = 1, kIllegalState = 2;
}  // namespace pin_reason

// The methods of its classes, each in a file of its own.
std::span<const NativeMethod> card_exception_methods();
std::span<const NativeMethod> card_runtime_exception_methods();
std::span<const NativeMethod> user_exception_methods();
std::span<const NativeMethod> util_methods();
std::span<const NativeMethod> jcsystem_methods();
std::span<const NativeMethod> applet_methods();
std::span<const NativeMethod> applet_event_methods();
std::span<const NativeMethod> multi_selectable_methods();
std::span<const NativeMethod> aid_methods();
std::span<const NativeMethod> pin_methods();
std::span<const NativeMethod> owner_pin_methods();
std::span<const NativeMethod> owner_pin_builder_methods();
std::span<const NativeMethod> owner_pinx_interface_methods();
std::span<const NativeMethod> owner_pinx_with_predecrement_interface_methods();
std::span<const NativeMethod> sensitive_arrays_methods();
// Of the classes behind OwnerPINx and OwnerPINxWithPredecrement: what they add to OwnerPIN.
std::span<const NativeMethod> owner_pinx_methods();
std::span<const NativeMethod> owner_pinx_with_predecrement_methods();
std::span<const NativeMethod> apdu_methods();

}  // namespace oti::javacard
