// SPDX-License-Identifier: Apache-2.0
// javacard.framework.Applet, MultiSelectable and AppletEvent: what the runtime environment calls.
#include "javacard/framework.h"
#include "javacard/runtime.h"

namespace oti::javacard {
namespace {

using enum MethodSort;

constexpr std::uint16_t kFunctionNotSupported = 0x6A81;

Guest<Value> nothing(NativeCall&) {
    return Value{};
}

Guest<Value> install(NativeCall&) {
    return throw_(exception::kIso, kFunctionNotSupported);
}

Guest<Value> register_by_command(NativeCall& call) {
    OTI_CHECK(call.runtime().register_applet(call.self(), std::nullopt));
    return Value{};
}

Guest<Value> register_with_aid(NativeCall& call) {
    OTI_TRY(auto aid, call.bytes_at(1, call.short_at(2), call.byte_at(3)));
    OTI_CHECK(call.runtime().register_applet(call.self(), aid.view()));
    return Value{};
}

Guest<Value> selecting_applet(NativeCall& call) {
    return Value::of_bool(call.runtime().is_selecting());
}

Guest<Value> no_object(NativeCall&) {
    return Value::of_ref(kNull);
}

Guest<Value> agree(NativeCall&) {
    return Value::of_bool(true);
}

Guest<Value> not_reselecting(NativeCall&) {
    return Value::of_bool(false);
}

constexpr NativeMethod kApplet[] = {
    {kConstructor, 0, "<init>", "()V", nothing},
    {kStatic, 1, "install", "([BSB)V", install},
    {kStatic, 2, "reSelectingApplet", "()Z", not_reselecting},
    {kVirtual, 1, "register", "()V", register_by_command},
    {kVirtual, 2, "register", "([BSB)V", register_with_aid},
    {kVirtual, 3, "selectingApplet", "()Z", selecting_applet},
    {kVirtual, applet_method::kDeselect, "deselect", "()V", nothing},
    {kVirtual, applet_method::kGetShareableInterfaceObject, "getShareableInterfaceObject",
     "(Ljavacard/framework/AID;B)Ljavacard/framework/Shareable;", no_object},
    {kVirtual, applet_method::kSelect, "select", "()Z", agree},
    {kVirtual, applet_method::kProcess, "process", "(Ljavacard/framework/APDU;)V", nullptr},
};
constexpr NativeMethod kMultiSelectable[] = {
    {kVirtual, 0, "select", "(Z)Z", nullptr},
    {kVirtual, 1, "deselect", "(Z)V", nullptr},
};
constexpr NativeMethod kAppletEvent[] = {
    {kVirtual, 0, "uninstall", "()V", nullptr},
};

}  // namespace

std::span<const NativeMethod> applet_methods() {
    return kApplet;
}
std::span<const NativeMethod> multi_selectable_methods() {
    return kMultiSelectable;
}
std::span<const NativeMethod> applet_event_methods() {
    return kAppletEvent;
}

}  // namespace oti::javacard
