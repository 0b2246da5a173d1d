// SPDX-License-Identifier: Apache-2.0
// The load file of GlobalPlatform Card Specification 2.3.1, 11.6.2.3, without DAP blocks and ciphering.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace oti::cap {

/// `C4`, BER length, load file data block: what the LOAD commands carry, cut in pieces.
Bytes load_file(BytesView data_block);

/// The data block of a load file of that form; a view into it. Error `cap.load_file`.
Result<BytesView> data_block_of(BytesView load_file);

}  // namespace oti::cap
