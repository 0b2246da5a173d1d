// SPDX-License-Identifier: Apache-2.0
// Deletion of applets and packages (JCRE specification 3.0.5, 11.3).
#include <algorithm>

#include "javacard/framework.h"
#include "javacard/runtime.h"

namespace oti::javacard {
namespace {

std::unexpected<Error> referenced(std::string why) {
    return fail(ErrorKind::kPolicy, "javacard.referenced", std::move(why));
}

/// Whether an object goes with these applets and packages. The AID objects of the applets are the runtime
/// environment's, with their bytes.
auto belongs_to(const Heap& heap, std::span<const Applet> applets, std::span<const PackageId> packages) {
    std::vector<const Object*> names;
    for (const auto& applet : applets) {
        const auto* aid = heap.find(applet.aid_object);
        if (aid == nullptr) continue;
        names.push_back(aid);
        names.push_back(heap.find(aid->u16(0)));
    }
    return [applets, packages, names = std::move(names)](const Object& object) {
        auto is_owner = [&](const Applet& applet) {
            return object.owner == Owner{applet.package, applet.id};
        };
        auto is_package = [&](PackageId id) {
            return object.owner.context == id || object.type.package == id;
        };
        return std::ranges::any_of(applets, is_owner) || std::ranges::any_of(packages, is_package) ||
               std::ranges::find(names, &object) != names.end();
    };
}

}  // namespace

void Runtime::free_objects_of(std::span<const Applet> applets, std::span<const PackageId> packages) {
    heap_->free_if(belongs_to(*heap_, applets, packages));
    heap_->clear_dangling();
}

Status Runtime::check_removal(std::span<const Applet> applets, std::span<const PackageId> packages) const {
    for (const auto& [channel, id] : selected_) {
        if (std::ranges::find(applets, id, &Applet::id) != applets.end()) {
            return referenced(find(id)->aid.hex() + " is selected");
        }
    }
    for (auto id : packages) {
        const auto* package = packages_.find(id);
        for (auto other : loaded_) {
            bool stays = std::ranges::find(packages, other) == packages.end();
            const auto& imports = packages_.find(other)->imports;
            if (stays && std::ranges::find(imports, package) != imports.end())
                return referenced("another package imports " + package->aid->hex());
        }
        for (const auto& [number, applet] : applets_) {
            bool stays = std::ranges::find(applets, number, &Applet::id) == applets.end();
            if (applet.package == id && stays)
                return referenced("there is an instance of " + package->aid->hex());
        }
    }
    if (heap_->is_referenced_from_outside(belongs_to(*heap_, applets, packages)))
        return referenced("objects of what shall go are in use");
    return {};
}

Status Runtime::remove(std::span<const iso7816::Aid> instances, std::span<const iso7816::Aid> packages,
                       std::uint8_t channel) {
    std::vector<Applet> applets;
    for (const auto& aid : instances) {
        const auto* applet = find(aid);
        if (applet == nullptr)
            return fail(ErrorKind::kUsage, "javacard.unknown", "there is no applet " + aid.hex());
        applets.push_back(*applet);
    }
    std::vector<PackageId> ids;
    for (const auto& aid : packages) {
        const auto* package = packages_.find(aid);
        if (package == nullptr || !package->source)
            return fail(ErrorKind::kUsage, "javacard.unknown", "no package " + aid.hex() + " was loaded");
        ids.push_back(package->id);
    }
    channel_ = channel;
    see_selection();
    const auto* event = packages_.find(framework_class::kAppletEvent);
    for (const auto& applet : applets) {
        // What it throws does not matter (11.3.4.1).
        if (machine_->class_of(*heap_->find(applet.object))->is_assignable_to(*event))
            (void)outcome(machine_->invoke_interface(applet.object, event->id, 0, {}));
    }
    heap_->reuse_vanished();
    OTI_CHECK(check_removal(applets, ids));
    free_objects_of(applets, ids);
    for (const auto& applet : applets) applets_.erase(applet.id);
    for (auto id : ids) {
        packages_.remove(id);
        std::erase(loaded_, id);
    }
    changed_ = true;
    return {};
}

}  // namespace oti::javacard
