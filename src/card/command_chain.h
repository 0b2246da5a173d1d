// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <optional>

#include "iso7816/apdu.h"

namespace oti::card {

/// Puts a command together that is longer than a command can be, and so comes in parts:
///
/// - by b5 of the class byte, set in all parts but the last: any command (ISO/IEC 7816-4, 5.3.3);
/// - by b8 of P1 in the same way: INSTALL, PUT KEY and DELETE (GPCS 2.3.1, 11.1.5.1).
///
/// Security was applied before the command was cut, so it is taken off only after the last part.
class CommandChain {
  public:
    /// Bytes of data of the longest whole command.
    static constexpr std::size_t kMaxSize = 4096;

    /// The command itself, or the whole when its last part has come: the header is that of the last part.
    /// Nothing while parts are missing. A command that is not the next part is refused (6883; 6985 in the
    /// second form), and so is more than `kMaxSize` (6700; 6A86); what had come is forgotten then.
    std::expected<std::optional<iso7816::CommandApdu>, iso7816::StatusWord> take(
        const iso7816::CommandApdu& received);

  private:
    enum class Form : std::uint8_t { kClass, kP1 };

    static std::optional<Form> form_of(const iso7816::CommandApdu& command);
    bool is_continued_by(const iso7816::CommandApdu& next) const;

    std::optional<iso7816::CommandApdu> parts_;  ///< header as in the last part, data of all that came
    Form form_ = Form::kClass;                   ///< of `parts_`
};

}  // namespace oti::card
