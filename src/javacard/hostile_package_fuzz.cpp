// SPDX-License-Identifier: Apache-2.0
// One of our packages, changed by somebody who wishes us ill: loaded, installed and given commands. Whatever
// it does, another applet on the card answers as before and its objects are as they were, and the card starts
// again.
//
//     input    package (1; b8: the card starts again) edits (1) { component (1) place (2) kind (1) value (2)
//     }…  { step (1) | command }… command  INS P1 P2 Lc data
#include "base/byte_reader.h"
#include "javacard/test_card.h"

namespace {

using namespace oti;
using namespace oti::javacard;

constexpr auto kFolder = OTI_SOURCE_DIR "/applets/";
constexpr std::array kPackages{"tests/arithmetic", "tests/atomic",  "tests/client",  "tests/exchange",
                               "tests/integers",   "tests/objects", "tests/secured", "tests/system",
                               "tests/user",       "tests/multi",   "transit-1.0",   "hello"};
const auto kBystander = iso7816::Aid::constant("F04F54492301");

std::string file_of(std::string_view name) {
    return kFolder + std::string(name) + ".cap";
}

void demand(bool condition) {
    if (!condition) __builtin_trap();
}

std::vector<Bytes> load_file_data_blocks() {
    std::vector<Bytes> blocks;
    for (const auto* name : kPackages) {
        blocks.push_back(cap::CapFile::read(file_of(name)).value().load_file_data_block());
    }
    return blocks;
}

/// With what the others import, and the applet that is to notice nothing.
TestCard make_card() {
    TestCard card({.stack_words = 512, .call_depth = 32, .budget = 30'000});
    card.memory.limit = 60'000;
    for (const auto* name :
         {"tests/support", "tests/shelf", "tests/library", "tests/memory", "tests/server"}) {
        demand(card.load(file_of(name)).has_value());
    }
    demand(card.install(kBystander, kBystander, {}).has_value());
    auto server = iso7816::Aid::constant("F04F54492701");
    demand(card.install(server, server, {}).has_value());
    return card;
}

Bytes select(TestCard& card, const iso7816::Aid& applet) {
    return card.exchange(
        iso7816::CommandApdu{0x00, 0xA4, 0x04, 0x00, to_bytes(applet.bytes()), 256}.encode());
}

/// What the bystander tells of all its arrays.
Bytes testimony(TestCard& card) {
    demand(to_hex(select(card, kBystander)) == "9000");
    return card.exchange(from_hex("8010000000"));
}

std::map<Ref, Bytes> objects_of_bystander(const TestCard& card) {
    auto package = card.runtime->find(kBystander)->package;
    std::map<Ref, Bytes> objects;
    for (const auto& [ref, record] : card.objects.map) {
        if (ref == kNull) continue;
        if (decode_object(record).value().owner.context == package) objects[ref] = record;
    }
    return objects;
}

/// Where a component's contents begin and end; none behind the last.
std::optional<std::pair<std::size_t, std::size_t>> component(BytesView block, std::size_t number) {
    std::size_t at = 0;
    for (std::size_t i = 0; at + 3 <= block.size(); ++i) {
        std::size_t size = static_cast<std::size_t>(block[at + 1] << 8 | block[at + 2]);
        if (i == number) return std::pair{at + 3, std::min(at + 3 + size, block.size())};
        at += 3 + size;
    }
    return std::nullopt;
}

/// False at the end of the input.
bool edit(Bytes& block, ByteReader& input) {
    enum Kind : std::uint8_t { kByte, kShort, kAdd, kCopy, kInsert, kRemove };
    auto number = input.u8();
    auto place = input.u16();
    auto kind = input.u8();
    auto value = input.u16();
    if (!value) return false;
    auto range = component(block, *number % 10U);
    if (!range || range->first + 2 > range->second) return true;
    auto [begin, end] = *range;
    auto at = begin + *place % (end - begin - 1);
    auto low = static_cast<std::uint8_t>(*value);
    auto resize = [&](int by) {
        auto size = static_cast<std::size_t>(static_cast<int>(end - begin) + by);
        block[begin - 2] = static_cast<std::uint8_t>(size >> 8);
        block[begin - 1] = static_cast<std::uint8_t>(size);
    };
    auto iterator = block.begin() + static_cast<std::ptrdiff_t>(at);
    switch (*kind % 6) {
        case kByte:
            block[at] = low;
            break;
        case kShort:
            block[at] = static_cast<std::uint8_t>(*value >> 8);
            block[at + 1] = low;
            break;
        case kAdd:
            block[at] = static_cast<std::uint8_t>(block[at] + low);
            break;
        case kCopy: {
            auto from = begin + *value % (end - begin - 1);
            block[at] = block[from];
            block[at + 1] = block[from + 1];
            break;
        }
        case kInsert:
            resize(1);
            block.insert(iterator, low);
            break;
        default:
            resize(-1);
            block.erase(iterator);
    }
    return true;
}

/// False at the end of the input.
bool step(TestCard& card, std::span<const iso7816::Aid> applets, ByteReader& input) {
    enum Kind : std::uint8_t { kSelect = 12, kReset, kDelete, kOpen };
    auto kind = input.u8();
    if (!kind) return false;
    const auto& applet = applets[*kind / 16 % applets.size()];
    switch (*kind % 16) {
        case kSelect:
            select(card, applet);
            return true;
        case kReset:
            card.reset();
            return true;
        case kDelete:
            (void)card.remove({&applet, 1}, {});
            return true;
        case kOpen:
            (void)card.exchange(from_hex("0070000001"));
            return true;
        default:
            break;
    }
    auto header = input.take(3);
    if (!header) return false;
    auto data = input.take_lv();
    iso7816::CommandApdu command{0x80, (*header)[0], (*header)[1], (*header)[2], {}, 256};
    if (data) command.data = to_bytes(*data);
    (void)card.exchange(command.encode());
    return data.has_value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto blocks = load_file_data_blocks();
    static const auto clean = make_card();
    static const auto objects = objects_of_bystander(clean);
    static const auto said = [] {
        auto card = clean;
        return testimony(card);
    }();

    ByteReader input(BytesView(data, size), "input");
    auto number = input.u8();
    auto edits = input.u8();
    if (!edits) return 0;
    auto block = blocks[(*number & 0x7FU) % blocks.size()];
    for (int i = 0; i < *edits % 8 && edit(block, input); ++i) {
    }

    auto card = clean;
    auto before = card.runtime->applets().size();
    if (card.load(block)) {
        std::vector<iso7816::Aid> modules;
        for (const auto& module : card.runtime->packages().find(card.last_loaded())->modules)
            modules.push_back(*module.aid);
        for (const auto& module : modules) (void)card.install(module, module, from_hex("0102030405"));
        if (!modules.empty()) {
            select(card, modules[0]);
            for (int i = 0; i < 20 && step(card, modules, input); ++i) {
            }
        }
    } else {
        demand(card.runtime->applets().size() == before);
    }
    if ((*number & 0x80) != 0) card.reset();
    demand(testimony(card) == said);
    demand(objects_of_bystander(card) == objects);
    return 0;
}
