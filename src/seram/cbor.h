// SPDX-License-Identifier: Apache-2.0
// The subset of CBOR (RFC 8949) that the stream binding uses, in its deterministic encoding (4.2.1): unsigned
// integers, byte strings, text strings and arrays, all of definite length and with the shortest head.
// Anything else is refused.
#pragma once

#include <string>
#include <string_view>

#include "base/byte_reader.h"
#include "base/byte_writer.h"

namespace oti::seram {

class CborWriter {
  public:
    CborWriter& unsigned_integer(std::uint64_t value) { return head(0, value); }
    CborWriter& bytes(BytesView value);
    CborWriter& text(std::string_view value);
    /// `count` items follow.
    CborWriter& array(std::size_t count) { return head(4, count); }

    Bytes take() { return writer_.take(); }

  private:
    CborWriter& head(unsigned major, std::uint64_t argument);
    ByteWriter writer_;
};

/// Reads item after item. Every read fails with `seram.invalid` (what, and the offset) for another type, a
/// head that is not the shortest, more than `max`, or a cut message.
class CborReader {
  public:
    CborReader(BytesView message, std::string_view what) : reader_(message, what), what_(what) {}

    Result<std::uint64_t> unsigned_integer(std::uint64_t max);
    /// Points into the message.
    Result<BytesView> bytes(std::size_t max);
    Result<std::string> text(std::size_t max);
    /// How many items follow.
    Result<std::size_t> array(std::size_t max);
    /// An array of exactly so many items.
    Status array_of(std::size_t count);
    Status expect_end() const;
    std::unexpected<Error> invalid(std::string_view why) const;

  private:
    Result<std::uint64_t> head(unsigned major, std::uint64_t max);
    ByteReader reader_;
    std::string_view what_;
};

}  // namespace oti::seram
