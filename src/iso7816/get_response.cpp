// SPDX-License-Identifier: Apache-2.0
#include "iso7816/get_response.h"

namespace oti::iso7816 {
namespace {

constexpr std::uint8_t kMoreHere = 0x61, kWrongLe = 0x6C;

Bytes get_response(std::uint8_t cla, std::uint8_t size) {
    auto channel = channel_of(cla);
    auto plain = channel < 4 ? channel : static_cast<std::uint8_t>(0x40 | (channel - 4));
    return {plain, value(Ins::kGetResponse), 0x00, 0x00, size};
}

}  // namespace

Result<Bytes> with_rest(const std::function<Result<Bytes>(BytesView)>& transmit, std::uint8_t cla,
                        Bytes response) {
    // Nothing that a card may answer is longer than the extended form; and it comes in some pieces, not in
    // none.
    constexpr std::size_t kMaxPieces = 1024;
    Bytes data;
    for (std::size_t pieces = 0; response.size() >= 2 && response[response.size() - 2] == kMoreHere;
         ++pieces) {
        auto announced = response.back();
        data.insert(data.end(), response.begin(), response.end() - 2);
        if (pieces == kMaxPieces || data.size() > kMaxExtendedNe)
            return fail(ErrorKind::kIo, "card.endless", "the card announces more data without end");
        OTI_TRY(response, transmit(get_response(cla, announced)));
        if (response.size() == 2 && response.front() == kWrongLe) {
            OTI_TRY(response, transmit(get_response(cla, response.back())));
        }
    }
    if (data.empty()) return response;
    append(data, response);
    return data;
}

}  // namespace oti::iso7816
