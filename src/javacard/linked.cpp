// SPDX-License-Identifier: Apache-2.0
#include "javacard/linked.h"

#include <algorithm>
#include <functional>
#include <map>

namespace oti::javacard {
namespace {

template <typename T>
bool contains(const std::vector<const T*>& all, const T* one) {
    return std::ranges::find(all, one) != all.end();
}

}  // namespace

const Implementation* LinkedClass::implementation_of(const LinkedClass& interface) const {
    auto found = std::ranges::lower_bound(interfaces, &interface, std::less<>(),
                                          [](const auto& entry) { return entry.first; });
    return found == interfaces.end() || found->first != &interface ? nullptr : found->second;
}

void LinkedClass::add_super_interface(const LinkedClass& interface) {
    if (!contains(super_interfaces, &interface)) super_interfaces.push_back(&interface);
    for (const auto* further : interface.super_interfaces) {
        if (!contains(super_interfaces, further)) super_interfaces.push_back(further);
    }
    is_shareable = is_shareable || interface.is_shareable;
}

void LinkedClass::collect_interfaces() {
    std::map<const LinkedClass*, const Implementation*, std::less<>> all;
    if (super != nullptr) all.insert(super->interfaces.begin(), super->interfaces.end());
    for (const auto& implementation : implementations) {
        all[implementation.interface] = &implementation;
        for (const auto* further : implementation.interface->super_interfaces) all.try_emplace(further);
    }
    interfaces.assign(all.begin(), all.end());
    is_shareable =
        std::ranges::any_of(interfaces, [](const auto& entry) { return entry.first->is_shareable; });
}

bool LinkedClass::is_assignable_to(const LinkedClass& other) const {
    if (this == &other) return true;
    // An interface as an array's element type: Object takes it, and so does what it extends.
    if (is_interface) return other.ancestry.size() == 1 || contains(super_interfaces, &other);
    if (!other.is_interface) {
        return ancestry.size() > other.ancestry.size() && ancestry[other.ancestry.size() - 1] == &other;
    }
    auto found = std::ranges::lower_bound(interfaces, &other, std::less<>(),
                                          [](const auto& entry) { return entry.first; });
    return found != interfaces.end() && found->first == &other;
}

const Method* LinkedClass::virtual_method(std::uint8_t token) const {
    const auto& methods = (token & 0x80) != 0 ? package_methods : public_methods;
    auto index = token & 0x7FU;
    return index < methods.size() ? methods[index] : nullptr;
}

const LinkedPackage* PackageTable::find(const iso7816::Aid& aid) const {
    for (const auto& package : packages_) {
        if (package && package->aid == aid) return package.get();
    }
    return nullptr;
}

void PackageTable::add(std::unique_ptr<LinkedPackage> package) {
    auto id = package->id;
    packages_[id] = std::move(package);
}

std::optional<PackageId> PackageTable::unused_id() const {
    for (std::size_t id = kFirstLoadedPackage; id < packages_.size(); ++id) {
        if (!packages_[id]) return static_cast<PackageId>(id);
    }
    return std::nullopt;
}

std::span<const std::uint16_t> PackageTable::reference_cells(ClassId type) const {
    if (type.index == kStaticsIndex) {
        const auto* package = find(type.package);
        return package == nullptr ? std::span<const std::uint16_t>() : package->static_reference_cells;
    }
    const auto* found = find(type);
    return found == nullptr ? std::span<const std::uint16_t>() : found->reference_cells;
}

}  // namespace oti::javacard
