// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cassert>
#include <utility>

#include "base/bytes.h"

namespace oti {

/// Builds octets; integers are big-endian.
class ByteWriter {
  public:
    ByteWriter& u8(unsigned value) {
        bytes_.push_back(static_cast<std::uint8_t>(value));
        return *this;
    }
    ByteWriter& u16(unsigned value) { return u8(value >> 8).u8(value); }
    ByteWriter& u32(std::uint32_t value) { return u16(value >> 16).u16(value & 0xFFFF); }
    ByteWriter& put(BytesView bytes) {
        append(bytes_, bytes);
        return *this;
    }
    /// One length octet, then the octets; at most 255 of them.
    ByteWriter& lv(BytesView bytes) {
        assert(bytes.size() <= 0xFF);
        return u8(static_cast<unsigned>(bytes.size())).put(bytes);
    }

    std::size_t size() const { return bytes_.size(); }
    BytesView view() const { return bytes_; }
    Bytes take() { return std::exchange(bytes_, {}); }

  private:
    Bytes bytes_;
};

}  // namespace oti
