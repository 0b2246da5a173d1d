// SPDX-License-Identifier: Apache-2.0
#include "iso7816/apdu.h"

// What parses is written in a form that parses to the same command.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using oti::iso7816::CommandApdu;
    auto apdu = CommandApdu::parse({data, size});
    if (apdu && CommandApdu::parse(apdu->encode()) != *apdu) __builtin_trap();
    return 0;
}
