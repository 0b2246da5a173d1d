// SPDX-License-Identifier: Apache-2.0
// A stream of commands for an applet of ours, or two, on several channels. Whatever it does, an applet that
// none of them is for answers as before, and the image opens again and tells the same.
//
//     input    card (1) { step (1) | command }…     card: b8 the image is opened again; the others which
//     applets step     b8 to b5 the applet, b4 and b3 the channel, b2 and b1 what is done command  CLA INS P1
//     P2 Lc data
#include "base/byte_reader.h"
#include "card/applet_card.h"

namespace {

using namespace oti;
using card::testing::AppletCard;

struct Package {
    const char* cap;
    const char* package;
    const char* module = nullptr;  ///< none of a library
};
constexpr Package kSupport{"tests/support.cap", "F04F54491F"}, kShelf{"tests/shelf.cap", "F04F54492A"},
    kBystander{"tests/memory.cap", "F04F544923", "F04F54492301"},
    kServer{"tests/server.cap", "F04F544927", "F04F54492701"};
/// What is on a card beside its bystander. The fewer, the faster an image opens.
const std::vector<std::vector<Package>> kCards{
    {{"transit-1.1.cap", "F04F544902", "F04F54490201"}},
    {{"tests/atomic.cap", "F04F544924", "F04F54492401"}},
    {{"tests/objects.cap", "F04F544922", "F04F54492201"}},
    {{"tests/exchange.cap", "F04F544925", "F04F54492501"}},
    {{"tests/system.cap", "F04F544926", "F04F54492601"}},
    {{"tests/crypto.cap", "F04F544929", "F04F54492901"}},
    {kShelf, kServer, {"tests/client.cap", "F04F544928", "F04F54492801"}},
    {{"tests/multi.cap", "F04F544912", "F04F54491201"}, {"tests/secured.cap", "F04F544913", "F04F54491301"}},
};

void demand(bool condition) {
    if (!condition) __builtin_trap();
}

struct Card {
    Bytes image;
    std::vector<std::string_view> applets;
};

Card make(const std::vector<Package>& packages) {
    card::testing::CountingRandom random;
    auto medium = std::make_shared<card::MemoryMedium>();
    AppletCard card(random, medium);
    Card made;
    auto add = [&](const Package& package) {
        demand(card.load(package.package, card::testing::block_of(package.cap)));
        demand(package.module == nullptr || card.install(package.package, package.module));
    };
    add(kSupport);
    add(kBystander);
    for (const auto& package : packages) {
        add(package);
        if (package.module != nullptr) made.applets.emplace_back(package.module);
    }
    made.image = medium->content;
    return made;
}

Bytes send(card::SecureElement& se, Bytes command) {
    card::Exchange exchange;
    auto response = se.process(command, exchange);
    demand(response.size() >= 2 && response.size() <= 258);
    demand(se.bytes_used() <= se.profile().capacity);
    return response;
}

Bytes select(card::SecureElement& se, std::string_view applet, std::uint8_t channel) {
    iso7816::CommandApdu command{
        iso7816::with_channel(0x00, channel), 0xA4, 0x04, 0x00, from_hex(applet), 256};
    return send(se, command.encode());
}

/// What the bystander tells of all its arrays, after the power was off, and what everything takes of the
/// memory.
Bytes testimony(card::SecureElement& se) {
    se.reset();
    demand(to_hex(select(se, kBystander.module, 0)) == "9000");
    return send(se, from_hex("8010000000"));
}
std::vector<std::uint64_t> sizes(const card::SecureElement& se) {
    std::vector<std::uint64_t> all{se.bytes_used()};
    for (const auto& entry : se.registry().applications()) all.push_back(se.bytes_used_by(entry.aid));
    for (const auto& entry : se.registry().load_files()) all.push_back(se.bytes_used_by(entry.aid));
    return all;
}

/// False at the end of the input.
bool step(card::SecureElement& se, std::span<const std::string_view> applets, ByteReader& input) {
    enum Kind : std::uint8_t { kSelect, kChannel, kCommand, kPlain };
    auto what = input.u8();
    if (!what) return false;
    auto channel = static_cast<std::uint8_t>(*what >> 2 & 3);
    switch (*what & 3) {
        case kSelect:
            select(se, applets[(*what >> 4) % applets.size()], channel);
            return true;
        case kChannel:
            if (*what >> 4 == 0) {
                se.reset();
            } else {
                Bytes manage{0x00, 0x70, 0x00, 0x00, 0x01};
                if (*what >> 4 < 8) manage = {0x00, 0x70, 0x80, channel};
                send(se, manage);
            }
            return true;
        default:
            break;
    }
    auto header = input.take(4);
    if (!header) return false;
    auto data = input.take_lv();
    auto cla = (*what & 3) == kCommand ? std::uint8_t{0x80} : (*header)[0];
    iso7816::CommandApdu command{
        iso7816::with_channel(cla, channel), (*header)[1], (*header)[2], (*header)[3],
        data ? to_bytes(*data) : Bytes{},    256};
    send(se, command.encode());
    return data.has_value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static std::vector<std::optional<Card>> cards(kCards.size());
    ByteReader input({data, size}, "input");
    auto number = input.u8();
    if (!number) return 0;
    auto index = (*number & 0x7FU) % kCards.size();
    if (!cards[index]) cards[index] = make(kCards[index]);
    const auto& start = *cards[index];
    card::testing::CountingRandom random;
    auto medium = std::make_shared<card::MemoryMedium>(card::MemoryMedium{.content = start.image});
    auto se = card::testing::reopen(random, medium);
    static const auto kSaid = testimony(se);
    static const auto kSize = se.bytes_used_by(card::Aid::constant(kBystander.module));

    for (int n = 0; n < 40 && step(se, start.applets, input); ++n) {
    }
    demand(testimony(se) == kSaid);
    demand(se.bytes_used_by(card::Aid::constant(kBystander.module)) == kSize);
    if ((*number & 0x80) == 0) return 0;
    auto before = sizes(se);
    auto again = card::testing::reopen(random, medium);
    demand(sizes(again) == before);
    demand(testimony(again) == kSaid);
    return 0;
}
