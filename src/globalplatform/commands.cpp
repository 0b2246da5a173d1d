// SPDX-License-Identifier: Apache-2.0
#include "globalplatform/commands.h"

#include <algorithm>

#include "base/tlv.h"

namespace oti::globalplatform {
namespace {

using iso7816::Aid;
using iso7816::CommandApdu;
using iso7816::Ins;

/// A command of the GlobalPlatform class that wants whatever the card has to say.
CommandApdu command(Ins ins, unsigned p1, unsigned p2, Bytes data = {}) {
    return {0x80,
            value(ins),
            static_cast<std::uint8_t>(p1),
            static_cast<std::uint8_t>(p2),
            std::move(data),
            iso7816::kMaxShortNe};
}

}  // namespace

CommandApdu select(const Aid& aid) {
    return {0x00, value(Ins::kSelect), 0x04, 0x00, to_bytes(aid.bytes()), iso7816::kMaxShortNe};
}

std::vector<Bytes> cut_into_blocks(BytesView data, std::size_t block_size) {
    std::vector<Bytes> blocks;
    for (std::size_t at = 0; at < data.size(); at += block_size)
        blocks.push_back(to_bytes(data.subspan(at, std::min(block_size, data.size() - at))));
    return blocks;
}

std::vector<CommandApdu> load(BytesView load_file, std::size_t block_size) {
    std::vector<CommandApdu> commands;
    auto blocks = cut_into_blocks(load_file, block_size);
    for (auto& block : blocks) {
        bool last = commands.size() + 1 == blocks.size();
        commands.push_back(command(Ins::kLoad, last ? 0x80 : 0x00, static_cast<unsigned>(commands.size()),
                                   std::move(block)));
    }
    return commands;
}

CommandApdu delete_object(const Aid& aid, bool related) {
    return command(Ins::kDelete, 0x00, related ? 0x80 : 0x00, encode_tlv(0x4F, aid.bytes()));
}

CommandApdu delete_key(std::optional<scp::KeyVersion> version, std::optional<std::uint8_t> identifier) {
    Bytes data;
    if (identifier) append(data, encode_tlv(0xD0, Bytes{*identifier}));
    if (version) append(data, encode_tlv(0xD2, Bytes{version->value()}));
    return command(Ins::kDelete, 0x00, 0x00, std::move(data));
}

CommandApdu set_status(StatusOf of, std::uint8_t life_cycle, const Aid& aid) {
    auto apdu = command(Ins::kSetStatus, static_cast<unsigned>(of), life_cycle, to_bytes(aid.bytes()));
    apdu.ne = 0;
    return apdu;
}

CommandApdu get_data(Tag tag) {
    return command(Ins::kGetData, tag >> 8 & 0xFF, tag & 0xFF);
}

CommandApdu get_data_applications() {
    return command(Ins::kGetData, 0x2F, 0x00, Bytes{0x5C, 0x00});
}

std::vector<CommandApdu> store_data(const std::vector<Bytes>& blocks, std::uint8_t flags) {
    constexpr unsigned kLastBlock = 0x80, kMayAnswer = 0x01;
    std::vector<CommandApdu> commands;
    for (const auto& block : blocks) {
        bool last = commands.size() + 1 == blocks.size();
        commands.push_back(command(Ins::kStoreData, (flags & ~kLastBlock) | (last ? kLastBlock : 0U),
                                   static_cast<unsigned>(commands.size()), block));
        if ((flags & kMayAnswer) == 0) commands.back().ne = 0;
    }
    return commands;
}

std::size_t max_command_data(BytesView fci) {
    auto inner = [](std::optional<BytesView> value, Tag tag) -> std::optional<BytesView> {
        if (!value) return std::nullopt;
        auto objects = read_all_tlv(*value, "FCI");
        return objects ? find(*objects, tag) : std::nullopt;
    };
    auto length = inner(inner(inner(fci, 0x6F), 0xA5), 0x9F65);
    if (!length || length->empty() || length->size() > 2) return iso7816::kMaxShortData;
    std::size_t value = 0;
    for (auto byte : *length) value = value << 8 | byte;
    // Less than a MAC and a block would be no announcement but an accident.
    return value < 32 ? iso7816::kMaxShortData : value;
}

}  // namespace oti::globalplatform
