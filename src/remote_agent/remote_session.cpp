// SPDX-License-Identifier: Apache-2.0
#include "remote_agent/remote_session.h"

#include <fmt/format.h>

#include <algorithm>

namespace oti::remote_agent {
namespace {

using seram::AgentStatus;

std::unexpected<Error> out_of_order(std::string_view why) {
    return fail(ErrorKind::kIo, "seram.order", fmt::format("the SE Manager sent {}", why));
}

bool is_failure(AgentStatus status) {
    return status != AgentStatus::kProcessed && status != AgentStatus::kPolling;
}

}  // namespace

Error agent_error(AgentStatus status, std::string_view text) {
    Error error{ErrorKind::kIo, "seram.agent", "the SE Manager failed"};
    if (status == AgentStatus::kUnavailableSe) {
        error.code = "seram.se_unavailable";
        error.message = "the SE Manager cannot reach the secure element";
        error.hint = "the job can be run again once the secure element is there";
    } else if (status == AgentStatus::kUngrantedAccess) {
        error.code = "seram.access";
        error.message = "the secure element's access rules do not let the SE Manager in";
    }
    if (!text.empty()) error.message += ": " + std::string(text);
    return error;
}

RemoteSession::RemoteSession(seram::SessionId id, seram::SecureElement se,
                             manager::Conversation& conversation, Flight flight)
    : id_(std::move(id)), se_(std::move(se)), conversation_(&conversation), flight_(flight) {}

/// Takes the next script when the current one is over; none is left when `script_` is empty then.
Status RemoteSession::advance() {
    if (!script_is_over()) return {};
    if (started_) ++script_number_;
    OTI_TRY(script_, conversation_->next());
    sent_ = received_ = 0;
    return {};
}

seram::SeRam RemoteSession::take_commands(std::size_t count) {
    if (outstanding() == 0) ++traffic_.scripts;
    auto from = script_.begin() + static_cast<std::ptrdiff_t>(sent_);
    seram::SeRam ram{{from, from + static_cast<std::ptrdiff_t>(count)}};
    sent_ += count;
    return ram;
}

Result<std::vector<seram::StreamOrder>> RemoteSession::orders() {
    std::vector<seram::StreamOrder> orders;
    if (done_) return orders;
    OTI_CHECK(advance());
    auto add = [&](std::size_t index, std::vector<seram::RamCommand> commands) {
        seram::StreamOrder order{id_, {script_number_, static_cast<std::uint32_t>(index)}, {}, {}};
        order.received = {script_number_, static_cast<std::uint32_t>(received_)};
        order.order.commands = std::move(commands);
        if (!started_) {
            order.order.chosen_secure_element = se_;
            order.order.commands.insert(order.order.commands.begin(), seram::Start{});
            started_ = true;
        }
        orders.push_back(std::move(order));
    };
    if (script_.empty()) {
        done_ = true;
        add(0, {seram::Stop{}});
        return orders;
    }
    while (sent_ < script_.size() && outstanding() < flight_.apdus_in_flight) {
        auto count = std::min(
            {flight_.apdus_per_order, script_.size() - sent_, flight_.apdus_in_flight - outstanding()});
        auto index = sent_;
        add(index, {take_commands(count)});
    }
    return orders;
}

Status RemoteSession::take_response(BytesView response) {
    if (received_ == sent_ || script_is_over()) return out_of_order("a response to no command");
    ++traffic_.apdus;
    traffic_.bytes_to_card += script_[received_].apdu.size();
    traffic_.bytes_from_card += response.size();
    ++received_;
    return conversation_->on_response(response);
}

Status RemoteSession::on_report(const seram::StreamReport& report) {
    if (is_failure(report.status)) return std::unexpected(agent_error(report.status, report.error));
    if (report.place.script != script_number_ || report.place.index > received_) {
        return out_of_order("responses that are not the next ones");
    }
    // After a resumption the first ones may have arrived already.
    auto known = std::min(received_ - report.place.index, report.responses.size());
    for (auto n = known; n < report.responses.size(); ++n) OTI_CHECK(take_response(report.responses[n]));
    return {};
}

Result<seram::Place> RemoteSession::on_resume(seram::Place next) {
    seram::Place ours{script_number_, static_cast<std::uint32_t>(received_)};
    bool has_none_of_this_script = received_ == 0 && next.script < script_number_;
    bool within = next.script == script_number_ && next.index >= received_ && next.index <= sent_;
    if (!has_none_of_this_script && !within) return out_of_order("a place to resume at that does not exist");
    sent_ = within ? next.index : 0;
    return ours;
}

Result<seram::Order> RemoteSession::on_report(const seram::Report& report) {
    if (last_report_ && *last_report_ == report) return last_order_;
    if (done_) return out_of_order("a report after the end");
    if (is_failure(report.status)) return std::unexpected(agent_error(report.status, report.error));
    bool polling = report.status == AgentStatus::kPolling;
    if (polling != !started_)
        return out_of_order(polling ? "POLLING while responses were due" : "responses to nothing");
    std::size_t count = 0;
    for (const auto& command : report.responses) {
        for (const auto& response : command) {
            ++count;
            // All APDUs of the order were sent to the card; those after a surprise do not count any more.
            if (started_ && received_ > 0 && script_is_over()) continue;
            OTI_CHECK(take_response(response));
        }
    }
    if (started_ && !script_is_over() && count < sent_) return out_of_order("fewer responses than commands");

    seram::Order order{std::chrono::milliseconds(0), {}, {}};
    if (script_is_over()) OTI_CHECK(advance());
    if (!started_) {
        order.chosen_secure_element = se_;
        order.commands.emplace_back(seram::Start{});
        started_ = true;
    }
    done_ = script_.empty();
    if (done_) {
        order.commands.emplace_back(seram::Stop{});
    } else {
        order.commands.emplace_back(take_commands(std::min(script_.size() - sent_, flight_.apdus_in_flight)));
    }
    last_report_ = report;
    last_order_ = order;
    return order;
}

}  // namespace oti::remote_agent
