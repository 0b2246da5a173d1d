// SPDX-License-Identifier: Apache-2.0
// For tests only: a card with a registry to be filled, and a secure channel that reverses bytes.
#pragma once

#include <algorithm>
#include <map>

#include "javacard/platform.h"

namespace oti::javacard {

class FakePlatform : public Platform {
  public:
    std::uint8_t card_state() const override { return card; }
    void set_card_state(std::uint8_t state) override { card = state; }
    bool set_historical_bytes(BytesView bytes) override {
        historical = to_bytes(bytes);
        return true;
    }

    std::optional<RegistryEntry> registry_entry(const iso7816::Aid& application) const override {
        auto found = registry.find(application);
        if (found == registry.end()) return std::nullopt;
        return found->second;
    }
    void set_state(const iso7816::Aid& application, std::uint8_t state) override {
        registry.at(application).state = state;
    }
    bool register_service(const iso7816::Aid& server, std::uint16_t name) override {
        return services.emplace(name, server).second;
    }
    bool deregister_service(const iso7816::Aid& server, std::uint16_t name) override {
        auto found = services.find(name);
        if (found == services.end() || found->second != server) return false;
        services.erase(found);
        return true;
    }
    std::optional<iso7816::Aid> find_service(std::uint16_t name,
                                             const std::optional<iso7816::Aid>& server) const override {
        for (std::uint16_t wanted : {name, static_cast<std::uint16_t>(name & 0xFF00)}) {
            auto found = services.find(wanted);
            if (found != services.end() && (!server || found->second == *server)) return found->second;
        }
        return std::nullopt;
    }

    /// Answers with the command's data; 6D00 to any but INITIALIZE UPDATE and EXTERNAL AUTHENTICATE, which
    /// sets the level that P1 names.
    Answer process_security(const iso7816::Aid&, BytesView command) override {
        commands.push_back(to_bytes(command));
        if (command[1] == 0x82) level = static_cast<std::uint8_t>(0x80 | command[2]);
        if (command[1] != 0x50 && command[1] != 0x82) return std::unexpected(std::uint16_t{0x6D00});
        return to_bytes(command.subspan(std::min<std::size_t>(5, command.size())));
    }
    /// The last 8 bytes are a MAC, which is as good as any if its first byte is AA.
    Answer unwrap(const iso7816::Aid&, BytesView command) override {
        if (level == 0) return to_bytes(command);
        auto size = command.size() - std::min<std::size_t>(8, command.size());
        if (size < 5 || command[size] != 0xAA) return std::unexpected(std::uint16_t{0x6982});
        Bytes plain = to_bytes(command.first(size));
        plain[0] = static_cast<std::uint8_t>(plain[0] & ~0x04);
        plain[4] = static_cast<std::uint8_t>(size - 5);
        return plain;
    }
    Answer wrap(const iso7816::Aid&, BytesView response) override {
        auto data = to_bytes(response.first(response.size() - std::min<std::size_t>(2, response.size())));
        if (level != 0) data.resize(data.size() + 8, 0xBB);
        return data;
    }
    Answer decrypt_data(const iso7816::Aid&, BytesView data) override { return reversed(data); }
    Answer encrypt_data(const iso7816::Aid&, BytesView data) override { return reversed(data); }
    void reset_security(const iso7816::Aid&) override { level = 0; }
    std::uint8_t security_level(const iso7816::Aid&) const override { return level; }
    std::uint16_t set_security_level(const iso7816::Aid&, std::uint8_t wanted) override {
        if (level == 0) return 0x6985;
        level = wanted;
        return 0x9000;
    }

    std::uint8_t card = 0x0F;
    Bytes historical;
    std::map<iso7816::Aid, RegistryEntry> registry;
    std::map<std::uint16_t, iso7816::Aid> services;
    std::vector<Bytes> commands;
    std::uint8_t level = 0;

  private:
    Answer reversed(BytesView data) const {
        if (level == 0) return std::unexpected(std::uint16_t{0x6982});
        return Bytes(data.rbegin(), data.rend());
    }
};

}  // namespace oti::javacard
