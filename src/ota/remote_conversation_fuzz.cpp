// SPDX-License-Identifier: Apache-2.0
// What a card answers in a whole conversation: messages with a length byte before each, an empty one for
// none.
#include "base/byte_reader.h"
#include "ota/remote_conversation.h"

namespace {

using namespace oti;
using namespace oti::ota;

void check(bool holds) {
    if (!holds) __builtin_trap();
}

RemoteConversation conversation(ScriptFormat format, std::uint8_t spi2) {
    scp::Scp80Keys keys{scp::Scp80Algorithm::kAes, crypto::SecretBytes(16), crypto::SecretBytes(16), 8};
    auto host = scp::Scp80Host::create(keys, 1, scp::Spi::parse(0x16, spi2).value(), {}).value();
    std::vector<RemoteCommand> commands(5, {{0x80, 0xE2, 0x80, 0x00, Bytes(20), 0}, false});
    commands.push_back({{0x80, 0xF2, 0x40, 0x00, {0x4F, 0x00}, 256}, true});
    return RemoteConversation::create(std::move(host), format, commands, 1, 90).value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    auto format = (data[0] & 1) != 0 ? ScriptFormat::kExpanded : ScriptFormat::kCompact;
    // Answers that anybody can make, and such as only the card can.
    bool secured = (data[0] & 2) != 0;
    auto work = conversation(format, secured ? 0x19 : 0x01);
    ByteReader messages(BytesView(data, size).subspan(1), "messages");
    while (auto message = messages.take_lv()) {
        auto counter = work.counter();
        auto done = work.done();
        auto packet = work.next();
        if (!packet || !*packet) break;
        check(work.awaits_answer());
        auto taken = message->empty() ? work.no_answer() : work.answer(*message);
        check(work.counter() == counter || work.counter() == counter + 1);
        check(work.done() >= done && work.done() <= work.total());
        check(!secured || work.done() == 0);
        for (const auto& reported : work.responses()) check(reported.command < work.total());
        // After an error, unless the answer was not believed, there is nothing more to be sent.
        if (!taken && !work.awaits_answer()) check(!work.next().value());
    }
    return 0;
}
