// SPDX-License-Identifier: Apache-2.0
#include "cap/cap_file.h"

// What a CAP file gives to be loaded is what a card would accept.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace oti::cap;
    auto cap = CapFile::parse({data, size});
    if (!cap) return 0;
    for (bool with_descriptor : {false, true}) {
        auto block = cap->load_file_data_block(with_descriptor);
        auto package = Package::parse_load_file_data_block(block);
        if (!package || package->aid() != cap->package().aid()) __builtin_trap();
    }
    return 0;
}
