// SPDX-License-Identifier: Apache-2.0
#include "card/applets.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/byte_writer.h"
#include "card/environment.h"
#include "card/memory.h"

namespace oti::card {
namespace {

using javacard::Persistence;

std::unexpected<StatusWord> refusal_of(const Error& error) {
    if (error.code == "javacard.memory") return refuse(StatusWord::kNoSpace);
    if (error.code == "javacard.referenced") return refuse(StatusWord::kConditionsNotSatisfied);
    return refuse(StatusWord::kWrongData);
}

}  // namespace

Status Applets::start(Environment& environment) {
    environment_ = &environment;
    objects_.emplace(environment.nvm);
    code_.emplace(environment.registry);
    auto protocol =
        environment.profile.protocol == Protocol::kT0 ? javacard::Protocol::kT0 : javacard::Protocol::kT1;
    platform_.emplace(environment);
    OTI_TRY(runtime_, javacard::Runtime::start({.objects = *objects_,
                                                .code = *code_,
                                                .memory = memory_,
                                                .platform = *platform_,
                                                .protocol = protocol,
                                                .random = &environment.random}));
    return {};
}

void Applets::reset() {
    runtime_->reset();
}

// ---- Content management ----

void Applets::plan_load(const Aid& load_file) {
    to_load_ = load_file;
}

std::expected<void, StatusWord> Applets::plan_installation(const Application& entry, BytesView privileges,
                                                           BytesView parameters) {
    constexpr std::size_t kMost = 255, kLengths = 3;
    if (kLengths + entry.aid.bytes().size() + privileges.size() + parameters.size() > kMost)
        return refuse(StatusWord::kWrongData);
    ByteWriter array;
    array.lv(entry.aid.bytes()).lv(privileges).lv(parameters);
    to_install_ = Installation{entry.load_file, entry.module, entry.aid, array.take()};
    return {};
}

void Applets::plan_removal(std::vector<Aid> instances, std::vector<Aid> load_files) {
    instances_to_remove_ = std::move(instances);
    load_files_to_remove_ = std::move(load_files);
}

void Applets::forget_plans() {
    to_load_.reset();
    to_install_.reset();
    instances_to_remove_.clear();
    load_files_to_remove_.clear();
}

std::expected<void, StatusWord> Applets::carry_out(const Channel& channel) {
    auto to_load = std::exchange(to_load_, std::nullopt);
    auto to_install = std::exchange(to_install_, std::nullopt);
    auto instances = std::exchange(instances_to_remove_, {});
    auto load_files = std::exchange(load_files_to_remove_, {});
    if (to_load) OTI_CHECK(load(*to_load));
    if (to_install) {
        if (auto installed = install(*to_install, channel); !installed) {
            if (to_load) (void)runtime_->remove({}, {{*to_load}}, channel.number);
            return installed;
        }
    }
    if (!instances.empty() || !load_files.empty()) {
        if (auto removed = runtime_->remove(instances, load_files, channel.number); !removed) {
            diagnosis_ = removed.error().message;
            return refusal_of(removed.error());
        }
    }
    return {};
}

std::expected<void, StatusWord> Applets::load(const Aid& load_file) {
    auto block = code_->load_file_data_block(load_file);
    auto loaded = block ? runtime_->load(*block) : std::unexpected(block.error());
    if (loaded) return {};
    diagnosis_ = loaded.error().message;
    return refusal_of(loaded.error());
}

std::expected<void, StatusWord> Applets::install(const Installation& plan, const Channel& channel) {
    installing_ = plan.instance;
    auto outcome =
        runtime_->install(plan.load_file, plan.module, plan.instance, plan.parameters, channel.number);
    installing_.reset();
    if (outcome.ok()) return {};
    note(outcome, plan.instance);
    if (diagnosis_.empty())
        diagnosis_ =
            fmt::format("applet {}: install threw ISOException {:04X}", plan.instance.hex(), outcome.sw);
    return refuse(outcome.out_of_memory ? StatusWord::kNoSpace : static_cast<StatusWord>(outcome.sw));
}

// ---- Running ----

void Applets::note(const javacard::Outcome& outcome, const Aid& instance) {
    if (!outcome.ok() && !outcome.why.empty()) diagnosis_ = "applet " + instance.hex() + ": " + outcome.why;
}

bool Applets::is_applet(const Aid& instance) const {
    return runtime_->find(instance) != nullptr;
}

javacard::Outcome Applets::call(Channel& channel, const Aid& instance,
                                const std::function<javacard::Outcome(javacard::AppletId)>& what) {
    platform_->use(&channel);
    auto outcome = what(runtime_->find(instance)->id);
    platform_->use(nullptr);
    note(outcome, instance);
    return outcome;
}

bool Applets::select(const Aid& instance, Channel& channel) {
    auto outcome = call(channel, instance, [&](auto id) { return runtime_->select(id, channel.number); });
    return outcome.ok() && outcome.result;
}

void Applets::deselect(Channel& channel) {
    call(channel, *channel.selected, [&](auto id) { return runtime_->deselect(id, channel.number); });
}

iso7816::ResponseApdu Applets::process(Channel& channel, const CommandApdu& command, bool selecting) {
    auto outcome = call(channel, *channel.selected,
                        [&](auto id) { return runtime_->process(id, channel.number, command, selecting); });
    return {std::move(outcome.response), static_cast<StatusWord>(outcome.sw)};
}

bool Applets::accepts_data(const Aid& instance) const {
    const auto* applet = runtime_->find(instance);
    return applet != nullptr && runtime_->accepts_data(applet->id);
}

iso7816::ResponseApdu Applets::process_data(const Aid& instance, Channel& channel,
                                            const CommandApdu& command) {
    auto plain = command;
    plain.ne = 0;
    auto outcome = call(channel, instance,
                        [&](auto id) { return runtime_->process_data(id, channel.number, plain.encode()); });
    return {std::move(outcome.response), static_cast<StatusWord>(outcome.sw)};
}

void Applets::end_command() {
    runtime_->end_command();
    memory_.forget();
}

// ---- Memory ----

std::optional<Aid> Applets::owner_of(BytesView record) const {
    auto object = javacard::decode_object(record);
    if (!object || runtime_ == nullptr) return std::nullopt;
    const auto* applet = runtime_->find(object->owner.applet);
    if (applet != nullptr) return applet->aid;
    const auto* package = runtime_->packages().find(object->owner.context);
    return package == nullptr ? std::nullopt : package->aid;
}

std::uint64_t Applets::volatile_memory_used_by(const Aid& instance) const {
    const auto* applet = runtime_ == nullptr ? nullptr : runtime_->find(instance);
    if (applet == nullptr) return 0;
    std::uint64_t used = 0;
    runtime_->heap().for_each([&](javacard::Ref, const javacard::Object& object) {
        bool transient = object.persistence == Persistence::kClearOnReset ||
                         object.persistence == Persistence::kClearOnDeselect;
        if (transient && object.owner.applet == applet->id) used += object.data.size();
    });
    return used;
}

std::size_t Applets::Memory::available(javacard::Owner owner, Persistence persistence,
                                       std::size_t used) const {
    bool persistent = persistence == Persistence::kPersistent;
    // What has no applet yet, or none at all, is within the card's memory alone.
    const auto* applet = applets_.runtime_->find(owner.applet);
    std::optional<Aid> instance;
    if (applet != nullptr) instance = applet->aid;
    if (owner.applet != javacard::kNoApplet && applet == nullptr) instance = applets_.installing_;
    auto [limit, is_new] = limits_.try_emplace({instance, persistent});
    if (is_new) {
        const auto& environment = *applets_.environment_;
        limit->second = used + (persistent ? nonvolatile_memory_left_for(environment, instance)
                                           : volatile_memory_left_for(environment, instance));
    }
    return limit->second > used ? limit->second - used : 0;
}

}  // namespace oti::card
