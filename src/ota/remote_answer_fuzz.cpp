// SPDX-License-Identifier: Apache-2.0
// Additional response data, from a card that writes whatever it likes.
#include "ota/remote_management.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace oti::ota;
    for (auto format : {ScriptFormat::kCompact, ScriptFormat::kExpanded}) {
        auto answer = read_answer(format, {data, size});
        if (!answer) continue;
        // Two bytes at least for each response, and none that the card did not send.
        if (answer->all.size() > size / 2 || answer->last.data.size() > size) __builtin_trap();
    }
    return 0;
}
