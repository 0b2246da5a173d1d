// SPDX-License-Identifier: Apache-2.0
#include "cap/package.h"

// Whatever is accepted can be put together again from its components, and reads the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace oti;
    auto package = cap::Package::parse_load_file_data_block({data, size});
    if (!package) return 0;
    Bytes again;
    for (auto tag : cap::kLoadOrder) {
        auto info = package->component(tag);
        if (!info) continue;
        again.push_back(static_cast<std::uint8_t>(tag));
        bool wide = tag == cap::ComponentTag::StaticResources;
        for (int shift = wide ? 24 : 8; shift >= 0; shift -= 8) {
            again.push_back(static_cast<std::uint8_t>(info->size() >> shift));
        }
        append(again, *info);
    }
    auto second = cap::Package::parse_load_file_data_block(again);
    if (!second || second->aid() != package->aid() || second->applets() != package->applets())
        __builtin_trap();
    return 0;
}
