// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/json.h"
#include "manager/conversation.h"
#include "storage/database.h"

namespace oti::sp {

enum class Action { kInstall, kUpdate, kDelete };
/// The way to the secure element: over the internet; by short messages where the phone has none; or in a call
/// of the card's (SCP81), which a short message brings about.
enum class Bearer { kOti, kOta, kBip };
/// A job that is running is still queued here: so it is begun again when the program has ended meanwhile.
enum class JobState { kQueued, kDone, kFailed };

std::string_view name(Action action);
Result<Action> parse_action(std::string_view name);
std::string_view name(Bearer bearer);
Result<Bearer> parse_bearer(std::string_view name);
std::string_view name(JobState state);

/// A wish for one application on one secure element, and what became of it.
struct Job {
    std::int64_t id = 0;
    std::string se_id;
    Action action = Action::kInstall;
    std::string application;
    std::string version;  ///< empty for a deletion
    Bearer bearer = Bearer::kOti;
    bool lockstep = false;
    JobState state = JobState::kQueued;
    manager::Delivery delivery = {};  ///< of the last attempt
    std::optional<Error> error = {};

    api::json::object to_json() const;
};

/// Jobs, and the desired state that they make: recorded together, before anything is done.
class Jobs {
  public:
    static constexpr std::string_view kMigration = R"sql(
        CREATE TABLE job(
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            se_id TEXT NOT NULL,
            action TEXT NOT NULL,
            application TEXT NOT NULL,
            version TEXT NOT NULL,
            lockstep INTEGER NOT NULL,
            state TEXT NOT NULL,
            created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
            seconds REAL NOT NULL DEFAULT 0,
            apdus INTEGER NOT NULL DEFAULT 0,
            round_trips INTEGER NOT NULL DEFAULT 0,
            bytes_up INTEGER NOT NULL DEFAULT 0,
            bytes_down INTEGER NOT NULL DEFAULT 0,
            error TEXT);
        CREATE INDEX job_by_state ON job(state, se_id);
        CREATE TABLE desired(
            se_id TEXT NOT NULL,
            application TEXT NOT NULL,
            version TEXT NOT NULL,         -- empty: it shall not be there
            PRIMARY KEY(se_id, application));
    )sql";

    static constexpr std::string_view kBearerMigration = R"sql(
        ALTER TABLE job ADD COLUMN bearer TEXT NOT NULL DEFAULT 'oti';
        ALTER TABLE job ADD COLUMN messages INTEGER NOT NULL DEFAULT 0;
    )sql";

    explicit Jobs(storage::Database& database) : database_(&database) {}

    /// Records the job and the desired state. `version` is that of the catalogue.
    Result<Job> add(Job job);
    Result<Job> find(std::int64_t id) const;
    /// The newest first.
    Result<std::vector<Job>> list(std::size_t limit) const;
    Result<std::optional<Job>> next_queued(const std::string& se_id) const;
    /// The secure elements with work to do.
    Result<std::vector<std::string>> elements_with_work() const;
    Status record(const Job& job);
    /// Records a job that has failed for good, and withdraws its wish, so that it stands in no other's way.
    Status give_up(const Job& job);

    struct Desired {
        std::string application;
        std::string version;  ///< empty: it shall not be there
    };
    Result<std::vector<Desired>> desired(const std::string& se_id) const;
    /// Deletions that have been done need not be wished for any more.
    Status forget_deleted(const std::string& se_id);

  private:
    storage::Database* database_;
};

}  // namespace oti::sp
