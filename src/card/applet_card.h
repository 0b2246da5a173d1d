// SPDX-License-Identifier: Apache-2.0
// For tests only: a card with packages of ours, and instances of their modules.
#pragma once

#include <algorithm>

#include "base/byte_writer.h"
#include "cap/cap_file.h"
#include "cap/load_file.h"
#include "card/testing.h"

namespace oti::card::testing {

inline Bytes block_of(const std::string& cap) {
    return must(cap::CapFile::read(OTI_SOURCE_DIR "/applets/" + cap)).load_file_data_block();
}

/// With its issuer's domain open, which has what is loaded.
class AppletCard {
  public:
    explicit AppletCard(crypto::Random& random,
                        const std::shared_ptr<MemoryMedium>& medium = std::make_shared<MemoryMedium>())
        : element(make_se(random, "uicc-2024", medium)), terminal(element) {
        terminal.open(kIssuerDomainAid, keys_of(kTestKey));
    }

    bool load(std::string_view package, BytesView block) {
        ByteWriter announced;
        announced.lv(from_hex(package)).u8(0).u8(0).u8(0).u8(0);
        if (!send({0x80, 0xE6, 0x02, 0x00, announced.take(), 256})) return false;
        constexpr std::size_t kBlock = 239;
        auto file = cap::load_file(block);
        std::uint8_t number = 0;
        for (BytesView rest = file; !rest.empty(); ++number) {
            auto size = std::min(rest.size(), kBlock);
            std::uint8_t p1 = size == rest.size() ? 0x80 : 0x00;
            if (!send({0x80, 0xE8, p1, number, to_bytes(rest.first(size)), 256})) return false;
            rest = rest.subspan(size);
        }
        return true;
    }
    /// An instance under the module's AID.
    bool install(std::string_view package, std::string_view module) {
        ByteWriter data;
        data.lv(from_hex(package)).lv(from_hex(module)).lv(from_hex(module));
        data.put(from_hex("0100 02C900 00"));
        return send({0x80, 0xE6, 0x0C, 0x00, data.take(), 256});
    }

    SecureElement element;
    Terminal terminal;

  private:
    bool send(const CommandApdu& command) { return terminal.send(command).sw == StatusWord::kOk; }
};

}  // namespace oti::card::testing
