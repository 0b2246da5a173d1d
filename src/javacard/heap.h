// SPDX-License-Identifier: Apache-2.0
// The objects of a card (JCRE specification 3.0.5, chapters 5 to 8).
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "javacard/object.h"
#include "javacard/trap.h"
#include "javacard/undo_log.h"

namespace oti::javacard {

/// How much memory there is; the card's quotas stand behind it.
class MemoryPolicy {
  public:
    virtual ~MemoryPolicy() = default;
    /// How many bytes more the owner may have of that sort, when `used` are in use by all.
    virtual std::size_t available(Owner owner, Persistence persistence, std::size_t used) const = 0;
};

/// Where the references are in instances and static fields; the linker knows.
class ReferenceMap {
  public:
    virtual ~ReferenceMap() = default;
    /// The cells of two bytes that hold references, for an instance of `type` or, with kStaticsIndex, for the
    /// package's static fields.
    virtual std::span<const std::uint16_t> reference_cells(ClassId type) const = 0;
};

/// What an object costs beside its content: the head of its record, and the record's name.
inline constexpr std::size_t kObjectHeader = 15;
/// Below are objects of Persistence::kSystem, which get the same numbers at each start.
inline constexpr Ref kFirstStoredRef = 512;
inline constexpr std::size_t kCommitCapacity = 4096;

class Heap {
  public:
    Heap(const ReferenceMap& map, const MemoryPolicy& policy, std::size_t commit_capacity = kCommitCapacity);

    // Storage ---------------------------------------------------------------------------------------------
    /// All objects of the store; before any is made that is not of Persistence::kSystem. The contents of
    /// transient ones are zero. Error `heap.damaged`.
    Status load(const ObjectStore& store);
    /// Writes what was changed, made or freed since; at the end of a command, outside of transactions.
    void flush(ObjectStore& store);
    bool has_changes() const { return !dirty_.empty() || !freed_.empty(); }

    // Creation --------------------------------------------------------------------------------------------
    /// SystemException NO_RESOURCE (NO_TRANSIENT_SPACE for transient content) where it does not fit. All
    /// content is zero.
    Guest<Ref> make_instance(ClassId type, std::size_t cells, Owner owner,
                             Persistence persistence = Persistence::kPersistent);
    /// Also NegativeArraySizeException. `element` only for references.
    Guest<Ref> make_array(ObjectKind kind, std::int32_t count, Owner owner,
                          Persistence persistence = Persistence::kPersistent, ClassId element = {});
    Guest<Ref> make_statics(PackageId package, std::size_t bytes);

    // Access ----------------------------------------------------------------------------------------------
    /// Null for null, and for what vanished with its transaction. The object stays where it is until it is
    /// freed, and so do the bytes of its content, whatever else is made.
    Object* find(Ref ref) {
        if (ref >= objects_.size()) return nullptr;
        auto& object = objects_[ref];
        return object.kind == ObjectKind::kFree || object.vanished ? nullptr : &object;
    }
    const Object* find(Ref ref) const { return const_cast<Heap*>(this)->find(ref); }
    /// NullPointerException instead.
    Guest<Object*> get(Ref ref) {
        if (auto* object = find(ref)) return object;
        return throw_(exception::kNullPointer);
    }

    /// Before `size` bytes at `offset` of the object's data are changed in place. False if the transaction
    /// has no room for what stands there now (TransactionException BUFFER_FULL); then nothing may be changed.
    bool prepare_write(Ref ref, Object& object, std::size_t offset, std::size_t size) {
        if (object.persistence != Persistence::kPersistent) return true;
        if (log_.active() || installation_.active()) {
            auto old = BytesView(object.data).subspan(offset, size);
            if (log_.active() && !log_.record(ref, offset, old)) return false;
            if (installation_.active()) (void)installation_.record(ref, offset, old);
        }
        mark_dirty(ref, object);
        return true;
    }
    /// The same, for a change that no transaction takes back (arrayCopyNonAtomic, try counters).
    void prepare_write_non_atomic(Ref ref, Object& object) {
        if (object.persistence == Persistence::kPersistent) mark_dirty(ref, object);
    }
    /// Both steps in one. The place must be within the object.
    Guest<void> write(Ref ref, std::size_t offset, BytesView bytes);
    Guest<void> write_u16(Ref ref, std::size_t cell, std::uint16_t value);
    /// Sets flags of the runtime environment's objects.
    void mark_entry_point(Ref ref, bool temporary);
    void mark_global(Ref ref);

    // Transactions (7.5): one at a time -------------------------------------------------------------------
    Guest<void> begin_transaction();
    Guest<void> commit_transaction();
    /// Values are as they were; the objects made since have vanished: `find` knows them no more, and their
    /// numbers are not used again before `reuse_vanished`.
    Guest<void> abort_transaction();
    bool in_transaction() const { return log_.active(); }
    const UndoLog& log() const { return log_; }
    /// At the end of a command, when nobody has a reference to them.
    void reuse_vanished();

    // Installation of an applet (3.1) -----------------------------------------------------------------------
    // All that it changes can be taken back, its committed transactions too; not what no transaction takes
    // back. Undone, what it made is gone: when nobody has a reference to it.
    void begin_installation() { installation_.begin(); }
    void keep_installation() { installation_.end(); }
    void undo_installation();

    // Transient content -----------------------------------------------------------------------------------
    void clear_on_reset();
    void clear_on_deselect(ContextId context);

    // Deletion (8.1, 11.3) --------------------------------------------------------------------------------
    /// Frees every object that cannot be reached from `roots`, from static fields or from the runtime
    /// environment's own objects. Returns how many. Outside of transactions, at the end of a command.
    std::size_t collect(std::span<const Ref> roots);
    /// Whether an object for which `inside` is false has a reference to one for which it is true.
    bool is_referenced_from_outside(const std::function<bool(const Object&)>& inside) const;
    /// References to what was freed become null.
    void clear_dangling();
    void free_if(const std::function<bool(const Object&)>& condition);
    /// Who keeps something by reference hears of each that is free to be used again.
    void on_release(std::function<void(Ref)> listener) { on_release_ = std::move(listener); }
    void for_each(const std::function<void(Ref, const Object&)>& visit) const;
    /// The references that an object holds, null left out.
    void for_each_reference(const Object& object, const std::function<void(Ref)>& visit) const;

    /// Bytes in use of persistent content (with all headers) and of transient content.
    std::size_t persistent_used() const { return persistent_used_; }
    std::size_t transient_used() const { return transient_used_; }
    /// Of one owner, persistent.
    std::size_t used_by(Owner owner) const;

  private:
    Guest<Ref> make(Object object, std::size_t bytes);
    std::optional<Ref> free_ref(bool system);
    void account(const Object& object, bool add);
    void release(Ref ref);
    void undo(UndoLog& log);
    void mark_dirty(Ref ref, Object& object) {
        if (object.dirty) return;
        object.dirty = true;
        dirty_.push_back(ref);
    }

    const ReferenceMap& map_;
    const MemoryPolicy& policy_;
    UndoLog log_;
    UndoLog installation_{UndoLog::kUnlimited};
    std::function<void(Ref)> on_release_;
    std::vector<Object> objects_;  ///< by reference
    std::vector<Ref> dirty_;
    std::vector<Ref> freed_;  ///< since the last flush, of stored objects
    std::vector<Ref> vanished_;
    std::vector<Ref> reusable_;
    Ref next_system_ = 1;
    std::size_t persistent_used_ = 0;
    std::size_t transient_used_ = 0;
};

}  // namespace oti::javacard
