// SPDX-License-Identifier: Apache-2.0
#include "agent/local_session.h"

#include <fmt/format.h>

namespace oti::agent {
namespace {

std::unexpected<Error> out_of_order(std::string_view why) {
    return fail(ErrorKind::kIo, "seram.order", fmt::format("the server sent {}", why));
}

}  // namespace

Status LocalSession::on_order(const seram::StreamOrder& order) {
    if (stopped_) return out_of_order("an order after Stop");
    const auto& commands = order.order.commands;
    bool starts = !commands.empty() && std::holds_alternative<seram::Start>(commands.front());
    if (starts == started_) return out_of_order(started_ ? "a second Start" : "an order before Start");
    bool continues = order.place == queued_;
    bool begins_script =
        order.place.script == queued_.script + 1 && order.place.index == 0 && commands_.empty();
    if (started_ && !continues && !begins_script) return out_of_order("an order that is not the next one");
    for (std::size_t n = 0; n < commands.size(); ++n) {
        if (n > 0 && std::holds_alternative<seram::Start>(commands[n])) return out_of_order("a second Start");
        if (n + 1 < commands.size() && std::holds_alternative<seram::Stop>(commands[n])) {
            return out_of_order("commands after Stop");
        }
    }

    if (!started_) {
        started_ = true;
        id_ = order.session;
        se_ = order.order.chosen_secure_element;
    }
    queued_ = order.place;
    if (begins_script) next_ = order.place;  // all of the script before is answered or discarded
    while (!responses_.empty() && responses_.front().place < order.received && reported_ > 0) {
        responses_.pop_front();
        --reported_;
    }
    for (const auto& command : commands) {
        if (const auto* ram = std::get_if<seram::SeRam>(&command)) {
            queued_.index += static_cast<std::uint32_t>(ram->commands.size());
            bool discarded = ended_script_ && *ended_script_ == order.place.script;
            if (!discarded) commands_.insert(commands_.end(), ram->commands.begin(), ram->commands.end());
        } else if (const auto* notification = std::get_if<seram::Notification>(&command)) {
            notifications_.push_back(notification->text);
        } else if (std::holds_alternative<seram::Stop>(command)) {
            stopped_ = true;
        }
    }
    return {};
}

std::optional<iso7816::ScriptCommand> LocalSession::take_command() {
    if (commands_.empty()) return std::nullopt;
    auto command = std::move(commands_.front());
    commands_.pop_front();
    expectation_ = command.expectation;
    return command;
}

void LocalSession::on_response(Bytes response) {
    bool as_expected = expectation_ && expectation_->met_by(response);
    expectation_.reset();
    responses_.push_back({next_, std::move(response)});
    ++next_.index;
    if (!as_expected) {
        ended_script_ = next_.script;
        commands_.clear();
    }
}

std::optional<seram::StreamReport> LocalSession::take_report() {
    if (is_lost_ || reported_ == responses_.size()) return std::nullopt;
    seram::StreamReport report{id_, responses_[reported_].place};
    while (reported_ < responses_.size() && responses_[reported_].place.script == report.place.script) {
        report.responses.push_back(responses_[reported_++].bytes);
    }
    return report;
}

Status LocalSession::on_resume(seram::Place received) {
    bool is_kept = responses_.empty() ? received >= next_ || received.script < next_.script
                                      : received >= responses_.front().place;
    if (!is_kept) return out_of_order("a place to resume at that was given up");
    while (!responses_.empty() && responses_.front().place < received) responses_.pop_front();
    reported_ = 0;
    is_lost_ = false;
    return {};
}

}  // namespace oti::agent
