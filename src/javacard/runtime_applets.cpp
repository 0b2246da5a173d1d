// SPDX-License-Identifier: Apache-2.0
// The life of applets (JCRE specification 3.0.5, chapters 3, 4 and 11), and what the API asks about them.
#include <algorithm>

#include "javacard/api.h"
#include "javacard/framework.h"
#include "javacard/runtime.h"
#include "javacard/type_check.h"

namespace oti::javacard {
namespace {

constexpr std::uint16_t kUnknownError = 0x6F00;
constexpr std::uint16_t kNoSuchModule = 0x6A88;
constexpr std::uint16_t kWrongData = 0x6A80;
constexpr std::uint16_t kWrongLength = 0x6700;
/// javacardx.apdu.ExtendedLength; no interface of the framework itself.
constexpr ClassId kExtendedLength{5, 0};

/// Of a CardException or CardRuntimeException; both have it in their first cell.
std::uint16_t reason_of(const PackageTable& packages, const Object& object) {
    return object.u16(packages.find(exception::kCardRuntime)->first_cell);
}

}  // namespace

Outcome Runtime::outcome(const Guest<Value>& result) {
    bool left_open = heap_->in_transaction();
    if (left_open) (void)heap_->abort_transaction();
    Outcome outcome;
    if (result && !left_open) {
        outcome.result = result->number != 0;
        return outcome;
    }
    outcome.sw = kUnknownError;
    if (result) {
        // 7.6.2: as if it had not caught an exception.
        outcome.why = "returned with a transaction in progress";
        return outcome;
    }
    const auto& trap = result.error();
    if (trap.kind == Trap::Kind::kFault) {
        outcome.faulted = true;
        outcome.why = trap.why;
        return outcome;
    }
    auto thrown = machine_->thrown_object(trap);
    const auto* object = thrown ? heap_->find(*thrown) : nullptr;
    const auto* iso = packages_.find(exception::kIso);
    if (object != nullptr && is_instance(packages_, *object, *iso)) {
        outcome.sw = reason_of(packages_, *object);
        return outcome;
    }
    outcome.why = describe(object);
    const auto* system = packages_.find(exception::kSystem);
    if (object != nullptr && is_instance(packages_, *object, *system)) {
        auto reason = reason_of(packages_, *object);
        outcome.out_of_memory = reason == reason::kNoResource || reason == reason::kNoTransientSpace;
    }
    return outcome;
}

std::string Runtime::describe(const Object* thrown) const {
    if (thrown == nullptr) return "an exception that is gone";
    auto id = thrown->type;
    const auto* package = packages_.find(id.package);
    std::string name = "class " + std::to_string(id.index) + " of " + package->aid->hex();
    for (const auto* native : api_packages()) {
        if (native->id == id.package) name = std::string(native->name) + "." + native->classes[id.index].name;
    }
    bool has_reason = is_instance(packages_, *thrown, *packages_.find(exception::kCardRuntime)) ||
                      is_instance(packages_, *thrown, *packages_.find(exception::kCard));
    if (!has_reason) return "uncaught " + name;
    return "uncaught " + name + ", reason " + std::to_string(reason_of(packages_, *thrown));
}

const Applet* Runtime::find(AppletId id) const {
    auto found = applets_.find(id);
    return found == applets_.end() ? nullptr : &found->second;
}

const Applet* Runtime::find(const iso7816::Aid& instance) const {
    for (const auto& [id, applet] : applets_) {
        if (applet.aid == instance) return &applet;
    }
    return nullptr;
}

Guest<Ref> Runtime::make_aid(const iso7816::Aid& aid, AppletId payer) {
    Owner owner{kRuntimeContext, payer};
    auto size = static_cast<std::int32_t>(aid.bytes().size());
    OTI_TRY(auto bytes, heap_->make_array(ObjectKind::kBytes, size, owner));
    OTI_CHECK(heap_->write(bytes, 0, aid.bytes()));
    const auto* type = packages_.find(framework_class::kAid);
    OTI_TRY(auto object, heap_->make_instance(type->id, type->cells, owner));
    OTI_CHECK(heap_->write_u16(object, type->first_cell, bytes));
    heap_->mark_entry_point(object, false);
    return object;
}

Outcome Runtime::install(const iso7816::Aid& package, const iso7816::Aid& module,
                         const iso7816::Aid& instance, BytesView parameters, std::uint8_t channel) {
    const auto* linked = packages_.find(package);
    const Method* method = nullptr;
    if (linked != nullptr) {
        for (const auto& candidate : linked->modules) {
            if (candidate.aid == module) method = candidate.install;
        }
    }
    if (method == nullptr) return {.sw = kNoSuchModule};
    auto& buffer = heap_->find(install_buffer_)->data;
    if (parameters.size() > buffer.size() || find(instance) != nullptr) return {.sw = kWrongData};
    AppletId id = 1;
    while (id != 0 && applets_.contains(id)) ++id;
    if (id == 0) return {.sw = kWrongData};

    installing_ = Applet{id, linked->id, module, instance};
    std::ranges::fill(buffer, std::uint8_t{0});
    std::ranges::copy(parameters, buffer.begin());
    std::array arguments{Value::of_ref(install_buffer_), Value::of_short(0),
                         Value::of_short(static_cast<std::int8_t>(parameters.size()))};
    channel_ = channel;
    see_selection();
    heap_->begin_installation();
    auto result = machine_->invoke(*method, arguments, {linked->id, id});
    auto how = outcome(result);
    auto applet = *std::exchange(installing_, std::nullopt);
    // It may have registered in a transaction that it aborted.
    if (how.ok() && heap_->find(applet.object) == nullptr)
        how = {.sw = kUnknownError, .why = "not registered"};
    if (!how.ok()) {
        heap_->undo_installation();
        return how;
    }
    heap_->keep_installation();
    applets_.emplace(id, applet);
    changed_ = true;
    return how;
}

Guest<void> Runtime::register_applet(Ref ref, std::optional<BytesView> aid) {
    // Once, and only while it is being installed (API, Applet.register).
    if (!installing_ || installing_->object != kNull) return throw_(exception::kSystem, reason::kIllegalAid);
    const auto* object = heap_->find(ref);
    if (object == nullptr || object->owner != Owner{installing_->package, installing_->id}) {
        return throw_(exception::kSystem, reason::kIllegalAid);
    }
    // The name is the one that the instance was asked for (GPCS 2.3.1, 9.3.6).
    if (aid && !same(*aid, installing_->aid.bytes())) return throw_(exception::kSystem, reason::kIllegalAid);
    OTI_TRY(installing_->aid_object, make_aid(installing_->aid, installing_->id));
    installing_->object = ref;
    return {};
}

bool Runtime::is_multiselectable(AppletId id) const {
    const auto* applet = find(id);
    const auto* object = applet == nullptr ? nullptr : heap_->find(applet->object);
    const auto* interface = packages_.find(framework_class::kMultiSelectable);
    return object != nullptr && interface != nullptr && is_instance(packages_, *object, *interface);
}

Outcome Runtime::call_selection(AppletId id, std::uint8_t channel, bool select) {
    const auto* applet = find(id);
    if (applet == nullptr) return {.sw = kNoSuchModule};
    channel_ = channel;
    see_selection();
    bool same_applet = false, same_package = false;
    for (const auto& [other_channel, other_id] : selected_) {
        if (other_channel == channel) continue;
        same_applet = same_applet || other_id == id;
        same_package = same_package || find(other_id)->package == applet->package;
    }
    Guest<Value> result = Value{};
    if (same_package) {
        // MultiSelectable.select(appInstAlreadyActive) and deselect(appInstStillActive).
        std::array already{Value::of_bool(same_applet)};
        result = machine_->invoke_interface(applet->object, framework_class::kMultiSelectable, select ? 0 : 1,
                                            already);
    } else {
        auto token = select ? applet_method::kSelect : applet_method::kDeselect;
        result = machine_->invoke_virtual(applet->object, framework_class::kApplet, token, {});
    }
    return outcome(result);
}

Outcome Runtime::select(AppletId id, std::uint8_t channel) {
    // It is selected while it is asked (4.2): CLEAR_ON_DESELECT memory may be made.
    selected_[channel] = id;
    auto how = call_selection(id, channel, true);
    if (!how.ok() || !how.result) selected_.erase(channel);
    return how;
}

Outcome Runtime::deselect(AppletId id, std::uint8_t channel) {
    auto how = call_selection(id, channel, false);
    selected_.erase(channel);
    const auto* applet = find(id);
    bool others = std::ranges::any_of(selected_, [&](const auto& entry) {
        const auto* other = find(entry.second);
        return applet != nullptr && other != nullptr && other->package == applet->package;
    });
    if (applet != nullptr && !others) heap_->clear_on_deselect(applet->package);
    return how;
}

Outcome Runtime::process(AppletId id, std::uint8_t channel, iso7816::CommandApdu command, bool selecting) {
    const auto* applet = find(id);
    if (applet == nullptr) return {.sw = kNoSuchModule};
    const auto* extended_length = packages_.find(kExtendedLength);
    bool extended =
        extended_length != nullptr && is_instance(packages_, *heap_->find(applet->object), *extended_length);
    bool needs_extended = command.data.size() > iso7816::kMaxShortData || command.ne > iso7816::kMaxShortNe;
    if ((needs_extended && !extended) || command.data.size() > ApduExchange::kMaxExtended) {
        return {.sw = kWrongLength};
    }
    channel_ = channel;
    see_selection();
    selecting_ = selecting;
    processing_ = id;
    apdu_.begin(std::move(command), host_.protocol, extended, *heap_->find(apdu_buffer_));
    std::array arguments{Value::of_ref(apdu_object_)};
    auto how = outcome(machine_->invoke_virtual(applet->object, framework_class::kApplet,
                                                applet_method::kProcess, arguments));
    how.response = apdu_.end();
    processing_ = kNoApplet;
    selecting_ = false;
    return how;
}

bool Runtime::is_processing(Owner owner) const {
    return processing_ != kNoApplet && owner.applet == processing_;
}

const iso7816::Aid* Runtime::instance_aid(AppletId id) const {
    if (installing_ && installing_->id == id) return &installing_->aid;
    const auto* applet = find(id);
    return applet == nullptr ? nullptr : &applet->aid;
}

Ref Runtime::aid_object(AppletId id) const {
    // An applet has one as soon as it has registered.
    if (installing_ && installing_->id == id && installing_->object != kNull) return installing_->aid_object;
    const auto* applet = find(id);
    return applet == nullptr ? kNull : applet->aid_object;
}

Ref Runtime::lookup_aid(BytesView bytes) const {
    auto aid = iso7816::Aid::create(bytes);
    const auto* applet = aid ? find(*aid) : nullptr;
    return applet == nullptr ? kNull : applet->aid_object;
}

bool Runtime::is_active(BytesView bytes) const {
    auto aid = iso7816::Aid::create(bytes);
    const auto* applet = aid ? find(*aid) : nullptr;
    return applet != nullptr &&
           std::ranges::any_of(selected_, [&](const auto& entry) { return entry.second == applet->id; });
}

void Runtime::see_selection() {
    auto entry = selected_.find(channel_);
    const auto* applet = entry == selected_.end() ? nullptr : find(entry->second);
    // While it is installed, an applet counts as selected.
    if (installing_) applet = &*installing_;
    auto context = applet == nullptr ? kRuntimeContext : applet->package;
    std::vector<AppletId> out_of_reach;
    for (const auto& [channel, id] : selected_) {
        if (channel == channel_ || find(id)->package == context || is_multiselectable(id)) continue;
        out_of_reach.push_back(id);
    }
    machine_->set_selection(context, std::move(out_of_reach));
}

std::size_t Runtime::available_memory(Owner owner, Persistence sort) const {
    bool transient = sort != Persistence::kPersistent;
    return host_.memory.available(owner, sort,
                                  transient ? heap_->transient_used() : heap_->persistent_used());
}

Guest<Ref> Runtime::shareable_interface_object(BytesView server, std::int8_t parameter) {
    auto aid = iso7816::Aid::create(server);
    const auto* applet = aid ? find(*aid) : nullptr;
    if (applet == nullptr) return kNull;
    // 6.2.7.2, 2.
    if (machine_->is_out_of_reach({applet->package, applet->id})) return throw_(exception::kSecurity);
    std::array arguments{Value::of_ref(aid_object(machine_->context().applet)), Value::of_short(parameter)};
    auto object = machine_->invoke_virtual(applet->object, framework_class::kApplet,
                                           applet_method::kGetShareableInterfaceObject, arguments);
    if (object) return object->as_ref();
    // 6.2.7.2: nor does the client learn of an exception.
    if (object.error().kind == Trap::Kind::kFault) return std::unexpected(object.error());
    return kNull;
}

}  // namespace oti::javacard
