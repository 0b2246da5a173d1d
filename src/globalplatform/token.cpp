// SPDX-License-Identifier: Apache-2.0
#include "globalplatform/token.h"

#include "base/byte_writer.h"
#include "base/tlv.h"

namespace oti::globalplatform {
namespace {

using iso7816::CommandApdu;
using iso7816::Ins;

constexpr std::uint8_t kForPersonalization = 0x20;
constexpr std::uint8_t kAidTag = 0x4F;
constexpr Tag kDeleteToken = 0x9E;

bool is_install(const CommandApdu& command) {
    return command.ins == value(Ins::kInstall);
}

bool takes_token(const CommandApdu& command) {
    if (is_install(command)) return command.p1 != kForPersonalization && !command.data.empty();
    return command.ins == value(Ins::kDelete) && !command.data.empty() && command.data.front() == kAidTag;
}

/// The data before the token; of INSTALL without the length of the empty token at the end.
BytesView fields(const CommandApdu& command) {
    BytesView data = command.data;
    return is_install(command) && !data.empty() ? data.first(data.size() - 1) : data;
}

}  // namespace

Bytes token_input(const CommandApdu& command) {
    auto data = fields(command);
    ByteWriter input;
    input.u8(command.p1).u8(command.p2);
    auto length = static_cast<unsigned>(data.size());
    if (length > iso7816::kMaxShortData) {
        input.u8(0).u16(length);
    } else {
        input.u8(length);
    }
    return input.put(data).take();
}

Result<CommandApdu> with_token(CommandApdu command, const TokenSigner& sign) {
    if (!takes_token(command)) return command;
    OTI_TRY(auto token, sign(token_input(command)));
    auto data = fields(command);
    command.data = is_install(command) ? concat(data, encode_length(token.size()), token)
                                       : concat(data, encode_tlv(kDeleteToken, token));
    return command;
}

}  // namespace oti::globalplatform
