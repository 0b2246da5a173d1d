// SPDX-License-Identifier: Apache-2.0
// Anything as a TPDU, and as the user data of a stream of messages.
#include "ota/sms_concatenation.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace oti;
    using namespace oti::ota;
    BytesView input(data, size);
    if (auto deliver = SmsDeliver::parse(input)) {
        auto again = SmsDeliver::parse(deliver->encode());
        if (deliver->originator.type == SmsAddress::kInternational &&
            (!again || again->content != deliver->content))
            __builtin_trap();
    }
    (void)SmsSubmit::parse(input);
    SmsReassembly reassembly;
    ByteReader messages(input, "messages");
    while (auto message = messages.take_lv()) {
        auto whole = reassembly.add("1", *message);
        if (whole && *whole && (*whole)->text.size() > 255 * kMaxUserData) __builtin_trap();
    }
    return 0;
}
