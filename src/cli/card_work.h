// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "cli/card_connection.h"
#include "globalplatform/plan.h"
#include "globalplatform/receipt.h"
#include "globalplatform/token.h"

namespace oti::cli {

/// Commands that change a card: gathered first, then shown (`--dry-run`) or sent, one after another.
class CardWork {
  public:
    using Check = std::function<Status(BytesView response)>;

    void add(iso7816::CommandApdu command, std::string step);
    void add(std::vector<globalplatform::PlannedCommand> commands);
    /// Its data hold a key, encrypted: a dry run does not show them. `check` sees what the card answered.
    void add_key(iso7816::CommandApdu command, std::string step, Check check);
    /// What a person should know before: what goes with it, what cannot be undone.
    void note(std::string text) { notes_.push_back(std::move(text)); }
    /// Puts tokens on all commands that take one.
    Status sign(const globalplatform::TokenSigner& sign);

    /// Receipts are checked as they come; `registry` is what the card showed before.
    void check_receipts(globalplatform::ReceiptVerifier verifier, globalplatform::Registry registry);

    bool empty() const { return steps_.empty(); }

    /// With progress; stops at the first refusal, saying at which step. Returns how many commands there were,
    /// the notes, and receipts of delegated management where the card gave some.
    Result<json::object> run(manager::CardSession& session, const CardOptions& options, Output& output) const;

  private:
    struct Step {
        iso7816::CommandApdu command;
        std::string text;
        bool secret = false;
        Check check;
    };

    struct Receipts {
        globalplatform::ReceiptVerifier verify;
        globalplatform::Registry registry;
    };

    json::object show(const manager::CardSession& session, Output& output) const;

    std::vector<Step> steps_;
    std::vector<std::string> notes_;
    std::optional<Receipts> receipts_;
};

/// An error of kind `policy` unless `--yes` was given, or the run is dry.
Status require_yes(const CardOptions& options, const std::string& what);

}  // namespace oti::cli
