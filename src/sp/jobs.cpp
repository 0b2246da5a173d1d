// SPDX-License-Identifier: Apache-2.0
#include "sp/jobs.h"

#include <fmt/format.h>

#include <array>

namespace oti::sp {
namespace {

constexpr std::array<std::string_view, 3> kActions{"install", "update", "delete"};
constexpr std::array<std::string_view, 3> kBearers{"oti", "ota", "bip"};
constexpr std::array<std::string_view, 3> kStates{"queued", "done", "failed"};
constexpr std::string_view kColumns =
    "id,se_id,action,application,version,lockstep,state,seconds,apdus,round_trips,bytes_up,bytes_down,error,"
    "bearer,messages";

template <typename Enum, std::size_t size>
Result<Enum> parse(const std::array<std::string_view, size>& names, std::string_view name,
                   std::string_view what) {
    auto found = std::ranges::find(names, name);
    if (found == names.end()) {
        return fail(ErrorKind::kUsage, "api.invalid", fmt::format("'{}' is no {}", name, what));
    }
    return static_cast<Enum>(found - names.begin());
}

Result<Job> job_of(const storage::Row& row) {
    Job job;
    job.id = row.integer(0);
    job.se_id = row.text(1);
    OTI_TRY(job.action, parse_action(row.text(2)));
    job.application = row.text(3);
    job.version = row.text(4);
    job.lockstep = row.integer(5) != 0;
    OTI_TRY(job.state, parse<JobState>(kStates, row.text(6), "state"));
    job.delivery.seconds = std::chrono::duration<double>(row.real(7));
    job.delivery.traffic.apdus = static_cast<std::size_t>(row.integer(8));
    job.delivery.traffic.scripts = static_cast<std::size_t>(row.integer(9));
    job.delivery.bytes_up = static_cast<std::uint64_t>(row.integer(10));
    job.delivery.bytes_down = static_cast<std::uint64_t>(row.integer(11));
    if (!row.is_null(12)) {
        OTI_TRY(auto error, api::parse_object(as_bytes(row.text(12))));
        job.error = api::error_of(error);
    }
    OTI_TRY(job.bearer, parse_bearer(row.text(13)));
    job.delivery.messages = static_cast<std::size_t>(row.integer(14));
    return job;
}

}  // namespace

std::string_view name(Action action) {
    return kActions.at(static_cast<std::size_t>(action));
}
Result<Action> parse_action(std::string_view name) {
    return parse<Action>(kActions, name, "action");
}
std::string_view name(Bearer bearer) {
    return kBearers.at(static_cast<std::size_t>(bearer));
}
Result<Bearer> parse_bearer(std::string_view name) {
    return parse<Bearer>(kBearers, name, "bearer");
}
std::string_view name(JobState state) {
    return kStates.at(static_cast<std::size_t>(state));
}

api::json::object Job::to_json() const {
    api::json::object object{{"id", id},
                             {"se_id", se_id},
                             {"action", name(action)},
                             {"application", application},
                             {"version", version},
                             {"bearer", name(bearer)},
                             {"state", name(state)},
                             {"seconds", delivery.seconds.count()},
                             {"apdus", delivery.traffic.apdus},
                             {"round_trips", delivery.traffic.scripts},
                             {"bytes_up", delivery.bytes_up},
                             {"bytes_down", delivery.bytes_down}};
    if (bearer != Bearer::kOti) object["messages"] = delivery.messages;
    if (error) object["error"] = api::to_json(*error);
    return object;
}

Result<Job> Jobs::add(Job job) {
    OTI_CHECK(database_->transaction([&]() -> Status {
        OTI_CHECK(
            database_->execute("INSERT INTO desired(se_id,application,version) VALUES(?,?,?) "
                               "ON CONFLICT DO UPDATE SET version=excluded.version",
                               {job.se_id, job.application, job.version}));
        OTI_TRY(auto row, database_->query_one(
                              "INSERT INTO job(se_id,action,application,version,lockstep,bearer,state) "
                              "VALUES(?,?,?,?,?,?,'queued') RETURNING id",
                              {job.se_id, std::string(name(job.action)), job.application, job.version,
                               std::int64_t{job.lockstep ? 1 : 0}, std::string(name(job.bearer))}));
        job.id = row->integer(0);
        return {};
    }));
    return job;
}

Result<Job> Jobs::find(std::int64_t id) const {
    OTI_TRY(auto row, database_->query_one(fmt::format("SELECT {} FROM job WHERE id=?", kColumns), {id}));
    if (!row) return fail(ErrorKind::kUsage, "job.unknown", fmt::format("there is no job {}", id));
    return job_of(*row);
}

Result<std::vector<Job>> Jobs::list(std::size_t limit) const {
    OTI_TRY(auto rows, database_->query(fmt::format("SELECT {} FROM job ORDER BY id DESC LIMIT ?", kColumns),
                                        {static_cast<std::int64_t>(limit)}));
    std::vector<Job> jobs;
    for (const auto& row : rows) {
        OTI_TRY(auto job, job_of(row));
        jobs.push_back(std::move(job));
    }
    return jobs;
}

Result<std::optional<Job>> Jobs::next_queued(const std::string& se_id) const {
    OTI_TRY(
        auto row,
        database_->query_one(
            fmt::format("SELECT {} FROM job WHERE state='queued' AND se_id=? ORDER BY id LIMIT 1", kColumns),
            {se_id}));
    if (!row) return std::nullopt;
    return job_of(*row);
}

Result<std::vector<std::string>> Jobs::elements_with_work() const {
    OTI_TRY(auto rows, database_->query("SELECT DISTINCT se_id FROM job WHERE state='queued'"));
    std::vector<std::string> elements;
    for (const auto& row : rows) elements.push_back(row.text(0));
    return elements;
}

Status Jobs::record(const Job& job) {
    storage::Value error = std::monostate{};
    if (job.error) error = api::json::serialize(api::to_json(*job.error));
    const auto& delivery = job.delivery;
    OTI_CHECK(database_->execute(
        "UPDATE job SET state=?,seconds=?,apdus=?,round_trips=?,bytes_up=?,bytes_down=?,messages=?,error=? "
        "WHERE id=?",
        {std::string(name(job.state)), delivery.seconds.count(),
         static_cast<std::int64_t>(delivery.traffic.apdus),
         static_cast<std::int64_t>(delivery.traffic.scripts), static_cast<std::int64_t>(delivery.bytes_up),
         static_cast<std::int64_t>(delivery.bytes_down), static_cast<std::int64_t>(delivery.messages),
         std::move(error), job.id}));
    return {};
}

Status Jobs::give_up(const Job& job) {
    return database_->transaction([&]() -> Status {
        // A wish of another version is that of a job that came later.
        OTI_CHECK(database_->execute("DELETE FROM desired WHERE se_id=? AND application=? AND version=?",
                                     {job.se_id, job.application, job.version}));
        return record(job);
    });
}

Result<std::vector<Jobs::Desired>> Jobs::desired(const std::string& se_id) const {
    OTI_TRY(auto rows,
            database_->query("SELECT application,version FROM desired WHERE se_id=? ORDER BY 1", {se_id}));
    std::vector<Desired> all;
    for (const auto& row : rows) all.push_back({row.text(0), row.text(1)});
    return all;
}

Status Jobs::forget_deleted(const std::string& se_id) {
    OTI_CHECK(database_->execute("DELETE FROM desired WHERE se_id=? AND version=''", {se_id}));
    return {};
}

}  // namespace oti::sp
