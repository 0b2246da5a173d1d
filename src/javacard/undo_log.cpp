// SPDX-License-Identifier: Apache-2.0
#include "javacard/undo_log.h"

namespace oti::javacard {

void UndoLog::end() {
    active_ = false;
    used_ = 0;
    entries_.clear();
    places_.clear();
    old_.clear();
    created_.clear();
}

bool UndoLog::record(Ref ref, std::size_t offset, BytesView old) {
    // The same place again, as in a loop that counts in a field: the older value is the one to restore.
    auto place = std::uint64_t{ref} << 48U | std::uint64_t{offset} << 24U | old.size();
    if (places_.contains(place)) return true;
    if (old.size() + kOverhead > unused()) return false;
    places_.insert(place);
    used_ += old.size() + kOverhead;
    entries_.push_back({ref, static_cast<std::uint32_t>(offset), old_.size(), old.size()});
    append(old_, old);
    return true;
}

bool UndoLog::record_creation(Ref ref) {
    if (kOverhead > unused()) return false;
    used_ += kOverhead;
    created_.push_back(ref);
    return true;
}

void UndoLog::for_each_backwards(
    const std::function<void(Ref ref, std::size_t offset, BytesView old)>& restore) const {
    for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
        restore(entry->ref, entry->offset, BytesView(old_).subspan(entry->place, entry->size));
    }
}

}  // namespace oti::javacard
