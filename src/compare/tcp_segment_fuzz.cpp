// SPDX-License-Identifier: Apache-2.0
#include "compare/tcp_segment.h"

// Whatever is taken for a segment can be reset, by a segment between the same two.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto segment = oti::compare::TcpSegment::parse({data, size});
    if (!segment) return 0;
    auto reset = oti::compare::TcpSegment::parse(oti::compare::reset_for(*segment));
    if (!reset || !reset->reset || reset->source != segment->destination ||
        reset->source_port != segment->destination_port || reset->length != 0) {
        __builtin_trap();
    }
    return 0;
}
