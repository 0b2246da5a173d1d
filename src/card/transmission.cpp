// SPDX-License-Identifier: Apache-2.0
#include "card/transmission.h"

#include <algorithm>

namespace oti::card {
namespace {

using iso7816::Ins;

constexpr std::size_t kHeader = 4, kHeaderAndP3 = 5;
constexpr std::size_t kMaxShort = iso7816::kMaxShortNe;
/// Response data that a message of two bytes of length holds together with the status word: readers and the
/// sockets to them have no longer ones.
constexpr std::size_t kMaxAtOnce = 0xFFFF - 2;

Bytes only(unsigned sw) {
    return ResponseApdu{{}, static_cast<StatusWord>(sw)}.encode();
}
Bytes only(StatusWord sw) {
    return ResponseApdu{{}, sw}.encode();
}

/// SW2 that stands for a number of bytes; 00 for 256 and more.
unsigned as_sw2(std::size_t size) {
    return size >= kMaxShort ? 0 : static_cast<unsigned>(size);
}

/// Le or P3 as a number of bytes.
std::size_t as_ne(std::uint8_t le) {
    return le == 0 ? kMaxShort : le;
}

bool is_get_response(BytesView command) {
    return command.size() >= kHeader && command[1] == iso7816::value(Ins::kGetResponse);
}

}  // namespace

void Transmission::reset() {
    held_ = {};
    refused_header_.clear();
    se_->reset();
}

Bytes Transmission::process(BytesView command, Exchange& exchange) {
    auto response = answer(command, exchange);
    exchange.bytes_in = command.size();
    exchange.bytes_out = response.size();
    return response;
}

Bytes Transmission::answer(BytesView command, Exchange& exchange) {
    if (command.size() < kHeader) return only(StatusWord::kWrongLength);
    // Where nothing is held, it is for the applet, which may have more than it could send.
    if (is_get_response(command) && command[0] != 0xFF && !held_.data.empty()) {
        exchange.is_command = false;
        return get_response(command);
    }
    return se_->profile().protocol == Protocol::kT0 ? answer_t0(command, exchange)
                                                    : answer_t1(command, exchange);
}

void Transmission::run(BytesView command, Exchange& exchange) {
    refused_header_.clear();
    of_channel_ = iso7816::channel_of(command[0]);
    held_ = ResponseApdu::parse(se_->process(command, exchange)).value();
}

Bytes Transmission::answer_t1(BytesView command, Exchange& exchange) {
    auto parsed = CommandApdu::parse(command);
    run(command, exchange);
    bool extended = parsed && (parsed->data.size() > iso7816::kMaxShortData || parsed->ne > kMaxShort);
    auto most = !parsed || parsed->ne == 0 ? (extended ? iso7816::kMaxExtendedNe : kMaxShort) : parsed->ne;
    return give(std::min<std::size_t>(most, kMaxAtOnce));
}

Bytes Transmission::answer_t0(BytesView command, Exchange& exchange) {
    auto header = command.first(kHeader);
    // Case 1 and case 2; P3 of case 1 is 00.
    if (command.size() <= kHeaderAndP3) {
        auto le = as_ne(command.size() == kHeader ? 0 : command[kHeader]);
        bool again = !refused_header_.empty() && std::ranges::equal(header, refused_header_);
        if (again) {
            exchange.is_command = false;
        } else {
            Bytes apdu = to_bytes(header);
            // Applets are told what the terminal expects (JCRE specification 3.0.5, 9.4.1).
            if (command.size() == kHeaderAndP3) apdu.push_back(command[kHeader]);
            run(apdu, exchange);
        }
        auto available = held_.data.size();
        if (available == 0) return give(0);
        // SELECT is a command with command data, which may be empty.
        if (command[1] == iso7816::value(Ins::kSelect) && !again) return only(0x6100 | as_sw2(available));
        if (le == available || (le == kMaxShort && available > kMaxShort)) {
            refused_header_.clear();  // the same once more is a new command
            return give(le);
        }
        refused_header_ = to_bytes(header);
        return only(0x6C00 | as_sw2(available));
    }
    // Case 3 and case 4. P3 = 00 with more after it is no short command.
    std::size_t lc = command[kHeader];
    auto after = command.size() - kHeaderAndP3;
    if (lc == 0 || (after != lc && after != lc + 1)) {
        held_ = {};
        refused_header_.clear();
        return only(StatusWord::kWrongLength);
    }
    Bytes apdu = to_bytes(command.first(kHeaderAndP3 + lc));
    apdu.push_back(0);
    run(apdu, exchange);
    auto available = held_.data.size();
    return available == 0 ? give(0) : only(0x6100 | as_sw2(available));
}

Bytes Transmission::get_response(BytesView command) {
    refused_header_.clear();
    if (iso7816::channel_of(command[0]) != of_channel_) {
        return only(StatusWord::kConditionsNotSatisfied);
    }
    if (command[2] != 0 || command[3] != 0) return only(StatusWord::kIncorrectP1P2);
    auto apdu = CommandApdu::parse(command);
    if (!apdu || !apdu->data.empty()) return only(StatusWord::kWrongLength);
    auto most = std::min<std::size_t>(apdu->ne == 0 ? kMaxShort : apdu->ne, kMaxAtOnce);
    auto available = held_.data.size();
    if (se_->profile().protocol == Protocol::kT0 && most > available) return only(0x6C00 | as_sw2(available));
    return give(most);
}

Bytes Transmission::give(std::size_t most) {
    if (held_.data.size() <= most) return std::exchange(held_, {}).encode();
    auto end = held_.data.begin() + static_cast<std::ptrdiff_t>(most);
    ResponseApdu part{Bytes(held_.data.begin(), end)};
    held_.data.erase(held_.data.begin(), end);
    part.sw = static_cast<StatusWord>(0x6100 | as_sw2(held_.data.size()));
    return part.encode();
}

}  // namespace oti::card
