// SPDX-License-Identifier: Apache-2.0
// For tests only: as much of a card around the runtime environment as applets need to be selected and given
// commands: four logical channels, SELECT by whole AIDs, MANAGE CHANNEL (JCRE specification 3.0.5, chapter
// 4).
#pragma once

#include <map>
#include <optional>

#include "base/hex.h"
#include "cap/cap_file.h"
#include "javacard/fake_platform.h"
#include "javacard/runtime.h"
#include "javacard/test_program.h"

namespace oti::javacard {

class TestCard : public CodeStore {
  public:
    explicit TestCard(const Limits& limits = {}) : limits_(limits) { start(); }
    /// Another card that holds the same, switched on.
    TestCard(const TestCard& other)
        : memory(other.memory), objects(other.objects), limits_(other.limits_), blocks_(other.blocks_) {
        start();
    }
    TestCard& operator=(const TestCard&) = delete;

    Result<Bytes> load_file_data_block(const iso7816::Aid& package) const override {
        return blocks_.at(package);
    }

    Status load(const std::string& cap) {
        auto file = cap::CapFile::read(cap);
        if (!file) throw std::invalid_argument(file.error().message);
        return load(file->load_file_data_block());
    }
    Status load(const Bytes& block) {
        leave();
        auto loaded = runtime->load(block);
        if (loaded) {
            last_loaded_ = *loaded;
            blocks_[*runtime->packages().find(*loaded)->aid] = block;
        }
        runtime->end_command();
        if (!loaded) return std::unexpected(loaded.error());
        return {};
    }
    PackageId last_loaded() const { return last_loaded_; }
    Status install(const iso7816::Aid& module, const iso7816::Aid& instance, BytesView data) {
        leave();
        // JCRE 3.1: the instance's AID, no control information, the applet's data.
        auto parameters =
            ByteWriter().lv(instance.bytes()).u8(0).u8(static_cast<unsigned>(data.size())).put(data).take();
        Outcome how{.sw = 0x6A88, .why = "no such module"};
        for (const auto& [package, block] : blocks_) {
            if (!module.starts_with(package.bytes())) continue;
            how = runtime->install(package, module, instance, parameters);
        }
        runtime->end_command();
        if (how.ok()) return {};
        return fail(ErrorKind::kCard, "card.refused", to_hex(status(how.sw)) + ": " + how.why);
    }
    Status remove(std::span<const iso7816::Aid> instances, std::span<const iso7816::Aid> packages) {
        leave();
        auto removed = runtime->remove(instances, packages);
        runtime->end_command();
        return removed;
    }
    /// The power goes and comes back.
    void reset() {
        selected_ = {{0, std::nullopt}};
        start();
    }

    Bytes exchange(BytesView bytes) {
        auto command = iso7816::CommandApdu::parse(bytes);
        if (!command) throw std::invalid_argument("no command: " + to_hex(bytes));
        auto response = respond(*command);
        runtime->end_command();
        return response;
    }

    AmpleMemory memory;
    FakePlatform platform;
    MapStore objects;
    std::unique_ptr<Runtime> runtime;

  private:
    void start() {
        auto started = Runtime::start(
            {.objects = objects, .code = *this, .memory = memory, .platform = platform, .limits = limits_});
        if (!started) throw std::invalid_argument(started.error().message);
        runtime = std::move(*started);
    }

    static Bytes status(unsigned sw) { return ByteWriter().u16(sw).take(); }

    Bytes respond(const iso7816::CommandApdu& command) {
        auto channel = iso7816::channel_of(command.cla);
        bool interindustry = (command.cla & 0x80) == 0;
        if (interindustry && command.ins == 0x70) return manage_channel(command);
        if (interindustry && command.ins == 0xA4 && command.p1 == 4) {
            auto aid = iso7816::Aid::create(command.data);
            if (const auto* applet = aid ? runtime->find(*aid) : nullptr) {
                return select(channel, applet->id, command);
            }
        }
        auto current = selected_.find(channel);
        if (current == selected_.end()) return status(0x6881);
        if (!current->second) return status(0x6999);
        return process(channel, *current->second, command, false);
    }

    Bytes manage_channel(const iso7816::CommandApdu& command) {
        if (command.p1 == 0x80) {
            // 4.7.1: the basic logical channel stays.
            if (command.p2 == 0) return status(0x6A81);
            deselect(command.p2);
            selected_.erase(command.p2);
            return status(0x9000);
        }
        std::uint8_t opened = 1;
        while (selected_.contains(opened)) ++opened;
        selected_[opened] = std::nullopt;
        return ByteWriter().u8(opened).u16(0x9000).take();
    }

    Bytes select(std::uint8_t channel, AppletId applet, const iso7816::CommandApdu& command) {
        // 4.6.1: of a package, more than one at a time only if both are multiselectable.
        auto package = runtime->find(applet)->package;
        bool is_elsewhere = std::ranges::any_of(selected_, [&](const auto& entry) {
            return entry.first != channel && entry.second && runtime->find(*entry.second)->package == package;
        });
        if (is_elsewhere && !runtime->is_multiselectable(applet)) return status(0x6985);
        // 4.6.2: a channel that is closed is opened by it.
        deselect(channel);
        auto how = runtime->select(applet, channel);
        if (!how.ok() || !how.result) return status(0x6999);
        selected_[channel] = applet;
        return process(channel, applet, command, true);
    }

    void deselect(std::uint8_t channel) {
        auto current = std::exchange(selected_[channel], std::nullopt);
        if (current) (void)runtime->deselect(*current, channel);
    }

    /// What manages applets and packages is an applet of its own, which is selected on channel 0.
    void leave() { deselect(0); }

    Bytes process(std::uint8_t channel, AppletId applet, const iso7816::CommandApdu& command,
                  bool selecting) {
        auto how = runtime->process(applet, channel, command, selecting);
        return ByteWriter().put(how.response).u16(how.sw).take();
    }

    Limits limits_;
    PackageId last_loaded_ = kNoPackage;
    std::map<iso7816::Aid, Bytes> blocks_;
    std::map<std::uint8_t, std::optional<AppletId>> selected_{{0, std::nullopt}};  ///< on open channels
};

}  // namespace oti::javacard
