// SPDX-License-Identifier: Apache-2.0
#include "globalplatform/plan.h"

#include <fmt/format.h>

#include <algorithm>

namespace oti::globalplatform {
namespace {

/// Whether the right package is there: of this version, as far as the card tells one.
bool has_package(const DesiredApplication& wanted, const Registry& actual) {
    if (wanted.is_preloaded()) return true;
    const auto* file = actual.load_file(wanted.load_file);
    return file != nullptr && (!file->version || *file->version == wanted.version);
}

/// An instance of another module than the wanted one has the AID, or it hangs on a package that has to go.
bool is_foreign(const ApplicationEntry& entry, const DesiredApplication& wanted) {
    return entry.load_file && *entry.load_file != wanted.load_file;
}

/// A load file is there too if an instance hangs on it, even where the list of load files does not show it:
/// that list may be forged to be empty (an error status carries no MAC), the list of applications may not.
bool is_there(const iso7816::Aid& aid, const Registry& actual) {
    auto hangs_on_it = [&](const ApplicationEntry& entry) { return entry.load_file == aid; };
    return actual.application(aid) != nullptr || actual.load_file(aid) != nullptr ||
           std::ranges::any_of(actual.applications, hangs_on_it);
}

}  // namespace

std::vector<Operation> plan(const DesiredState& desired, const Registry& actual) {
    std::vector<Operation> deletes, rest;
    for (const auto& aid : desired.absent) {
        if (is_there(aid, actual)) deletes.emplace_back(Delete{aid});
    }
    for (const auto& wanted : desired.present) {
        const auto* instance = actual.application(wanted.instance);
        if (has_package(wanted, actual)) {
            if (instance != nullptr && is_foreign(*instance, wanted)) {
                deletes.emplace_back(Delete{wanted.instance});
                rest.emplace_back(Install{wanted});
            } else if (instance == nullptr) {
                rest.emplace_back(Install{wanted});
            } else if (instance->life_cycle == kStateInstalled && !instance->is_security_domain()) {
                rest.emplace_back(MakeSelectable{wanted.instance});
            }
            continue;
        }
        // Deleting a load file with what is related takes its instances along.
        if (actual.load_file(wanted.load_file) != nullptr) deletes.emplace_back(Delete{wanted.load_file});
        if (instance != nullptr && is_foreign(*instance, wanted))
            deletes.emplace_back(Delete{wanted.instance});
        rest.emplace_back(Load{wanted});
        rest.emplace_back(Install{wanted});
    }
    deletes.insert(deletes.end(), std::make_move_iterator(rest.begin()), std::make_move_iterator(rest.end()));
    return deletes;
}

std::vector<PlannedCommand> commands(const std::vector<Operation>& operations,
                                     const iso7816::Aid& security_domain, std::size_t block_size) {
    std::vector<PlannedCommand> all;
    for (const auto& operation : operations) {
        if (const auto* remove = std::get_if<Delete>(&operation)) {
            all.push_back({delete_object(remove->aid, true), "delete " + remove->aid.hex()});
        } else if (const auto* loading = std::get_if<Load>(&operation)) {
            const auto& wanted = loading->application;
            all.push_back({install_for_load(wanted.load_file, security_domain, wanted.load_file_data.size(),
                                            wanted.hash),
                           "announce " + wanted.load_file.hex()});
            auto blocks = load(wanted.load_file_data, block_size);
            auto total = blocks.size();
            std::size_t number = 0;
            for (auto& block : blocks) {
                all.push_back({std::move(block), fmt::format("load {} of {}", ++number, total)});
            }
        } else if (const auto* installing = std::get_if<Install>(&operation)) {
            const auto& wanted = installing->application;
            all.push_back({install_and_make_selectable(wanted.load_file, wanted.module, wanted.instance,
                                                       {wanted.privileges, wanted.parameters,
                                                        wanted.system_parameters, wanted.further_objects}),
                           "install " + wanted.instance.hex()});
        } else {
            const auto& instance = std::get<MakeSelectable>(operation).instance;
            all.push_back({make_selectable(instance), "make selectable " + instance.hex()});
        }
    }
    return all;
}

}  // namespace oti::globalplatform
