// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <variant>
#include <vector>

#include "base/bytes.h"
#include "iso7816/status_word.h"

namespace oti::iso7816 {

/// What the response to a command of a script must be for the script to go on. Whoever runs the script (a
/// loop beside the card, or the SE Manager on a phone) stops at the first response that does not meet it; it
/// needs no keys to judge.
class Expectation {
  public:
    /// Every response will do.
    static Expectation any() { return Expectation(Any{}); }
    /// One of these status words, with whatever data.
    static Expectation status(std::vector<StatusWord> accepted) { return Expectation(std::move(accepted)); }
    static Expectation ok() { return status({StatusWord::kOk}); }
    /// Exactly this R-APDU.
    static Expectation exactly(Bytes response) { return Expectation(std::move(response)); }

    bool met_by(BytesView response) const;

    /// One of the three is set; for encoding.
    bool is_any() const { return std::holds_alternative<Any>(what_); }
    const std::vector<StatusWord>* accepted_status() const {
        return std::get_if<std::vector<StatusWord>>(&what_);
    }
    const Bytes* exact_response() const { return std::get_if<Bytes>(&what_); }

    bool operator==(const Expectation&) const = default;

  private:
    struct Any {
        bool operator==(const Any&) const = default;
    };
    using What = std::variant<Any, std::vector<StatusWord>, Bytes>;
    explicit Expectation(What what) : what_(std::move(what)) {}

    What what_;
};

/// A C-APDU as it goes to the card, and what must come back.
struct ScriptCommand {
    Bytes apdu;
    Expectation expectation = Expectation::ok();

    bool operator==(const ScriptCommand&) const = default;
};

/// Commands that are sent one after another, without anybody thinking in between.
using Script = std::vector<ScriptCommand>;

}  // namespace oti::iso7816
