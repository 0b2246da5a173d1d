// SPDX-License-Identifier: Apache-2.0
#include "ota/administration_work.h"

namespace oti::ota {

Result<std::vector<RemoteCommand>> CommandList::next() {
    if (std::exchange(given_, true)) return std::vector<RemoteCommand>{};
    return commands_;
}

Status CommandList::on_response(std::size_t command, const iso7816::ResponseApdu& response) {
    responses_.push_back({command, response});
    if (iso7816::is_success_or_warning(response.sw)) return {};
    const auto& refused = commands_[command].command;
    return std::unexpected(iso7816::card_error(response.sw, refused.ins, refused.p1));
}

Status CommandList::interrupted() {
    return fail(ErrorKind::kIo, "ota.outcome_unknown",
                "the connection was lost, and with it the answer that says what the commands did",
                "read the card's registry, and send what is missing");
}

}  // namespace oti::ota
