// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "base/result.h"
#include "crypto/digest.h"

namespace oti::crypto {

/// A digest of a message that comes in parts.
class Hasher {
  public:
    explicit Hasher(Hash hash);
    /// Goes on where another computation stopped: `state` is its chaining value (the words in the order in
    /// which a digest has them; SHA-224's are those of SHA-256, SHA-384's those of SHA-512) after `digested`
    /// bytes. Errors `digest.state` for a function that has no such state, a state of another length, or a
    /// length that is not of whole blocks.
    static Result<Hasher> resume(Hash hash, BytesView state, std::uint64_t digested);
    Hasher(Hasher&&) noexcept;
    Hasher& operator=(Hasher&&) noexcept;
    ~Hasher();

    void update(BytesView part);
    /// The digest of all parts; afterwards it is spent.
    Bytes finish();

  private:
    struct Context;
    explicit Hasher(std::unique_ptr<Context> context);
    std::unique_ptr<Context> context_;
};

/// Bytes of a chaining value that `Hasher::resume` takes; 0 for a function that has none.
std::size_t chaining_size(Hash hash);

}  // namespace oti::crypto
