// SPDX-License-Identifier: Apache-2.0
// Of use inside this module only.
#pragma once

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/result.h"
#include "cap/component.h"

namespace oti::cap {

/// One component as it is stored and loaded: tag, size, info (6.2). The size has two octets; that of
/// StaticResources has four, since format 2.3.
struct Frame {
    std::uint8_t tag = 0;
    std::size_t offset = 0;  ///< of the info item, in what was read
    BytesView info;
};

/// `static_resources`: whether the format knows that component. Error `cap.damaged`.
Result<Frame> read_frame(ByteReader& reader, bool static_resources);

void write_frame(ByteWriter& writer, ComponentTag tag, BytesView info);

}  // namespace oti::cap
