// SPDX-License-Identifier: Apache-2.0
// The class behind org.globalplatform.GPRegistryEntry: one cell, an AID object. All else is asked of the
// registry when it is asked of the object, so it is true when it is given.
#include "javacard/implementation.h"
#include "javacard/org_globalplatform.h"
#include "javacard/permanent_object.h"

namespace oti::javacard {
namespace {

using enum MethodSort;
using implementation_class::kRegistryEntry;
using iso7816::Aid;
using iso7816::StatusWord;

constexpr std::size_t kAidCell = 0;
constexpr std::int32_t kPrivilegeBytes = 3;
constexpr std::uint8_t kLocked = 0x80;

/// The application, if there still is one.
std::optional<RegisteredApplication> application_of(NativeCall& call) {
    auto aid = aid_of(call.heap(), call.cell(kRegistryEntry, kAidCell));
    auto entry = aid ? call.runtime().platform().registry_entry(*aid) : std::nullopt;
    if (!entry) return std::nullopt;
    return RegisteredApplication{*aid, *entry};
}

Guest<RegisteredApplication> existing(NativeCall& call) {
    auto application = application_of(call);
    if (!application) return throw_status(StatusWord::kReferencedDataNotFound);
    return *application;
}

Guest<Value> get_aid(NativeCall& call) {
    return Value::of_ref(call.cell(kRegistryEntry, kAidCell));
}

Guest<Value> get_privileges(NativeCall& call) {
    OTI_TRY(auto application, existing(call));
    OTI_TRY(auto out, call.bytes_at(1, call.short_at(2), kPrivilegeBytes));
    auto bits = application.entry.privileges;
    OTI_CHECK(
        call.write(out, std::array{static_cast<std::uint8_t>(bits >> 16),
                                   static_cast<std::uint8_t>(bits >> 8), static_cast<std::uint8_t>(bits)}));
    return Value::of_short(static_cast<int>(out.offset + out.length));
}

Guest<Value> get_state(NativeCall& call) {
    OTI_TRY(auto application, existing(call));
    return Value::of_short(static_cast<std::int8_t>(application.entry.state));
}

Guest<Value> is_associated(NativeCall& call) {
    auto application = application_of(call);
    OTI_CHECK(call.instance_at(1, framework_class::kAid));
    auto domain = aid_of(call.heap(), call.ref_at(1));
    return Value::of_bool(application && domain && application->entry.domain == *domain);
}

Guest<Value> is_privileged_method(NativeCall& call) {
    auto application = application_of(call);
    int number = call.byte_at(1);
    bool known = number >= 0 && number < static_cast<int>(gp_privilege::kCount);
    return Value::of_bool(known && application && application->entry.has(static_cast<unsigned>(number)));
}

/// Services are an application's own matter, if it is one that gives some.
Guest<Value> change_service(NativeCall& call,
                            bool (Platform::*change)(const Aid& server, std::uint16_t name)) {
    auto application = application_of(call);
    auto caller = requester(call);
    bool allowed = application && caller && caller->aid == application->aid &&
                   caller->entry.has(gp_privilege::kGlobalService);
    auto name = static_cast<std::uint16_t>(call.short_at(1));
    if (!allowed || !(call.runtime().platform().*change)(caller->aid, name)) {
        return throw_status(StatusWord::kConditionsNotSatisfied);
    }
    return Value{};
}

Guest<Value> register_service(NativeCall& call) {
    return change_service(call, &Platform::register_service);
}

Guest<Value> deregister_service(NativeCall& call) {
    return change_service(call, &Platform::deregister_service);
}

/// b8 locks, and unlocks where it is not set; an application locks itself, but does not unlock itself, and
/// has states of its own. Over others there is Global Lock. A security domain's power over its applications
/// is the card's to exercise: no applet is one.
Guest<Value> set_state(NativeCall& call) {
    auto application = application_of(call);
    auto caller = requester(call);
    if (!application || !caller || application->entry.is_issuer_domain) return Value::of_bool(false);
    auto wanted = static_cast<std::uint8_t>(call.byte_at(1));
    auto state = application->entry.state;
    bool lock = (wanted & kLocked) != 0, locked = (state & kLocked) != 0;
    bool own = caller->aid == application->aid;
    if (own && !lock) return Value::of_bool(set_own_state(call, *application, wanted));
    bool allowed = own || caller->entry.has(gp_privilege::kGlobalLock);
    if (!allowed || lock == locked) return Value::of_bool(false);
    call.runtime().platform().set_state(application->aid, state ^ kLocked);
    return Value::of_bool(true);
}

constexpr NativeMethod kMethods[] = {
    {kVirtual, 1, "deregisterService", "(S)V", deregister_service},
    {kVirtual, 2, "getAID", "()Ljavacard/framework/AID;", get_aid},
    {kVirtual, 3, "getPrivileges", "([BS)S", get_privileges},
    {kVirtual, 4, "getState", "()B", get_state},
    {kVirtual, 5, "isAssociated", "(Ljavacard/framework/AID;)Z", is_associated},
    {kVirtual, 6, "isPrivileged", "(B)Z", is_privileged_method},
    {kVirtual, 7, "registerService", "(S)V", register_service},
    {kVirtual, 8, "setState", "(B)Z", set_state},
};

}  // namespace

Guest<Ref> registry_entry_object(NativeCall& call, const Aid& application) {
    auto& heap = call.heap();
    auto found = find_permanent_object(heap, kRegistryEntry, [&](const Object& object) {
        return aid_of(heap, object.u16(kAidCell)) == application;
    });
    if (found != kNull) return found;
    OTI_TRY(auto aid, call.runtime().make_aid(application));
    OTI_TRY(auto object, make_permanent_object(call.runtime(), kRegistryEntry));
    OTI_CHECK(heap.write_u16(object, kAidCell, aid));
    return object;
}

std::span<const NativeMethod> gp_registry_entry_methods() {
    return kMethods;
}

}  // namespace oti::javacard
