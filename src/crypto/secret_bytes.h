// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <utility>

#include "base/bytes.h"

namespace oti::crypto {

/// Permission to read a secret: every place that names it can be found by searching for `SecretAccess`.
class SecretAccess {
  public:
    static SecretAccess granted() { return {}; }

  private:
    SecretAccess() = default;
};

/// Key bytes: zeroised when dropped, moved but never copied by accident, compared in constant time, not
/// printable.
class SecretBytes {
  public:
    SecretBytes() = default;
    explicit SecretBytes(std::size_t size) : bytes_(size) {}
    /// Copies; the source stays the caller's to wipe.
    static SecretBytes copy_of(BytesView bytes);
    /// Takes the bytes over; nothing is left at the source.
    static SecretBytes take(Bytes&& bytes);

    SecretBytes(SecretBytes&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
    SecretBytes& operator=(SecretBytes&& other) noexcept;
    SecretBytes(const SecretBytes&) = delete;
    SecretBytes& operator=(const SecretBytes&) = delete;
    ~SecretBytes() { wipe(); }

    /// A second holder of the same secret, on purpose.
    SecretBytes clone() const { return copy_of(bytes_); }
    std::size_t size() const { return bytes_.size(); }
    bool empty() const { return bytes_.empty(); }
    BytesView view(SecretAccess) const { return bytes_; }
    std::span<std::uint8_t> writable(SecretAccess) { return bytes_; }
    /// Constant time for equal lengths.
    bool equals(BytesView other) const;
    void wipe();

  private:
    Bytes bytes_;
};

/// Constant-time comparison of MACs and cryptograms.
bool equal_in_constant_time(BytesView a, BytesView b);

}  // namespace oti::crypto
