// SPDX-License-Identifier: Apache-2.0
#include "cap/load_file.h"

#include "base/tlv.h"

namespace oti::cap {
namespace {

constexpr Tag kDataBlock = 0xC4;

}  // namespace

Bytes load_file(BytesView data_block) {
    return encode_tlv(kDataBlock, data_block);
}

Result<BytesView> data_block_of(BytesView load_file) {
    ByteReader reader(load_file, "the load file");
    auto object = read_tlv(reader);
    if (!object) return fail(ErrorKind::kUsage, "cap.load_file", object.error().message);
    if (object->tag != kDataBlock) {
        return fail(ErrorKind::kUsage, "cap.load_file", "the load file does not begin with C4");
    }
    if (auto end = reader.expect_end(); !end)
        return fail(ErrorKind::kUsage, "cap.load_file", end.error().message);
    return object->value;
}

}  // namespace oti::cap
