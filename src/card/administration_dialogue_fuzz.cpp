// SPDX-License-Identifier: Apache-2.0
#include "card/administration_dialogue.h"

#include "base/hex.h"

namespace {

using namespace oti;

crypto::SecretBytes key() {
    return crypto::SecretBytes::take(Bytes(16, 0x11));
}

}  // namespace

// What a server says that has the key, or (first byte odd) somebody who has not. Whatever it is, the dialogue
// ends up in a state that it knows, and what it says is HTTP.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using card::AdministrationDialogue;
    using State = AdministrationDialogue::State;
    if (size == 0) return 0;
    BytesView input(data + 1, size - 1);
    auto dialogue = AdministrationDialogue::begin({"card", key()}, {"host", "agent", "/uri", false});
    if (!dialogue) __builtin_trap();
    if ((data[0] & 1) != 0) {
        (void)dialogue->receive(input);
        return 0;
    }
    auto server = crypto::PskTls::server([](std::string_view) { return key(); }, {});
    net::HttpRequestReader requests;
    auto exchange = [&] {
        for (int n = 0; n < 8; ++n) {
            auto plain = server.receive(dialogue->take_outgoing());
            auto request = plain ? requests.take(*plain) : std::unexpected(plain.error());
            if (!request) __builtin_trap();
            auto octets = server.take_outgoing();
            if (octets.empty()) return;
            if (dialogue->receive(octets) == State::kHasScript)
                (void)dialogue->reply(card::ScriptStatus::kOk, from_hex("AB06800101900101"));
        }
    };
    exchange();
    if (!server.is_open()) __builtin_trap();
    std::size_t half = input.size() * (data[0] >> 1) / 128;
    for (auto part : {input.first(half), input.subspan(half)}) {
        if (!server.send(part)) return 0;
        exchange();
    }
    return 0;
}
