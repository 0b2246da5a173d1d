// SPDX-License-Identifier: Apache-2.0
#include "card/command_chain.h"

#include <utility>

namespace oti::card {
namespace {

using iso7816::CommandApdu;
using iso7816::Ins;
using iso7816::StatusWord;

constexpr std::uint8_t kMoreByClass = 0x10, kMoreByP1 = 0x80;

bool knows_more_by_p1(std::uint8_t ins) {
    return ins == value(Ins::kInstall) || ins == value(Ins::kPutKey) || ins == value(Ins::kDelete);
}

}  // namespace

std::optional<CommandChain::Form> CommandChain::form_of(const CommandApdu& command) {
    if ((command.cla & kMoreByClass) != 0) return Form::kClass;
    if (knows_more_by_p1(command.ins) && (command.p1 & kMoreByP1) != 0) return Form::kP1;
    return std::nullopt;
}

bool CommandChain::is_continued_by(const CommandApdu& next) const {
    auto ignored_of_cla = form_ == Form::kClass ? kMoreByClass : std::uint8_t{0};
    auto ignored_of_p1 = form_ == Form::kP1 ? kMoreByP1 : std::uint8_t{0};
    return parts_->cla == (next.cla & ~ignored_of_cla) && parts_->ins == next.ins && parts_->p2 == next.p2 &&
           parts_->p1 == (next.p1 & ~ignored_of_p1);
}

std::expected<std::optional<CommandApdu>, StatusWord> CommandChain::take(const CommandApdu& received) {
    auto form = form_of(received);
    if (!parts_ && !form) return received;
    if (!parts_) {
        form_ = *form;
        parts_ = received;
        if (form_ == Form::kClass) parts_->cla &= static_cast<std::uint8_t>(~kMoreByClass);
        if (form_ == Form::kP1) parts_->p1 &= static_cast<std::uint8_t>(~kMoreByP1);
    } else if (!is_continued_by(received)) {
        parts_.reset();
        return std::unexpected(form_ == Form::kClass ? StatusWord::kLastOfChainExpected
                                                     : StatusWord::kConditionsNotSatisfied);
    } else {
        append(parts_->data, received.data);
    }
    if (parts_->data.size() > kMaxSize) {
        parts_.reset();
        return std::unexpected(form_ == Form::kClass ? StatusWord::kWrongLength : StatusWord::kIncorrectP1P2);
    }
    if (form == form_) return std::nullopt;
    auto whole = *std::exchange(parts_, std::nullopt);
    whole.ne = received.ne;
    return whole;
}

}  // namespace oti::card
