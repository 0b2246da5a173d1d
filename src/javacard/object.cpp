// SPDX-License-Identifier: Apache-2.0
#include "javacard/object.h"

#include "base/byte_reader.h"
#include "base/byte_writer.h"

namespace oti::javacard {
namespace {

constexpr std::uint8_t kEntryPoint = 0x01, kTemporary = 0x02, kGlobal = 0x04;
/// No array has more than 32,767 elements, no instance or static field image that many cells.
constexpr std::size_t kMaxBytes = 4 * 32767;

}  // namespace

Bytes encode(const Object& object) {
    ByteWriter record;
    auto flags = (object.entry_point ? kEntryPoint : 0) | (object.temporary ? kTemporary : 0) |
                 (object.global ? kGlobal : 0);
    record.u8(static_cast<unsigned>(object.kind))
        .u8(static_cast<unsigned>(object.persistence))
        .u8(static_cast<unsigned>(flags))
        .u8(object.owner.context)
        .u8(object.owner.applet)
        .u8(object.type.package)
        .u8(object.type.index)
        .u32(static_cast<std::uint32_t>(object.data.size()));
    if (object.persistence == Persistence::kPersistent) record.put(object.data);
    return record.take();
}

Result<Object> decode_object(BytesView record) {
    auto damaged = [] { return fail(ErrorKind::kIo, "heap.damaged", "an object's record is damaged"); };
    ByteReader reader(record, "object");
    Object object;
    OTI_TRY(auto kind, reader.u8());
    OTI_TRY(auto persistence, reader.u8());
    OTI_TRY(auto flags, reader.u8());
    OTI_TRY(object.owner.context, reader.u8());
    OTI_TRY(object.owner.applet, reader.u8());
    OTI_TRY(object.type.package, reader.u8());
    OTI_TRY(object.type.index, reader.u8());
    OTI_TRY(auto size, reader.u32());
    if (kind == 0 || kind > static_cast<unsigned>(ObjectKind::kStatics)) return damaged();
    if (persistence > static_cast<unsigned>(Persistence::kClearOnDeselect) || size > kMaxBytes) {
        return damaged();
    }
    object.kind = static_cast<ObjectKind>(kind);
    object.persistence = static_cast<Persistence>(persistence);
    object.entry_point = (flags & kEntryPoint) != 0;
    object.temporary = (flags & kTemporary) != 0;
    object.global = (flags & kGlobal) != 0;
    if (size % element_size(object.kind) != 0) return damaged();
    if (object.persistence == Persistence::kPersistent) {
        OTI_TRY(auto content, reader.take(size));
        object.data = to_bytes(content);
    } else {
        object.data.resize(size);
    }
    OTI_CHECK(reader.expect_end());
    return object;
}

}  // namespace oti::javacard
