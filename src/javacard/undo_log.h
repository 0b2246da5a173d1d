// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <unordered_set>
#include <vector>

#include "base/bytes.h"
#include "javacard/types.h"

namespace oti::javacard {

/// What has been changed since a point in time, as it was before: by a transaction of an applet (JCRE
/// specification 3.0.5, 7.5), or by an installation (3.1).
class UndoLog {
  public:
    static constexpr std::size_t kUnlimited = std::numeric_limits<std::size_t>::max();

    /// Bytes of old values and their places that it may need.
    explicit UndoLog(std::size_t capacity) : capacity_(capacity) {}

    bool active() const { return active_; }
    void begin() { active_ = true; }
    /// Forgets all: what was changed stays.
    void end();
    /// `old` stood at `offset` in the object. False if there is no room; nothing is recorded then.
    bool record(Ref ref, std::size_t offset, BytesView old);
    bool record_creation(Ref ref);

    std::size_t capacity() const { return capacity_; }
    std::size_t unused() const { return capacity_ - used_; }

    /// The old values, the latest first.
    void for_each_backwards(
        const std::function<void(Ref ref, std::size_t offset, BytesView old)>& restore) const;
    const std::vector<Ref>& created() const { return created_; }

  private:
    struct Entry {
        Ref ref;
        std::uint32_t offset;
        std::size_t place;  ///< of the old bytes in old_
        std::size_t size;
    };
    /// A chip would keep reference and offset with each old value.
    static constexpr std::size_t kOverhead = 4;

    bool active_ = false;
    std::size_t capacity_;
    std::size_t used_ = 0;
    std::vector<Entry> entries_;
    std::unordered_set<std::uint64_t> places_;  ///< of the entries
    Bytes old_;
    std::vector<Ref> created_;
};

}  // namespace oti::javacard
