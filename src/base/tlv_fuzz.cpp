// SPDX-License-Identifier: Apache-2.0
#include "base/tlv.h"

// Whatever is read can be written again, and reads the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto objects = oti::read_all_tlv({data, size}, "fuzz");
    if (!objects) return 0;
    oti::Bytes again;
    for (const auto& object : *objects) oti::append(again, oti::encode_tlv(object.tag, object.value));
    auto second = oti::read_all_tlv(again, "fuzz");
    if (!second || second->size() != objects->size()) __builtin_trap();
    return 0;
}
