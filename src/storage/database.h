// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace oti::storage {

/// A value of a column; the first one is NULL.
using Value = std::variant<std::monostate, std::int64_t, double, std::string, Bytes>;

/// One row of an answer. Asking for another type than the column has is a bug and throws.
class Row {
  public:
    explicit Row(std::vector<Value> values) : values_(std::move(values)) {}
    std::int64_t integer(std::size_t column) const { return std::get<std::int64_t>(values_.at(column)); }
    const std::string& text(std::size_t column) const { return std::get<std::string>(values_.at(column)); }
    const Bytes& bytes(std::size_t column) const { return std::get<Bytes>(values_.at(column)); }
    bool is_null(std::size_t column) const { return values_.at(column).index() == 0; }
    /// An integer column reads as a real number too.
    double real(std::size_t column) const;

  private:
    std::vector<Value> values_;
};

/// A SQLite database: what `execute` or `transaction` reported as done survives a crash of the process or the
/// machine. Calls block, and may come from any thread, one at a time.
class Database {
  public:
    /// Opens or creates the file (mode 0600), and applies the migrations that it has not seen yet, each one
    /// whole or not at all. Errors: `db.open`, `db.newer` if a later version of this program has written it,
    /// `db.failed`.
    static Result<Database> open(const std::filesystem::path& file,
                                 std::span<const std::string_view> migrations);

    /// A statement without an answer; `?` stand for the values in order. Returns how many rows changed.
    Result<std::int64_t> execute(std::string_view sql, const std::vector<Value>& values = {});
    Result<std::vector<Row>> query(std::string_view sql, const std::vector<Value>& values = {});
    /// The first row, if there is one.
    Result<std::optional<Row>> query_one(std::string_view sql, const std::vector<Value>& values = {});
    /// All that `work` does, or nothing of it if it fails. Within another transaction it is a part of that
    /// one, which fails if whoever began it returns the error.
    Status transaction(const std::function<Status()>& work);

  private:
    struct Close {
        void operator()(sqlite3* database) const;
    };
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };
    using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

    Database() = default;
    Result<sqlite3_stmt*> prepared(std::string_view sql);
    Status bind(sqlite3_stmt* statement, const std::vector<Value>& values);
    Status migrate(std::span<const std::string_view> migrations);
    Status run_script(std::string_view sql);
    std::unexpected<Error> failed(std::string_view doing) const;

    std::unique_ptr<std::recursive_mutex> mutex_ = std::make_unique<std::recursive_mutex>();
    std::unique_ptr<sqlite3, Close> database_;
    std::map<std::string, Statement, std::less<>> statements_;  ///< prepared once, by their text
};

}  // namespace oti::storage
