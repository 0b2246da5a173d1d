// SPDX-License-Identifier: Apache-2.0
// Anything as a stream of PDUs: whatever is read is written again as it was.
#include "ota/smpp_pdu.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace oti;
    using namespace oti::ota;
    SmppStream stream;
    stream.add(BytesView(data, size));
    while (true) {
        auto bytes = stream.next();
        if (!bytes || !*bytes) return 0;
        auto pdu = SmppPdu::parse(**bytes);
        if (!pdu) continue;
        if (const auto* message = std::get_if<SmppMessage>(&pdu->body)) (void)SmppReceipt::of(*message);
        auto again = pdu->encode();
        if (!again) __builtin_trap();
        auto read = SmppPdu::parse(*again);
        if (!read || *read != *pdu) __builtin_trap();
    }
}
