// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "iso7816/aid.h"

namespace oti::card {

/// E2: the signature of a load file data block, and whose it is.
struct DapBlock {
    iso7816::Aid security_domain;
    BytesView signature;
};

/// A load file taken apart (GPCS 2.3.1, table 11-58): DAP blocks, then C4, or D3 and D4. Views into it.
struct LoadFileParts {
    std::vector<DapBlock> daps;
    BytesView block;  ///< the load file data block, or the ciphered one
    bool is_ciphered = false;
    BytesView icv;  ///< of a ciphered one; may be empty

    /// Error `card.load_file`, or that of the TLV.
    static Result<LoadFileParts> parse(BytesView load_file);
};

}  // namespace oti::card
