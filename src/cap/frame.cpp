// SPDX-License-Identifier: Apache-2.0
#include "cap/frame.h"

#include <fmt/format.h>

namespace oti::cap {
namespace {

constexpr auto kStaticResources = static_cast<std::uint8_t>(ComponentTag::StaticResources);

std::string name_of(std::uint8_t tag) {
    return tag <= kLastComponentTag ? std::string(name(ComponentTag{tag}))
                                    : fmt::format("custom ({:02X})", tag);
}

std::unexpected<Error> broken(std::string message) {
    return fail(ErrorKind::kUsage, "cap.damaged", std::move(message), "build or download the CAP file again");
}

Result<std::size_t> read_size(ByteReader& reader, bool wide) {
    if (wide) return reader.u32();
    return reader.u16();
}

}  // namespace

Result<Frame> read_frame(ByteReader& reader, bool static_resources) {
    auto begin = reader.offset();
    auto tag = reader.u8();
    if (!tag || *tag == 0)
        return broken(fmt::format("no component begins at offset {} of the load file", begin));
    auto size = read_size(reader, static_resources && *tag == kStaticResources);
    if (!size)
        return broken(fmt::format("the {} component is damaged: it ends within its size", name_of(*tag)));
    auto offset = reader.offset();
    auto left = reader.remaining();
    auto info = reader.take(*size);
    if (!info) {
        return broken(
            fmt::format("the {} component is damaged at offset {}: it ends there, and should have {} bytes",
                        name_of(*tag), left, *size));
    }
    return Frame{*tag, offset, *info};
}

void write_frame(ByteWriter& writer, ComponentTag tag, BytesView info) {
    writer.u8(static_cast<std::uint8_t>(tag));
    if (tag == ComponentTag::StaticResources) {
        writer.u32(static_cast<std::uint32_t>(info.size()));
    } else {
        writer.u16(static_cast<unsigned>(info.size()));
    }
    writer.put(info);
}

}  // namespace oti::cap
