// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace oti::card {

/// The memory chip below a virtual secure element: one growing file. One user at a time.
class NvmFile {
  public:
    virtual ~NvmFile() = default;

    virtual Result<Bytes> read_all() = 0;
    /// Adds to the end, durably. When power fails, any prefix of the bytes may have reached the file; an
    /// error says nothing of how many did.
    virtual Status append(BytesView bytes) = 0;
    /// Puts this content in the place of all of it, durably and atomically: after a power failure, and after
    /// an error, the file holds either the old content or the new.
    virtual Status replace(BytesView bytes) = 0;
};

}  // namespace oti::card
