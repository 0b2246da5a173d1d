// SPDX-License-Identifier: Apache-2.0
#include "javacard/heap.h"

#include <algorithm>
#include <string>

namespace oti::javacard {
namespace {

constexpr std::size_t kMaxObjects = 0x10000;

bool is_transient(const Object& object) {
    return object.persistence == Persistence::kClearOnReset ||
           object.persistence == Persistence::kClearOnDeselect;
}

}  // namespace

Heap::Heap(const ReferenceMap& map, const MemoryPolicy& policy, std::size_t commit_capacity)
    : map_(map), policy_(policy), log_(commit_capacity) {
    // All the room that references can name, so that no object ever moves; untouched pages cost nothing.
    objects_.reserve(kMaxObjects);
    objects_.resize(kFirstStoredRef);
}

Status Heap::load(const ObjectStore& store) {
    OTI_TRY(auto records, store.records());
    for (const auto& [ref, record] : records) {
        if (ref == kNull) continue;  // the runtime environment's own
        auto object = decode_object(record);
        if (!object) return during("object " + std::to_string(ref), std::move(object).error());
        if (ref < kFirstStoredRef || (ref < objects_.size() && objects_[ref].kind != ObjectKind::kFree)) {
            return fail(ErrorKind::kIo, "heap.damaged", "an object's number is not its own");
        }
        if (ref >= objects_.size()) objects_.resize(ref + std::size_t{1});
        account(*object, true);
        objects_[ref] = std::move(*object);
    }
    for (std::size_t ref = objects_.size(); ref-- > kFirstStoredRef;) {
        if (objects_[ref].kind == ObjectKind::kFree) reusable_.push_back(static_cast<Ref>(ref));
    }
    return {};
}

void Heap::flush(ObjectStore& store) {
    for (auto ref : freed_) {
        if (objects_[ref].kind == ObjectKind::kFree) store.erase(ref);
    }
    freed_.clear();
    for (auto ref : dirty_) {
        auto& object = objects_[ref];
        if (object.kind == ObjectKind::kFree || !object.dirty) continue;
        object.dirty = false;
        store.put(ref, encode(object));
    }
    dirty_.clear();
}

void Heap::account(const Object& object, bool add) {
    if (object.persistence == Persistence::kSystem) return;
    auto header = kObjectHeader + (is_transient(object) ? 0 : object.data.size());
    auto content = is_transient(object) ? object.data.size() : 0;
    persistent_used_ = add ? persistent_used_ + header : persistent_used_ - header;
    transient_used_ = add ? transient_used_ + content : transient_used_ - content;
}

std::optional<Ref> Heap::free_ref(bool system) {
    if (system) return next_system_ < kFirstStoredRef ? std::optional(next_system_++) : std::nullopt;
    if (!reusable_.empty()) {
        auto ref = reusable_.back();
        reusable_.pop_back();
        return ref;
    }
    if (objects_.size() >= kMaxObjects) return std::nullopt;
    objects_.emplace_back();
    return static_cast<Ref>(objects_.size() - 1);
}

Guest<Ref> Heap::make(Object object, std::size_t bytes) {
    bool system = object.persistence == Persistence::kSystem;
    if (!system) {
        bool transient = is_transient(object);
        auto persistent_bytes = kObjectHeader + (transient ? 0 : bytes);
        if (persistent_bytes > policy_.available(object.owner, Persistence::kPersistent, persistent_used_)) {
            return throw_(exception::kSystem, reason::kNoResource);
        }
        if (transient && bytes > policy_.available(object.owner, object.persistence, transient_used_)) {
            return throw_(exception::kSystem, reason::kNoTransientSpace);
        }
    }
    auto ref = free_ref(system);
    if (!ref) return throw_(exception::kSystem, reason::kNoResource);
    if (!system && log_.active() && !log_.record_creation(*ref)) {
        reusable_.push_back(*ref);
        return throw_(exception::kTransaction, reason::kBufferFull);
    }
    if (!system && installation_.active()) (void)installation_.record_creation(*ref);
    object.data.resize(bytes);
    objects_[*ref] = std::move(object);
    account(objects_[*ref], true);
    if (!system) mark_dirty(*ref, objects_[*ref]);
    return *ref;
}

Guest<Ref> Heap::make_instance(ClassId type, std::size_t cells, Owner owner, Persistence persistence) {
    Object object;
    object.kind = ObjectKind::kInstance;
    object.persistence = persistence;
    object.owner = owner;
    object.type = type;
    return make(std::move(object), 2 * cells);
}

Guest<Ref> Heap::make_array(ObjectKind kind, std::int32_t count, Owner owner, Persistence persistence,
                            ClassId element) {
    if (count < 0) return throw_(exception::kNegativeArraySize);
    Object object;
    object.kind = kind;
    object.persistence = persistence;
    object.owner = owner;
    object.type = element;
    return make(std::move(object), static_cast<std::size_t>(count) * element_size(kind));
}

Guest<Ref> Heap::make_statics(PackageId package, std::size_t bytes) {
    Object object;
    object.kind = ObjectKind::kStatics;
    object.owner = {package, kNoApplet};
    object.type = {package, kStaticsIndex};
    return make(std::move(object), bytes);
}

Guest<void> Heap::write(Ref ref, std::size_t offset, BytesView bytes) {
    auto& object = objects_[ref];
    if (!prepare_write(ref, object, offset, bytes.size())) {
        return throw_(exception::kTransaction, reason::kBufferFull);
    }
    // The source may be a part of the same object.
    std::ranges::copy(to_bytes(bytes), object.data.begin() + static_cast<std::ptrdiff_t>(offset));
    return {};
}

Guest<void> Heap::write_u16(Ref ref, std::size_t cell, std::uint16_t value) {
    return write(ref, 2 * cell,
                 std::array{static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)});
}

