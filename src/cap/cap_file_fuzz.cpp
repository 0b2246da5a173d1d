// SPDX-License-Identifier: Apache-2.0
#include "cap/cap_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    (void)oti::cap::CapFile::parse({data, size});
    return 0;
}
