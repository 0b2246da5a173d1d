// SPDX-License-Identifier: Apache-2.0
#include "storage/database.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

namespace oti::storage {
namespace {

Value column(sqlite3_stmt* statement, int index) {
    switch (sqlite3_column_type(statement, index)) {
        case SQLITE_INTEGER:
            return sqlite3_column_int64(statement, index);
        case SQLITE_FLOAT:
            return sqlite3_column_double(statement, index);
        case SQLITE_NULL:
            return std::monostate{};
        default:
            break;
    }
    const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement, index));
    auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, index));
    BytesView view(data, size);
    if (sqlite3_column_type(statement, index) == SQLITE_TEXT) return as_text(view);
    return to_bytes(view);
}

/// A statement gives its locks back, however its use ends.
struct ResetLater {
    sqlite3_stmt* statement;
    explicit ResetLater(sqlite3_stmt* of) : statement(of) {}
    ResetLater(const ResetLater&) = delete;
    ResetLater& operator=(const ResetLater&) = delete;
    ~ResetLater() {
        sqlite3_reset(statement);
        sqlite3_clear_bindings(statement);
    }
};

}  // namespace

void Database::Close::operator()(sqlite3* database) const {
    sqlite3_close_v2(database);
}

void Database::Finalize::operator()(sqlite3_stmt* statement) const {
    sqlite3_finalize(statement);
}

double Row::real(std::size_t column) const {
    const auto& value = values_.at(column);
    if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
    return std::get<double>(value);
}

Result<Database> Database::open(const std::filesystem::path& file,
                                std::span<const std::string_view> migrations) {
    // SQLite would make the file readable for everybody.
    int fd = ::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0) {
        return fail(ErrorKind::kIo, "db.open", "cannot open the database " + file.string(),
                    "check that the folder exists and may be written");
    }
    ::close(fd);
    Database database;
    sqlite3* raw = nullptr;
    int code = sqlite3_open_v2(file.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX, nullptr);
    database.database_.reset(raw);
    if (code != SQLITE_OK) return database.failed("open " + file.string());
    sqlite3_busy_timeout(raw, 5000);
    OTI_CHECK(
        database.run_script("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"));
    OTI_CHECK(database.migrate(migrations));
    return database;
}

Status Database::migrate(std::span<const std::string_view> migrations) {
    OTI_TRY(auto row, query_one("PRAGMA user_version"));
    auto applied = static_cast<std::size_t>(row->integer(0));
    if (applied > migrations.size()) {
        return fail(ErrorKind::kUsage, "db.newer",
                    "the database was written by a later version of this program",
                    "use that version, or another database");
    }
    for (auto version = applied; version < migrations.size(); ++version) {
        OTI_CHECK(transaction([&]() -> Status {
            OTI_CHECK(run_script(migrations[version]));
            return run_script(fmt::format("PRAGMA user_version={}", version + 1));
        }));
    }
    return {};
}

Status Database::run_script(std::string_view sql) {
    if (sqlite3_exec(database_.get(), std::string(sql).c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
        return failed("run a script");
    }
    return {};
}

std::unexpected<Error> Database::failed(std::string_view doing) const {
    return fail(ErrorKind::kIo, "db.failed",
                fmt::format("the database failed to {}: {}", doing, sqlite3_errmsg(database_.get())));
}

Result<sqlite3_stmt*> Database::prepared(std::string_view sql) {
    if (auto found = statements_.find(sql); found != statements_.end()) return found->second.get();
    sqlite3_stmt* raw = nullptr;
    if (sqlite3_prepare_v3(database_.get(), sql.data(), static_cast<int>(sql.size()),
                           SQLITE_PREPARE_PERSISTENT, &raw, nullptr) != SQLITE_OK) {
        return failed("prepare a statement");
    }
    return statements_.emplace(sql, Statement(raw)).first->second.get();
}

Status Database::bind(sqlite3_stmt* statement, const std::vector<Value>& values) {
    int index = 0;
    for (const auto& value : values) {
        ++index;
        int code = SQLITE_OK;
        if (const auto* integer = std::get_if<std::int64_t>(&value)) {
            code = sqlite3_bind_int64(statement, index, *integer);
        } else if (const auto* real = std::get_if<double>(&value)) {
            code = sqlite3_bind_double(statement, index, *real);
        } else if (const auto* text = std::get_if<std::string>(&value)) {
            code = sqlite3_bind_text(statement, index, text->data(), static_cast<int>(text->size()),
                                     SQLITE_TRANSIENT);
        } else if (const auto* bytes = std::get_if<Bytes>(&value)) {
            // No pointer would mean NULL, and an empty value is not NULL.
            const void* data = bytes->empty() ? static_cast<const void*>("") : bytes->data();
            code =
                sqlite3_bind_blob(statement, index, data, static_cast<int>(bytes->size()), SQLITE_TRANSIENT);
        } else {
            code = sqlite3_bind_null(statement, index);
        }
        if (code != SQLITE_OK) return failed("bind a value");
    }
    return {};
}

Result<std::vector<Row>> Database::query(std::string_view sql, const std::vector<Value>& values) {
    std::lock_guard lock(*mutex_);
    OTI_TRY(auto* statement, prepared(sql));
    ResetLater reset(statement);
    OTI_CHECK(bind(statement, values));
    std::vector<Row> rows;
    while (true) {
        int code = sqlite3_step(statement);
        if (code == SQLITE_DONE) return rows;
        if (code != SQLITE_ROW) return failed("run a statement");
        int count = sqlite3_column_count(statement);
        std::vector<Value> columns;
        columns.reserve(static_cast<std::size_t>(count));
        for (int n = 0; n < count; ++n) columns.push_back(column(statement, n));
        rows.emplace_back(std::move(columns));
    }
}

Result<std::int64_t> Database::execute(std::string_view sql, const std::vector<Value>& values) {
    std::lock_guard lock(*mutex_);
    OTI_CHECK(query(sql, values));
    return sqlite3_changes64(database_.get());
}

Result<std::optional<Row>> Database::query_one(std::string_view sql, const std::vector<Value>& values) {
    OTI_TRY(auto rows, query(sql, values));
    if (rows.empty()) return std::nullopt;
    return std::move(rows.front());
}

Status Database::transaction(const std::function<Status()>& work) {
    std::lock_guard lock(*mutex_);
    bool is_part_of_another = sqlite3_get_autocommit(database_.get()) == 0;
    if (is_part_of_another) return work();
    OTI_CHECK(run_script("BEGIN IMMEDIATE"));
    auto done = work();
    if (done) done = run_script("COMMIT");
    if (!done) (void)run_script("ROLLBACK");
    return done;
}

}  // namespace oti::storage
