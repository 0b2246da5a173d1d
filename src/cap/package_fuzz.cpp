// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "cap/package.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto package = oti::cap::Package::parse_load_file_data_block({data, size});
    if (!package) return 0;
    auto again = oti::cap::Package::parse_load_file_data_block(package->load_file_data_block(true));
    if (!again || again->aid() != package->aid()) std::abort();
    return 0;
}
