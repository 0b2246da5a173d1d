// SPDX-License-Identifier: Apache-2.0
#include "cli/card_trace.h"

#include <fmt/format.h>

#include <chrono>

#include "base/hex.h"
#include "globalplatform/names.h"
#include "iso7816/apdu.h"

namespace oti::cli {

Result<Bytes> TracingChannel::transmit(BytesView bytes) {
    auto command = iso7816::CommandApdu::parse(bytes);
    auto name = command ? globalplatform::command_name(*command) : "command";
    fmt::print(to_, "> {}  {}\n", to_hex(bytes), name);
    auto begin = std::chrono::steady_clock::now();
    auto response = card_->transmit(bytes);
    std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - begin;
    if (!response) {
        fmt::print(to_, "< {}\n", response.error().message);
        return response;
    }
    std::string meaning;
    if (auto plain = iso7816::ResponseApdu::parse(*response); plain && command) {
        if (plain->sw != iso7816::StatusWord::kOk)
            meaning = "  " + iso7816::meaning(plain->sw, command->ins, command->p1);
    }
    fmt::print(to_, "< {}  {:.1f} ms{}\n", to_hex(*response), taken.count(), meaning);
    return response;
}

Status TracingChannel::reset() {
    fmt::print(to_, "> reset\n");
    return card_->reset();
}

}  // namespace oti::cli
