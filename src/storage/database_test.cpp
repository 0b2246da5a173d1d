// SPDX-License-Identifier: Apache-2.0
#include "storage/database.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

namespace oti::storage {
namespace {

constexpr std::array<std::string_view, 2> kMigrations{
    "CREATE TABLE thing(name TEXT PRIMARY KEY, data BLOB, count INTEGER, weight REAL)",
    "ALTER TABLE thing ADD COLUMN note TEXT",
};

class DatabaseTest : public testing::Test {
  protected:
    DatabaseTest() { std::filesystem::remove_all(folder_), std::filesystem::create_directories(folder_); }
    ~DatabaseTest() override { std::filesystem::remove_all(folder_); }

    Database open(std::size_t migrations = 2) {
        auto database = Database::open(file_, std::span(kMigrations).first(migrations));
        if (!database) throw std::runtime_error(database.error().message);
        return std::move(*database);
    }

    std::filesystem::path folder_ =
        std::filesystem::temp_directory_path() / ("oti-database-" + std::to_string(getpid()));
    std::filesystem::path file_ = folder_ / "test.db";
};

TEST_F(DatabaseTest, KeepsEverySortOfValue) {
    auto database = open();
    ASSERT_TRUE(database.execute("INSERT INTO thing VALUES(?,?,?,?,?)",
                                 {"a", Bytes{0, 1, 255}, std::int64_t{-5}, 2.5, std::monostate{}}));
    ASSERT_TRUE(
        database.execute("INSERT INTO thing VALUES(?,?,?,?,?)", {"b", Bytes{}, std::int64_t{1}, 1.0, "é"}));
    auto rows = database.query("SELECT name,data,count,weight,note FROM thing ORDER BY name");
    ASSERT_TRUE(rows);
    ASSERT_EQ(rows->size(), 2U);
    EXPECT_EQ((*rows)[0].text(0), "a");
    EXPECT_EQ((*rows)[0].bytes(1), (Bytes{0, 1, 255}));
    EXPECT_EQ((*rows)[0].integer(2), -5);
    EXPECT_EQ((*rows)[0].real(3), 2.5);
    EXPECT_TRUE((*rows)[0].is_null(4));
    EXPECT_TRUE((*rows)[1].bytes(1).empty());
    EXPECT_EQ((*rows)[1].text(4), "é");
}

TEST_F(DatabaseTest, IsReadableByItsOwnerOnly) {
    open();
    struct stat status{};
    ASSERT_EQ(stat(file_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(DatabaseTest, AFailedTransactionLeavesNothing) {
    auto database = open();
    auto done = database.transaction([&]() -> Status {
        OTI_CHECK(database.execute("INSERT INTO thing(name) VALUES('a')"));
        return fail(ErrorKind::kInternal, "test", "stop");
    });
    EXPECT_EQ(done.error().code, "test");
    EXPECT_FALSE(*database.query_one("SELECT 1 FROM thing"));
}

TEST_F(DatabaseTest, AppliesEachMigrationOnce) {
    ASSERT_TRUE(open(1).execute("INSERT INTO thing(name) VALUES('old')"));
    auto database = open(2);
    auto row = database.query_one("SELECT name,note FROM thing");
    ASSERT_TRUE(row && *row);
    EXPECT_EQ((*row)->text(0), "old");
    EXPECT_TRUE((*row)->is_null(1));
}

TEST_F(DatabaseTest, RefusesADatabaseOfALaterVersion) {
    open(2);
    auto database = Database::open(file_, std::span(kMigrations).first(1));
    ASSERT_FALSE(database);
    EXPECT_EQ(database.error().code, "db.newer");
}

TEST_F(DatabaseTest, ReportsAWrongStatementAndAMissingFolder) {
    auto database = open();
    EXPECT_EQ(database.query("SELECT nothing FROM nowhere").error().code, "db.failed");
    EXPECT_EQ(Database::open(folder_ / "no" / "where.db", {}).error().code, "db.open");
}

}  // namespace
}  // namespace oti::storage
