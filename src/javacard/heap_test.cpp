// SPDX-License-Identifier: Apache-2.0
#include "javacard/heap.h"

#include <gtest/gtest.h>

#include "javacard/test_program.h"

namespace oti::javacard {
namespace {

constexpr Owner kAlice{70, 1}, kBob{71, 2};

/// No instances with references, but arrays of them.
class NoReferences : public ReferenceMap {
  public:
    std::span<const std::uint16_t> reference_cells(ClassId) const override { return {}; }
};

class HeapTest : public testing::Test {
  protected:
    Ref bytes(BytesView content, Owner owner = kAlice, Persistence persistence = Persistence::kPersistent) {
        auto ref =
            heap.make_array(ObjectKind::kBytes, static_cast<std::int32_t>(content.size()), owner, persistence)
                .value();
        heap.write(ref, 0, content).value();
        return ref;
    }
    Ref references(std::initializer_list<Ref> held, Owner owner = kAlice) {
        auto ref = heap.make_array(ObjectKind::kReferences, static_cast<std::int32_t>(held.size()), owner,
                                   Persistence::kPersistent, {kJavaLang, 0})
                       .value();
        std::size_t i = 0;
        for (auto one : held) heap.write_u16(ref, i++, one).value();
        return ref;
    }

    NoReferences map;
    AmpleMemory memory;
    MapStore store;
    Heap heap{map, memory, 64};
};

TEST_F(HeapTest, KeepsObjectsOverSessionsAndTransientContentNot) {
    auto kept = bytes(from_hex("010203"));
    auto transient = bytes(from_hex("0405"), kBob, Persistence::kClearOnDeselect);
    heap.flush(store);
    EXPECT_FALSE(heap.has_changes());

    Heap again(map, memory);
    ASSERT_TRUE(again.load(store));
    EXPECT_EQ(again.find(kept)->data, from_hex("010203"));
    EXPECT_EQ(again.find(kept)->owner, kAlice);
    EXPECT_EQ(again.find(transient)->data, from_hex("0000"));
    EXPECT_EQ(again.persistent_used(), heap.persistent_used());
    EXPECT_EQ(again.transient_used(), heap.transient_used());
}

TEST_F(HeapTest, StoresNothingThatDidNotChange) {
    auto first = bytes(from_hex("01"));
    (void)bytes(from_hex("02"));
    heap.flush(store);
    store.map.clear();
    heap.write(first, 0, from_hex("03")).value();
    heap.flush(store);
    EXPECT_EQ(store.map.size(), 1U);
    EXPECT_TRUE(store.map.contains(first));
}

TEST_F(HeapTest, RefusesDamagedRecords) {
    (void)bytes(from_hex("010203"));
    heap.flush(store);
    auto record = store.map.begin()->second;
    for (std::size_t size = 0; size < record.size(); ++size) {
        MapStore cut;
        cut.map[kFirstStoredRef] = Bytes(record.begin(), record.begin() + static_cast<std::ptrdiff_t>(size));
        EXPECT_FALSE(Heap(map, memory).load(cut)) << size;
    }
    MapStore reserved;
    reserved.map[7] = record;
    EXPECT_FALSE(Heap(map, memory).load(reserved));
}

TEST_F(HeapTest, AbortUndoesWritesAndCreations) {
    auto array = bytes(from_hex("0102"));
    heap.begin_transaction().value();
    heap.write(array, 0, from_hex("AA")).value();
    heap.write(array, 0, from_hex("BB")).value();
    heap.write(array, 1, from_hex("CC")).value();
    auto made = bytes(from_hex("09"));
    heap.abort_transaction().value();
    EXPECT_EQ(heap.find(array)->data, from_hex("0102"));
    EXPECT_EQ(heap.find(made), nullptr);
    EXPECT_NE(bytes(from_hex("08")), made);  // the number is not used again yet
    heap.reuse_vanished();
    heap.flush(store);
    EXPECT_FALSE(store.map.contains(made));
}

TEST_F(HeapTest, CommitKeepsWrites) {
    auto array = bytes(from_hex("0102"));
    heap.begin_transaction().value();
    heap.write(array, 0, from_hex("AA")).value();
    heap.commit_transaction().value();
    EXPECT_EQ(heap.find(array)->data, from_hex("AA02"));
}

TEST_F(HeapTest, AbortLeavesNonAtomicAndTransientWrites) {
    auto array = bytes(from_hex("0102"));
    auto transient = bytes(from_hex("03"), kAlice, Persistence::kClearOnReset);
    heap.begin_transaction().value();
    heap.prepare_write_non_atomic(array, *heap.find(array));
    heap.find(array)->data[1] = 0xEE;
    heap.write(transient, 0, from_hex("DD")).value();
    heap.abort_transaction().value();
    EXPECT_EQ(heap.find(array)->data, from_hex("01EE"));
    EXPECT_EQ(heap.find(transient)->data, from_hex("DD"));
}

TEST_F(HeapTest, AbortClearsReferencesToWhatVanished) {
    auto holder =
        heap.make_array(ObjectKind::kReferences, 1, kAlice, Persistence::kClearOnReset, {kJavaLang, 0});
    heap.begin_transaction().value();
    heap.write_u16(*holder, 0, bytes(from_hex("01"))).value();
    heap.abort_transaction().value();
    EXPECT_EQ(heap.find(*holder)->u16(0), kNull);
}

TEST_F(HeapTest, RefusesWhatDoesNotFitIntoATransaction) {
    auto array = bytes(Bytes(100));
    heap.begin_transaction().value();
    EXPECT_TRUE(heap.write(array, 0, Bytes(60, 1)));  // 60 and 4 of overhead: exactly the capacity
    auto refused = heap.write(array, 60, from_hex("01"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().exception, exception::kTransaction);
    EXPECT_EQ(refused.error().reason, reason::kBufferFull);
    EXPECT_EQ(heap.find(array)->data[60], 0);
    heap.abort_transaction().value();
    EXPECT_EQ(heap.find(array)->data, Bytes(100));
}

TEST_F(HeapTest, TransactionsDoNotNest) {
    EXPECT_EQ(heap.commit_transaction().error().reason, reason::kNotInProgress);
    EXPECT_EQ(heap.abort_transaction().error().reason, reason::kNotInProgress);
    heap.begin_transaction().value();
    EXPECT_EQ(heap.begin_transaction().error().reason, reason::kInProgress);
}

TEST_F(HeapTest, ClearsTransientContentAtItsEvents) {
    auto reset = bytes(from_hex("01"), kAlice, Persistence::kClearOnReset);
    auto alice = bytes(from_hex("02"), kAlice, Persistence::kClearOnDeselect);
    auto bob = bytes(from_hex("03"), kBob, Persistence::kClearOnDeselect);
    heap.clear_on_deselect(kAlice.context);
    EXPECT_EQ(heap.find(reset)->data, from_hex("01"));
    EXPECT_EQ(heap.find(alice)->data, from_hex("00"));
    EXPECT_EQ(heap.find(bob)->data, from_hex("03"));
    heap.clear_on_reset();
    EXPECT_EQ(heap.find(reset)->data, from_hex("00"));
    EXPECT_EQ(heap.find(bob)->data, from_hex("00"));
}

TEST_F(HeapTest, CollectsWhatCannotBeReached) {
    auto leaf = bytes(from_hex("01"));
    auto root = references({leaf, kNull});
    auto lost = bytes(from_hex("02"));
    auto ring = references({kNull});
    heap.write_u16(ring, 0, ring).value();
    auto used = heap.persistent_used();
    EXPECT_EQ(heap.collect(std::array{root}), 2U);
    EXPECT_NE(heap.find(leaf), nullptr);
    EXPECT_EQ(heap.find(lost), nullptr);
    EXPECT_EQ(heap.find(ring), nullptr);
    EXPECT_EQ(heap.persistent_used(), used - 2 * kObjectHeader - 1 - 2);
}

TEST_F(HeapTest, FindsReferencesFromOutside) {
    auto inside = bytes(from_hex("01"), kAlice);
    auto is_alices = [](const Object& object) { return object.owner == kAlice; };
    (void)references({inside}, kAlice);
    EXPECT_FALSE(heap.is_referenced_from_outside(is_alices));
    (void)references({inside}, kBob);
    EXPECT_TRUE(heap.is_referenced_from_outside(is_alices));
}

TEST_F(HeapTest, SaysWhenMemoryIsFull) {
    memory.limit = kObjectHeader + 3;
    EXPECT_EQ(heap.make_array(ObjectKind::kBytes, 4, kAlice).error().reason, reason::kNoResource);
    EXPECT_TRUE(heap.make_array(ObjectKind::kBytes, 3, kAlice));
    EXPECT_EQ(heap.make_array(ObjectKind::kBytes, 20, kAlice, Persistence::kClearOnReset).error().reason,
              reason::kNoTransientSpace);
}

}  // namespace
}  // namespace oti::javacard
