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

bool is_confirmed(const iso7816::CommandApdu& command) {
    return command.ins == value(iso7816::Ins::kInstall) || is_load(command) ||
           command.ins == value(iso7816::Ins::kDelete);
}

/// Gathers what a card confirms, and checks it where a key is known.
class ReceiptBook {
  public:
    ReceiptBook(const globalplatform::ReceiptVerifier* verify, const iso7816::Aid& domain,
                const globalplatform::Registry& registry)
        : verify_(verify), subjects_(domain, registry) {}

    Status enter(const iso7816::CommandApdu& command, BytesView response) {
        if (!is_confirmed(command)) return {};
        auto subject = subjects_.of(command);
        OTI_TRY(auto confirmation, globalplatform::Confirmation::parse(response));
        if (!confirmation || confirmation->receipt.empty()) return {};
        json::object entry{{"receipt", to_hex(confirmation->receipt)},
                           {"counter", confirmation->counter},
                           {"confirmation_data", to_hex(confirmation->data)}};
        if (verify_ != nullptr && subject) {
            OTI_CHECK(globalplatform::verify_receipt(*confirmation, *subject, *verify_));
            entry["verified"] = true;
        }
        entries_.emplace_back(std::move(entry));
        return {};
    }
    json::array take() { return std::move(entries_); }

  private:
    const globalplatform::ReceiptVerifier* verify_;
    globalplatform::ReceiptSubjects subjects_;
    json::array entries_;
};

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

void CardWork::check_receipts(globalplatform::ReceiptVerifier verifier, globalplatform::Registry registry) {
    receipts_ = Receipts{std::move(verifier), std::move(registry)};
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
    const globalplatform::Registry nothing;
    ReceiptBook book(receipts_ ? &receipts_->verify : nullptr, session.domain(),
                     receipts_ ? receipts_->registry : nothing);
    for (std::size_t n = 0; n < steps_.size(); ++n) {
        const auto& step = steps_[n];
        output.progress(n, steps_.size(), step.text);
        auto response = session.execute(step.command);
        if (!response) return during(step.text, response.error());
        if (step.check) OTI_CHECK(step.check(*response));
        if (auto entered = book.enter(step.command, *response); !entered)
            return during(step.text, entered.error());
    }
    output.progress(steps_.size(), steps_.size(), "done");
    auto receipts = book.take();
    if (receipts_ && receipts.empty()) output.say("note:  the card gave no receipt");
    if (receipts_ && !receipts.empty()) output.say(fmt::format("verified {} receipts", receipts.size()));
    return json::object{
        {"commands", steps_.size()}, {"notes", std::move(notes)}, {"receipts", std::move(receipts)}};
}

Status require_yes(const CardOptions& options, const std::string& what) {
    if (options.yes || options.dry_run) return {};
    return fail(ErrorKind::kPolicy, "usage.confirm", what + " cannot be undone", "add --yes if it is meant");
}

}  // namespace oti::cli
