// SPDX-License-Identifier: Apache-2.0
#include "ota/handset.h"

#include "base/byte_reader.h"

// A card that says anything: each piece, with a length byte before it, is an R-APDU or something that happens
// outside.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace oti;
    ByteReader reader({data, size}, "fuzz");
    ota::Handset handset(ota::SmsAddress::of_number("123").value(), {.channels = true});
    handset.start();
    while (auto piece = reader.take_lv()) {
        if (auto command = handset.next()) {
            if (!iso7816::CommandApdu::parse(*command)) __builtin_trap();
            if (!handset.answer(*piece)) return 0;
        } else {
            auto channel = piece->empty() ? std::uint8_t{1} : piece->front();
            handset.opened(channel, (channel & 8) == 0);
            handset.received(channel, *piece);
            if (piece->size() == 1) handset.lost(channel);
            if (piece->empty()) handset.expired(1);
        }
        (void)handset.take_wishes();
    }
    return 0;
}
