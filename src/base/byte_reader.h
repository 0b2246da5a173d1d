// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace oti {

/// Reads octets from outside, bounds checked. Every received buffer goes through one; integers are
/// big-endian. All reads fail with `parse.truncated`, naming `what` and the offset, and then consume nothing.
class ByteReader {
  public:
    /// `what` names the thing being read, for error texts; it must outlive the reader.
    ByteReader(BytesView bytes, std::string_view what) : rest_(bytes), size_(bytes.size()), what_(what) {}

    Result<std::uint8_t> u8();
    Result<std::uint16_t> u16();
    Result<std::uint32_t> u32();
    Result<BytesView> take(std::size_t count);
    /// One length octet, then that many octets.
    Result<BytesView> take_lv();
    /// All that is left; may be empty.
    BytesView take_rest();
    Status skip(std::size_t count);
    /// Error `parse.trailing` unless everything was read.
    Status expect_end() const;

    bool empty() const { return rest_.empty(); }
    std::size_t remaining() const { return rest_.size(); }
    std::size_t offset() const { return size_ - rest_.size(); }
    /// An error at the current offset, for what the reader's user finds wrong.
    std::unexpected<Error> invalid(std::string_view why) const;

  private:
    BytesView rest_;
    std::size_t size_;
    std::string_view what_;
};

}  // namespace oti
