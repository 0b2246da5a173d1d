// SPDX-License-Identifier: Apache-2.0
#include "base/byte_reader.h"
#include "scp/scp02_card.h"

// A byte `i`, then commands with a length byte before each. Nobody who does not know the keys gets
// a session.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace oti;
    ByteReader reader({data, size}, "fuzz");
    auto i = reader.u8();
    if (!i) return 0;
    auto key = [](std::uint8_t byte) { return crypto::SecretBytes::take(Bytes(16, byte)); };
    scp::KeySet keys{key(0x40), key(0x52), key(0x64)};
    auto card = scp::Scp02Card::initialize(*i, keys, 1, Bytes(8), Bytes(6));
    if (!card) return 0;
    while (!reader.empty()) {
        auto bytes = reader.take_lv();
        if (!bytes) return 0;
        auto command = iso7816::CommandApdu::parse(*bytes);
        if (!command) continue;
        if (command->ins == 0x82) {
            if (card->external_authenticate(*command) == iso7816::StatusWord::kOk) __builtin_trap();
        } else if (auto plain = card->unwrap(*command)) {
            if (plain->data.size() > command->data.size()) __builtin_trap();
            static_cast<void>(card->wrap({plain->data}));
        }
        if (card->is_open() || (card->is_aborted() && card->unwrap(*command))) __builtin_trap();
    }
    return 0;
}
