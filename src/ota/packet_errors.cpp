// SPDX-License-Identifier: Apache-2.0
#include "ota/packet_errors.h"

#include <fmt/format.h>

namespace oti::ota {

Error packet_refusal(scp::ResponseStatus status) {
    using scp::ResponseStatus;
    switch (status) {
        case ResponseStatus::kCounterLow:
            return {ErrorKind::kCard, "ota.counter_low", "the card has seen this counter, or a higher one",
                    "continue with a higher counter"};
        case ResponseStatus::kCounterHigh:
            return {ErrorKind::kCard, "ota.counter_high",
                    "the card expects exactly the counter after its last",
                    "use the next counter, or an SPI that allows gaps (b5b4 = 10)"};
        case ResponseStatus::kCounterBlocked:
            return {ErrorKind::kCard, "ota.counter_blocked",
                    "the counter of this key version has run out on the card",
                    "use another key version, and replace these keys"};
        case ResponseStatus::kIntegrityFailed:
        case ResponseStatus::kCipheringError:
            return {ErrorKind::kAuthentication, "ota.refused", "the card could not verify the packet",
                    "look at KIc and KID, and at the key version"};
        case ResponseStatus::kSecurityError:
            return {ErrorKind::kAuthentication, "ota.refused",
                    "the card does not have these keys, or not for this SPI and algorithm"};
        case ResponseStatus::kUnknownTar:
            return {ErrorKind::kCard, "ota.refused", "nobody on the card has this TAR"};
        case ResponseStatus::kLowSecurityLevel:
            return {ErrorKind::kPolicy, "ota.refused", "the receiver on the card wants a more secure SPI"};
        default:
            return {
                ErrorKind::kCard, "ota.refused",
                fmt::format("the card refused the packet (status {:02X})", static_cast<unsigned>(status))};
    }
}

bool is_no_answer_to_it(const Error& error) {
    return error.code.starts_with("ota.por");
}

std::unexpected<Error> packet_unanswered(std::uint64_t counter, unsigned sent) {
    return fail(
        ErrorKind::kIo, "ota.no_answer",
        fmt::format("no proof of receipt came for the packet with counter {}, sent {} times", counter, sent),
        "look whether the card is reachable, and at its registry before sending again: it may have done it");
}

}  // namespace oti::ota