void Heap::mark_entry_point(Ref ref, bool temporary) {
    auto& object = objects_[ref];
    object.entry_point = true;
    object.temporary = temporary;
    if (object.persistence != Persistence::kSystem) mark_dirty(ref, object);
}

void Heap::mark_global(Ref ref) {
    auto& object = objects_[ref];
    object.global = true;
    object.temporary = true;
    if (object.persistence != Persistence::kSystem) mark_dirty(ref, object);
}

Guest<void> Heap::begin_transaction() {
    if (log_.active()) return throw_(exception::kTransaction, reason::kInProgress);
    log_.begin();
    return {};
}

Guest<void> Heap::commit_transaction() {
    if (!log_.active()) return throw_(exception::kTransaction, reason::kNotInProgress);
    log_.end();
    return {};
}

Guest<void> Heap::abort_transaction() {
    if (!log_.active()) return throw_(exception::kTransaction, reason::kNotInProgress);
    undo(log_);
    return {};
}

void Heap::undo_installation() {
    undo(installation_);
    reuse_vanished();
}

void Heap::undo(UndoLog& log) {
    log.for_each_backwards([&](Ref ref, std::size_t offset, BytesView old) {
        std::ranges::copy(old, objects_[ref].data.begin() + static_cast<std::ptrdiff_t>(offset));
    });
    for (auto ref : log.created()) {
        if (std::exchange(objects_[ref].vanished, true)) continue;
        vanished_.push_back(ref);
    }
    log.end();
    // Neither transient nor non-atomic writes are undone, so references to what has vanished may be left.
    if (!vanished_.empty()) clear_dangling();
}

void Heap::clear_dangling() {
    for (std::size_t ref = 1; ref < objects_.size(); ++ref) {
        auto& object = objects_[ref];
        auto clear = [&](std::size_t cell) {
            if (2 * cell + 1 >= object.data.size()) return;
            auto held = object.u16(cell);
            if (held == kNull || find(held) != nullptr) return;
            prepare_write_non_atomic(static_cast<Ref>(ref), object);
            object.data[2 * cell] = object.data[2 * cell + 1] = 0;
        };
        if (object.kind == ObjectKind::kReferences) {
            for (std::size_t i = 0; i < object.size(); ++i) clear(i);
        } else if (object.kind == ObjectKind::kInstance || object.kind == ObjectKind::kStatics) {
            for (auto cell : map_.reference_cells(object.type)) clear(cell);
        }
    }
}

void Heap::reuse_vanished() {
    for (auto ref : vanished_) release(ref);
    vanished_.clear();
}

void Heap::release(Ref ref) {
    auto& object = objects_[ref];
    account(object, false);
    object = {};
    freed_.push_back(ref);
    reusable_.push_back(ref);
    if (on_release_) on_release_(ref);
}

void Heap::clear_on_reset() {
    for (auto& object : objects_) {
        if (is_transient(object)) std::ranges::fill(object.data, std::uint8_t{0});
    }
}

void Heap::clear_on_deselect(ContextId context) {
    for (auto& object : objects_) {
        if (object.persistence == Persistence::kClearOnDeselect && object.owner.context == context) {
            std::ranges::fill(object.data, std::uint8_t{0});
        }
    }
}

}  // namespace oti::javacard
