// SPDX-License-Identifier: Apache-2.0
#include "cli/card_work.h"

#include <fmt/format.h>

#include "base/hex.h"
#include "globalplatform/names.h"

namespace oti::cli {
namespace {

bool is_load(const iso7816::CommandApdu& command) {
    return command.ins == value(iso7816::Ins::kLoad);
}

/// More than the `00` of "no confirmation" (11.5.3.1).
bool is_receipt(const iso7816::CommandApdu& command, BytesView response) {
    bool confirms = command.ins == value(iso7816::Ins::kInstall) || is_load(command) ||
                    command.ins == value(iso7816::Ins::kDelete);
    return confirms && response.size() > 1;
}

}  // namespace

void CardWork::add(iso7816::CommandApdu command, std::string step) {
    steps_.push_back({std::move(command), std::move(step), false, {}});
}

void CardWork::add(std::vector<globalplatform::PlannedCommand> commands) {
    for (auto& command : commands) add(std::move(command.apdu), std::move(command.step));
}

void CardWork::add_key(iso7816::CommandApdu command, std::string step, Check check) {
    steps_.push_back({std::move(command), std::move(step), true, std::move(check)});
}

Status CardWork::sign(const globalplatform::TokenSigner& sign) {
    for (auto& step : steps_) {
        OTI_TRY(step.command, globalplatform::with_token(std::move(step.command), sign));
    }
    return {};
}

json::object CardWork::show(const manager::CardSession& session, Output& output) const {
    output.say(fmt::format("would send to {}, and sends nothing:", session.domain().hex()));
    json::array commands;
    std::size_t loads = 0, load_bytes = 0;
    auto say_loads = [&] {
        if (loads > 0) output.say(fmt::format("  LOAD, {} blocks, {} bytes", loads, load_bytes));
        loads = load_bytes = 0;
    };
    for (const auto& step : steps_) {
        auto name = globalplatform::command_name(step.command);
        json::object entry{{"step", step.text}, {"command", name}};
        if (!step.secret) entry["apdu"] = to_hex(step.command.encode());
        commands.emplace_back(std::move(entry));
        if (is_load(step.command)) {
            ++loads;
            load_bytes += step.command.data.size();
            continue;
        }
        say_loads();
        output.say(fmt::format("  {}: {}", name, step.text));
        output.say("    " +
                   (step.secret ? std::string("(keys are not shown)") : to_hex(step.command.encode())));
    }
    say_loads();
    return {{"dry_run", true}, {"commands", std::move(commands)}};
}

Result<json::object> CardWork::run(manager::CardSession& session, const CardOptions& options,
                                   Output& output) const {
    json::array notes;
    for (const auto& text : notes_) {
        output.say("note:  " + text);
        notes.emplace_back(text);
    }
    if (options.dry_run) {
        auto shown = show(session, output);
        shown["notes"] = std::move(notes);
        return shown;
    }
    json::array receipts;
    for (std::size_t n = 0; n < steps_.size(); ++n) {
        const auto& step = steps_[n];
        output.progress(n, steps_.size(), step.text);
        auto response = session.execute(step.command);
        if (!response) return during(step.text, response.error());
        if (step.check) OTI_CHECK(step.check(*response));
        if (is_receipt(step.command, *response)) receipts.emplace_back(to_hex(*response));
    }
    output.progress(steps_.size(), steps_.size(), "done");
    return json::object{
        {"commands", steps_.size()}, {"notes", std::move(notes)}, {"receipts", std::move(receipts)}};
}

Status require_yes(const CardOptions& options, const std::string& what) {
    if (options.yes || options.dry_run) return {};
    return fail(ErrorKind::kPolicy, "usage.confirm", what + " cannot be undone", "add --yes if it is meant");
}

}  // namespace oti::cli
