// SPDX-License-Identifier: Apache-2.0
// Tokens of delegated management (GPCS 2.3.1, C.4): the issuer's signature under one command.
#pragma once

#include <functional>

#include "iso7816/apdu.h"

namespace oti::globalplatform {

/// Signs what a token is computed over.
using TokenSigner = std::function<Result<Bytes>(BytesView message)>;

/// What the token of an INSTALL or DELETE without one is computed over: P1, P2, the length of the fields
/// before the token (1 byte, or 3 above 255), these fields (tables C-4 to C-10).
Bytes token_input(const iso7816::CommandApdu& command);

/// The same command with its token: of INSTALL in the place of the empty one at the end, of DELETE as `9E`.
/// Other commands, INSTALL [for personalization] and DELETE [key] have none and come back as they are.
Result<iso7816::CommandApdu> with_token(iso7816::CommandApdu command, const TokenSigner& sign);

}  // namespace oti::globalplatform
