// SPDX-License-Identifier: Apache-2.0
#include "card/nvm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "card/disk_nvm_file.h"
#include "card/memory_nvm_file.h"

namespace oti::card {
namespace {

using State = std::map<std::string, std::string>;

State state_of(const Nvm& nvm) {
    State state;
    nvm.for_each("",
                 [&](std::string_view key, BytesView value) { state[std::string(key)] = as_text(value); });
    return state;
}

void put(Nvm& nvm, std::string_view key, std::string_view value) {
    nvm.put(key, to_bytes(as_bytes(value)));
}

Result<Nvm> open(const std::shared_ptr<MemoryMedium>& medium) {
    return Nvm::open(std::make_unique<MemoryNvmFile>(medium));
}

/// What an SE does in its life: values come, grow, change together and go.
const std::vector<std::function<void(Nvm&)>> kTransactions{
    [](Nvm& nvm) { put(nvm, "registry/isd", "selected"); },
    [](Nvm& nvm) {
        put(nvm, "key/30/1", "0123456789abcdef");
        put(nvm, "key/30/2", "fedcba9876543210");
        put(nvm, "counter", "000000");
    },
    [](Nvm& nvm) { put(nvm, "counter", "000001"); },
    [](Nvm& nvm) {
        put(nvm, "load/1", std::string(300, 'x'));
        put(nvm, "empty", "");
        nvm.erase("registry/isd");
    },
    [](Nvm& nvm) {
        nvm.erase("load/1");
        nvm.erase("empty");
        put(nvm, "counter", "000002");
    },
    [](Nvm& nvm) { put(nvm, "registry/isd", "secured"); },
};

/// The states before the first transaction, and after each.
std::vector<State> states() {
    auto medium = std::make_shared<MemoryMedium>();
    auto nvm = open(medium).value();
    std::vector<State> all{state_of(nvm)};
    for (const auto& transaction : kTransactions) {
        transaction(nvm);
        EXPECT_TRUE(nvm.commit());
        all.push_back(state_of(nvm));
    }
    return all;
}

std::string error_code(const auto& result) {
    return result ? "" : result.error().code;
}

TEST(Nvm, ReadsBackWhatWasCommitted) {
    auto medium = std::make_shared<MemoryMedium>();
    auto expected = states();
    for (std::size_t n = 0; n < kTransactions.size(); ++n) {
        auto nvm = open(medium).value();
        EXPECT_EQ(state_of(nvm), expected[n]);
        kTransactions[n](nvm);
        ASSERT_TRUE(nvm.commit());
    }
    EXPECT_EQ(state_of(open(medium).value()), expected.back());
}

TEST(Nvm, AfterACutAtAnyByteTheStateIsBeforeOrAfterTheTransactionAndWorkGoesOn) {
    const auto expected = states();
    auto whole = std::make_shared<MemoryMedium>();
    {
        auto nvm = open(whole).value();
        for (const auto& transaction : kTransactions) {
            transaction(nvm);
            ASSERT_TRUE(nvm.commit());
        }
    }
    ASSERT_GT(whole->bytes_written, 500U);
    for (std::uint64_t cut = 0; cut <= whole->bytes_written; ++cut) {
        SCOPED_TRACE(cut);
        auto medium = std::make_shared<MemoryMedium>();
        medium->bytes_until_cut = cut;
        std::size_t done = 0;
        {
            auto nvm = open(medium).value();
            while (done < kTransactions.size()) {
                kTransactions[done](nvm);
                if (!nvm.commit()) break;
                ++done;
            }
            if (done == kTransactions.size()) continue;
            EXPECT_EQ(state_of(nvm), expected[done]) << "a failed commit leaves its changes in memory";
        }
        medium->restore_power();
        auto nvm = open(medium);
        ASSERT_TRUE(nvm) << nvm.error().message;
        auto state = state_of(*nvm);
        bool after = state == expected[done + 1];
        ASSERT_TRUE(after || state == expected[done]);
        for (auto n = done + (after ? 1 : 0); n < kTransactions.size(); ++n) {
            kTransactions[n](*nvm);
            ASSERT_TRUE(nvm->commit());
        }
        EXPECT_EQ(state_of(*nvm), expected.back());
        EXPECT_EQ(state_of(open(medium).value()), expected.back());
    }
}

TEST(Nvm, GoesOnAfterAFailedWriteWithoutReopening) {
    const auto expected = states();
    for (std::uint64_t cut = 0; cut < 400; cut += 7) {
        SCOPED_TRACE(cut);
        auto medium = std::make_shared<MemoryMedium>();
        auto nvm = open(medium).value();
        medium->bytes_until_cut = cut;
        for (const auto& transaction : kTransactions) {
            transaction(nvm);
            if (nvm.commit()) continue;
            medium->restore_power();
            transaction(nvm);
            ASSERT_TRUE(nvm.commit());
        }
        EXPECT_EQ(state_of(nvm), expected.back());
        EXPECT_EQ(state_of(open(medium).value()), expected.back());
    }
}

TEST(Nvm, ACutDuringCompactionLosesNothing) {
    auto medium = std::make_shared<MemoryMedium>();
    auto nvm = open(medium).value();
    std::uint64_t before = 0;
    int n = 0;
    // Until the file would shrink for the first time, a write fails; then its content still is the old one.
    for (;; ++n) {
        before = medium->content.size();
        auto old = *medium;
        put(nvm, "value", std::string(3000, static_cast<char>('a' + n % 26)));
        ASSERT_TRUE(nvm.commit());
        if (medium->content.size() >= before) continue;

        for (std::uint64_t cut : {0U, 1U, 1500U, 3000U}) {
            auto broken = std::make_shared<MemoryMedium>(old);
            auto again = open(broken).value();
            broken->bytes_until_cut = cut;
            put(again, "value", "last");
            put(again, "more", std::string(3000, 'm'));
            EXPECT_EQ(error_code(again.commit()), "nvm.power");
            broken->restore_power();
            auto reopened = open(broken).value();
            EXPECT_EQ(as_text(*reopened.get("value")),
                      std::string(3000, static_cast<char>('a' + (n - 1) % 26)));
            EXPECT_FALSE(reopened.contains("more"));
        }
        break;
    }
    EXPECT_LT(medium->content.size(), 4000U);
    EXPECT_EQ(as_text(*open(medium).value().get("value")),
              std::string(3000, static_cast<char>('a' + n % 26)));
}

TEST(Nvm, RollbackBringsBackWhatStoodBefore) {
    auto medium = std::make_shared<MemoryMedium>();
    auto nvm = open(medium).value();
    put(nvm, "a", "1");
    put(nvm, "b", "2");
    ASSERT_TRUE(nvm.commit());
    auto writes = medium->writes;
    auto used = nvm.bytes_used();

    put(nvm, "a", "other");
    put(nvm, "a", "and another");
    nvm.erase("b");
    put(nvm, "c", "new");
    EXPECT_TRUE(nvm.has_changes());
    EXPECT_EQ(state_of(nvm), (State{{"a", "and another"}, {"c", "new"}}));
    nvm.rollback();
    EXPECT_FALSE(nvm.has_changes());
    EXPECT_EQ(state_of(nvm), (State{{"a", "1"}, {"b", "2"}}));
    EXPECT_EQ(nvm.bytes_used(), used);
    ASSERT_TRUE(nvm.commit());
    EXPECT_EQ(medium->writes, writes);
}

TEST(Nvm, WritesNothingForChangesThatCancelOut) {
    auto medium = std::make_shared<MemoryMedium>();
    auto nvm = open(medium).value();
    put(nvm, "a", "1");
    ASSERT_TRUE(nvm.commit());
    auto writes = medium->writes;
    auto payload = nvm.bytes_written();
    put(nvm, "a", "2");
    put(nvm, "a", "1");
    put(nvm, "b", "x");
    nvm.erase("b");
    nvm.erase("absent");
    ASSERT_TRUE(nvm.commit());
    EXPECT_EQ(medium->writes, writes);
    EXPECT_EQ(nvm.bytes_written(), payload);
}

TEST(Nvm, CountsThePayloadOfTransactions) {
    auto nvm = Nvm::open(std::make_unique<MemoryNvmFile>()).value();
    put(nvm, "k", std::string(239, 'x'));
    ASSERT_TRUE(nvm.commit());
    EXPECT_EQ(nvm.bytes_written(), 1 + 2 + 1 + 4 + 239U);
    EXPECT_EQ(nvm.bytes_used(), 240U);
}

TEST(Nvm, ListsKeysOfAPrefixInOrder) {
    auto nvm = Nvm::open(std::make_unique<MemoryNvmFile>()).value();
    for (auto key : {"b/2", "a/1", "b/10", "b", "c/1", "b/1"}) put(nvm, key, key);
    std::vector<std::string> keys;
    nvm.for_each("b/", [&](std::string_view key, BytesView) { keys.emplace_back(key); });
    EXPECT_THAT(keys, testing::ElementsAre("b/1", "b/10", "b/2"));
}

TEST(Nvm, FindsEveryChangedByteBeforeTheEnd) {
    auto medium = std::make_shared<MemoryMedium>();
    auto nvm = open(medium).value();
    for (const auto& transaction : kTransactions) {
        transaction(nvm);
        ASSERT_TRUE(nvm.commit());
    }
    for (std::size_t at = 0; at < medium->content.size(); ++at) {
        auto copy = std::make_shared<MemoryMedium>(MemoryMedium{.content = medium->content});
        copy->content[at] ^= 0x10;
        EXPECT_EQ(error_code(open(copy)), at < 8 ? "se.format" : "se.damaged") << "byte " << at;
    }
}

TEST(Nvm, FindsARecordThatWasTakenOutOrRepeated) {
    auto medium = std::make_shared<MemoryMedium>();
    auto nvm = open(medium).value();
    std::vector<std::size_t> ends;
    for (const auto& transaction : kTransactions) {
        transaction(nvm);
        ASSERT_TRUE(nvm.commit());
        ends.push_back(medium->content.size());
    }
    auto at = [&](std::size_t end) { return medium->content.begin() + static_cast<std::ptrdiff_t>(end); };
    auto without = std::make_shared<MemoryMedium>(MemoryMedium{.content = medium->content});
    without->content.erase(without->content.begin() + static_cast<std::ptrdiff_t>(ends[1]),
                           without->content.begin() + static_cast<std::ptrdiff_t>(ends[2]));
    EXPECT_EQ(error_code(open(without)), "se.damaged");
    auto twice = std::make_shared<MemoryMedium>(MemoryMedium{.content = medium->content});
    twice->content.insert(twice->content.end(), at(ends[4]), at(ends[5]));
    EXPECT_EQ(error_code(open(twice)), "se.damaged");
}

TEST(Nvm, TakesATailOfZerosForAnUnfinishedWrite) {
    auto medium = std::make_shared<MemoryMedium>();
    auto nvm = open(medium).value();
    put(nvm, "a", "1");
    ASSERT_TRUE(nvm.commit());
    auto good = medium->content.size();
    put(nvm, "a", "2");
    ASSERT_TRUE(nvm.commit());
    for (auto from = good; from < medium->content.size(); ++from) {
        auto copy = std::make_shared<MemoryMedium>(MemoryMedium{.content = medium->content});
        std::fill(copy->content.begin() + static_cast<std::ptrdiff_t>(from), copy->content.end(), 0);
        auto reopened = open(copy);
        if (from > good && from < good + 8 && !reopened) continue;  // half of a head: damage or cut
        if (from > medium->content.size() - 8) continue;            // half of a check: damage
        ASSERT_TRUE(reopened) << from;
        EXPECT_EQ(as_text(*reopened->get("a")), "1");
    }
}

TEST(Nvm, RefusesAFileThatIsNoImage) {
    for (auto text : {"x", "OTI-S", "OTI-SE", "#!/bin/sh\necho hello\n"}) {
        auto medium = std::make_shared<MemoryMedium>(MemoryMedium{.content = to_bytes(as_bytes(text))});
        EXPECT_EQ(error_code(open(medium)), "se.format") << text;
        EXPECT_EQ(as_text(medium->content), text);
    }
    auto later =
        std::make_shared<MemoryMedium>(MemoryMedium{.content = concat(as_bytes("OTI-SE"), Bytes{0, 3})});
    EXPECT_EQ(error_code(open(later)), "se.format");
}

class DiskNvm : public testing::Test {
  protected:
    void SetUp() override {
        folder_ = std::filesystem::temp_directory_path() /
                  ("oti-nvm-" + std::to_string(::getpid()) + "-" +
                   testing::UnitTest::GetInstance()->current_test_info()->name());
        std::filesystem::remove_all(folder_);
        std::filesystem::create_directories(folder_);
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::filesystem::path image() const { return folder_ / "card.se"; }
    std::filesystem::path folder_;
};

TEST_F(DiskNvm, KeepsItsStateOverReopening) {
    const auto expected = states();
    {
        auto nvm = Nvm::open(DiskNvmFile::create(image()).value()).value();
        EXPECT_EQ(state_of(nvm), expected[0]);
    }
    for (std::size_t n = 0; n < kTransactions.size(); ++n) {
        auto nvm = Nvm::open(DiskNvmFile::open(image()).value()).value();
        EXPECT_EQ(state_of(nvm), expected[n]);
        kTransactions[n](nvm);
        ASSERT_TRUE(nvm.commit());
    }
    EXPECT_EQ(state_of(Nvm::open(DiskNvmFile::open(image()).value()).value()), expected.back());
    EXPECT_EQ(std::filesystem::status(image()).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(DiskNvm, IsBusyWhileItIsOpenAlsoAfterItWasReplaced) {
    auto nvm = Nvm::open(DiskNvmFile::create(image()).value()).value();
    EXPECT_EQ(error_code(DiskNvmFile::open(image())), "se.busy");
    put(nvm, "a", "1");
    ASSERT_TRUE(nvm.commit());  // the first commit replaces the file
    EXPECT_EQ(error_code(DiskNvmFile::open(image())), "se.busy");
}

TEST_F(DiskNvm, SaysWhatIsWrongWithTheName) {
    EXPECT_EQ(error_code(DiskNvmFile::open(image())), "se.missing");
    EXPECT_EQ(error_code(DiskNvmFile::create(folder_ / "no" / "such" / "folder")), "se.io");
    std::ofstream(image()) << "a text";
    EXPECT_EQ(error_code(DiskNvmFile::create(image())), "se.exists");
    EXPECT_EQ(error_code(Nvm::open(DiskNvmFile::open(image()).value())), "se.format");
}

TEST_F(DiskNvm, IgnoresTheRestOfAReplacementThatWasCut) {
    std::ofstream(image().string() + ".new") << "half of something";
    auto nvm = Nvm::open(DiskNvmFile::create(image()).value()).value();
    put(nvm, "a", "1");
    ASSERT_TRUE(nvm.commit());
    EXPECT_FALSE(std::filesystem::exists(image().string() + ".new"));
    EXPECT_EQ(as_text(*nvm.get("a")), "1");
}

}  // namespace
}  // namespace oti::card
