// SPDX-License-Identifier: Apache-2.0
#include "manager/remote_reconciliation.h"

namespace oti::manager {

using globalplatform::Element;
using iso7816::ResponseApdu;
using iso7816::StatusWord;

RemoteReconciliation::RemoteReconciliation(const iso7816::Aid& domain, globalplatform::DesiredState desired,
                                           std::size_t block_size)
    : domain_(domain), desired_(std::move(desired)), block_size_(block_size) {
    read_in(Phase::kRead);
}

void RemoteReconciliation::read_in(Phase phase) {
    phase_ = phase;
    due_ = {{Element::kApplications}, {Element::kLoadFilesAndModules}};
    reads_.clear();
    plan_.clear();
    progress_.step = phase == Phase::kRead ? "read the registry" : "read the registry again";
}

Status RemoteReconciliation::interrupted() {
    progress_ = {};
    read_in(Phase::kRead);
    return {};
}

Result<std::vector<ota::RemoteCommand>> RemoteReconciliation::next() {
    if (phase_ == Phase::kDone) return std::vector<ota::RemoteCommand>{};
    if (phase_ == Phase::kExecute) {
        // All of it was answered.
        read_in(Phase::kVerify);
        return reads();
    }
    if (!due_.empty()) return reads();
    OTI_TRY(registry_, globalplatform::parse_registry(reads_));
    auto operations = globalplatform::plan(desired_, registry_);
    if (operations.empty()) {
        phase_ = Phase::kDone;
        return std::vector<ota::RemoteCommand>{};
    }
    if (phase_ == Phase::kVerify) {
        return fail(ErrorKind::kCard, "manager.not_reached",
                    "the card's registry is not as it should be after all commands were carried out",
                    "look at it with 'oti card list'");
    }
    phase_ = Phase::kExecute;
    plan_ = globalplatform::commands(operations, domain_, block_size_);
    progress_ = {0, plan_.size()};
    std::vector<ota::RemoteCommand> commands;
    commands.reserve(plan_.size());
    for (const auto& planned : plan_) commands.push_back({planned.apdu, false});
    return commands;
}

std::vector<ota::RemoteCommand> RemoteReconciliation::reads() {
    std::vector<ota::RemoteCommand> commands;
    for (const auto& due : due_) {
        if (due.is_long && !commands.empty()) break;
        commands.push_back({globalplatform::get_status(due.element, due.continues), true});
        if (due.is_long) break;
    }
    return commands;
}

Status RemoteReconciliation::on_response(std::size_t command, const ResponseApdu& response) {
    if (phase_ != Phase::kExecute) return on_read(response);
    const auto& planned = plan_.at(command);
    progress_.done = command + 1;
    progress_.step = planned.step;
    if (iso7816::is_success_or_warning(response.sw)) return {};
    return during(planned.step, iso7816::card_error(response.sw, planned.apdu.ins, planned.apdu.p1));
}

/// Answers come in the order in which they are due.
Status RemoteReconciliation::on_read(const ResponseApdu& response) {
    constexpr StatusWord kMore{0x6310};
    if (due_.empty()) return fail(ErrorKind::kCard, "ota.refused", "an answer that nobody asked for");
    auto due = due_.front();
    if (response.sw == kMore && !due.is_long) {
        // What follows in the script has ended the list: it is begun anew, alone, and after the others.
        due_.pop_front();
        due_.push_back({due.element, true, false});
        return {};
    }
    if (response.sw != StatusWord::kOk && response.sw != kMore &&
        response.sw != StatusWord::kReferencedDataNotFound) {
        auto asked = globalplatform::get_status(due.element, due.continues);
        return during(progress_.step, iso7816::card_error(response.sw, asked.ins, asked.p1));
    }
    reads_.push_back({due.element, due.continues, response});
    if (response.sw == kMore) {
        due_.front().continues = true;
    } else {
        due_.pop_front();
    }
    return {};
}

}  // namespace oti::manager
