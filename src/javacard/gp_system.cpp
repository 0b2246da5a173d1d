// SPDX-License-Identifier: Apache-2.0
// org.globalplatform.GPSystem: the card and the registry, as an applet may see and change them.
#include "javacard/implementation.h"
#include "javacard/machine.h"
#include "javacard/org_globalplatform.h"
#include "javacard/permanent_object.h"
#include "javacard/type_check.h"

namespace oti::javacard {
namespace {

using enum MethodSort;
using iso7816::Aid;

constexpr std::uint8_t kSecured = 0x0F, kCardLocked = 0x7F, kTerminated = 0xFF;
constexpr std::uint8_t kInstalled = 0x03, kSelectable = 0x07, kLocked = 0x80;
constexpr std::int32_t kMaxHistoricalBytes = 15;
constexpr std::int8_t kGlobalServiceIdentifier = -128;
constexpr std::uint8_t kFamilyCvm = 0x82, kGlobalPin = 0x11;

Guest<Value> nothing(NativeCall&) {
    return Value{};
}

/// An applet whose installation has not got as far as the registry is INSTALLED.
Guest<Value> get_card_content_state(NativeCall& call) {
    auto application = requester(call);
    return Value::of_short(static_cast<std::int8_t>(application ? application->entry.state : kInstalled));
}

Guest<Value> set_card_content_state(NativeCall& call) {
    auto application = requester(call);
    return Value::of_bool(application &&
                          set_own_state(call, *application, static_cast<std::uint8_t>(call.byte_at(0))));
}

Guest<Value> get_card_state(NativeCall& call) {
    return Value::of_short(static_cast<std::int8_t>(call.runtime().platform().card_state()));
}

/// 5.1.1: from SECURED only.
Guest<Value> lock_card(NativeCall& call) {
    auto& platform = call.runtime().platform();
    if (!is_privileged(call, gp_privilege::kCardLock) || platform.card_state() != kSecured) {
        return Value::of_bool(false);
    }
    platform.set_card_state(kCardLocked);
    return Value::of_bool(true);
}

Guest<Value> terminate_card(NativeCall& call) {
    auto& platform = call.runtime().platform();
    if (!is_privileged(call, gp_privilege::kCardTerminate) || platform.card_state() == kTerminated) {
        return Value::of_bool(false);
    }
    platform.set_card_state(kTerminated);
    return Value::of_bool(true);
}

Guest<Value> set_historical_bytes(NativeCall& call) {
    OTI_TRY(auto bytes, call.bytes_at(0, call.short_at(1), call.byte_at(2)));
    bool allowed = is_privileged(call, gp_privilege::kCardReset) && bytes.length <= kMaxHistoricalBytes;
    return Value::of_bool(allowed && call.runtime().platform().set_historical_bytes(bytes.view()));
}

Guest<Value> get_secure_channel(NativeCall& call) {
    auto ref = find_permanent_object(call.heap(), implementation_class::kSecureChannel);
    if (ref == kNull) {
        OTI_TRY(ref, make_permanent_object(call.runtime(), implementation_class::kSecureChannel));
    }
    return Value::of_ref(ref);
}

/// An AID object that an applet may leave out.
struct OptionalAid {
    bool is_given = false;
    std::optional<Aid> aid;
    bool is_unusable() const { return is_given && !aid; }
};

Guest<OptionalAid> aid_at(NativeCall& call, std::size_t index) {
    if (call.ref_at(index) == kNull) return OptionalAid{};
    OTI_CHECK(call.instance_at(index, framework_class::kAid));
    return OptionalAid{true, aid_of(call.heap(), call.ref_at(index))};
}

Guest<Value> get_registry_entry(NativeCall& call) {
    auto application = requester(call);
    if (!application) return Value::of_ref(kNull);
    OTI_TRY(auto wanted, aid_at(call, 0));
    if (wanted.is_unusable()) return Value::of_ref(kNull);
    auto aid = wanted.aid.value_or(application->aid);
    if (aid != application->aid) {
        auto entry = call.runtime().platform().registry_entry(aid);
        bool allowed = application->entry.has(gp_privilege::kGlobalRegistry) ||
                       (entry && entry->domain == application->aid);
        if (!entry || !allowed) return Value::of_ref(kNull);
    }
    OTI_TRY(auto object, registry_entry_object(call, aid));
    return Value::of_ref(object);
}

/// A reference of that type, or null: what an applet returned may be anything.
Ref only_if(NativeCall& call, Ref ref, ClassId type) {
    const auto* object = call.heap().find(ref);
    const auto* expected = call.machine().packages().find(type);
    bool fits = object != nullptr && is_instance(call.machine().packages(), *object, *expected);
    return fits ? ref : kNull;
}

/// 8.1.1: the GlobalService of whoever has registered it.
Guest<Ref> find_service(NativeCall& call, const std::optional<Aid>& server, std::uint16_t name) {
    auto& platform = call.runtime().platform();
    auto provider = platform.find_service(name, server);
    auto entry = provider ? platform.registry_entry(*provider) : std::nullopt;
    if (!entry || !entry->has(gp_privilege::kGlobalService)) return kNull;
    OTI_TRY(auto object,
            call.runtime().shareable_interface_object(provider->bytes(), kGlobalServiceIdentifier));
    return only_if(call, object, gp_class::kGlobalService);
}

Guest<Value> get_service(NativeCall& call) {
    OTI_TRY(auto server, aid_at(call, 0));
    if (server.is_unusable()) return Value::of_ref(kNull);
    OTI_TRY(auto service, find_service(call, server.aid, static_cast<std::uint16_t>(call.short_at(1))));
    return Value::of_ref(service);
}

Guest<Value> get_cvm(NativeCall& call) {
    auto identifier = static_cast<std::uint8_t>(call.byte_at(0));
    auto name = static_cast<std::uint16_t>(kFamilyCvm << 8 | identifier);
    auto application = requester(call);
    OTI_TRY(auto service, find_service(call, std::nullopt, name));
    if (service != kNull && application) {
        OTI_TRY(auto entry, registry_entry_object(call, application->aid));
        std::array arguments{Value::of_ref(entry), Value::of_short(static_cast<std::int16_t>(name)),
                             Value::of_ref(kNull), Value::of_short(0), Value::of_short(0)};
        OTI_TRY(auto cvm, call.machine().invoke_interface(service, gp_class::kGlobalService, 0, arguments));
        return Value::of_ref(only_if(call, cvm.as_ref(), gp_class::kCvm));
    }
    if (identifier != kGlobalPin) return Value::of_ref(kNull);
    auto pin = find_permanent_object(call.heap(), implementation_class::kGlobalPin);
    if (pin == kNull) {
        OTI_TRY(pin, make_permanent_object(call.runtime(), implementation_class::kGlobalPin));
    }
    return Value::of_ref(pin);
}

constexpr NativeMethod kMethods[] = {
    {kConstructor, 0, "<init>", "()V", nothing},
    {kStatic, 1, "getCardContentState", "()B", get_card_content_state},
    {kStatic, 2, "getCardState", "()B", get_card_state},
    {kStatic, 3, "getCVM", "(B)Lorg/globalplatform/CVM;", get_cvm},
    {kStatic, 4, "getSecureChannel", "()Lorg/globalplatform/SecureChannel;", get_secure_channel},
    {kStatic, 5, "lockCard", "()Z", lock_card},
    {kStatic, 6, "terminateCard", "()Z", terminate_card},
    {kStatic, 7, "setATRHistBytes", "([BSB)Z", set_historical_bytes},
    {kStatic, 8, "setCardContentState", "(B)Z", set_card_content_state},
    {kStatic, 9, "getRegistryEntry", "(Ljavacard/framework/AID;)Lorg/globalplatform/GPRegistryEntry;",
     get_registry_entry},
    {kStatic, 10, "getService", "(Ljavacard/framework/AID;S)Lorg/globalplatform/GlobalService;", get_service},
};

}  // namespace

std::optional<RegisteredApplication> requester(NativeCall& call) {
    const auto* aid = call.runtime().instance_aid(call.caller().applet);
    if (aid == nullptr) return std::nullopt;
    auto entry = call.runtime().platform().registry_entry(*aid);
    if (!entry) return std::nullopt;
    return RegisteredApplication{*aid, *entry};
}

bool is_privileged(NativeCall& call, unsigned privilege) {
    auto application = requester(call);
    return application && application->entry.has(privilege);
}

bool set_own_state(NativeCall& call, const RegisteredApplication& application, std::uint8_t state) {
    // Table 11-4: b8 is 0, b3 to b1 are 1. Out of INSTALLED it is the domain that leads, out of LOCKED nobody
    // that is locked.
    bool is_application_specific = (state & (kLocked | kSelectable)) == kSelectable;
    bool may_change = application.entry.state >= kSelectable && (application.entry.state & kLocked) == 0;
    if (!is_application_specific || !may_change) return false;
    call.runtime().platform().set_state(application.aid, state);
    return true;
}

std::span<const NativeMethod> gp_system_methods() {
    return kMethods;
}

}  // namespace oti::javacard
