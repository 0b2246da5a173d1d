// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "seram/frames.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto frame = oti::seram::parse_frame({data, size});
    if (!frame) return 0;
    // One meaning has one form, so that nothing can hide in another.
    auto again = oti::seram::encode(*frame);
    if (!oti::same(again, {data, size})) std::abort();
    return 0;
}
