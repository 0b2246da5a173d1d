// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "seram/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    (void)oti::seram::parse_handshake(text);
    (void)oti::seram::parse_handshake_response(text);
    (void)oti::seram::parse_report(text);
    // What was read is written in a form that reads the same.
    if (auto order = oti::seram::parse_order(text)) {
        auto again = oti::seram::parse_order(oti::seram::to_json(*order));
        if (!again || *again != *order) std::abort();
    }
    return 0;
}
