// SPDX-License-Identifier: Apache-2.0
#include "cli/remote.h"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>

#include "cli/files.h"

namespace oti::cli {
namespace {

constexpr std::chrono::minutes kCallTime{10};

/// A list that a server gives: a heading, and one line for each of its objects.
Result<json::object> list(const RemoteOptions& options, const std::string& target, std::string_view member,
                          const std::vector<std::string_view>& columns, Output& output) {
    OTI_TRY(auto remote, Remote::connect(options));
    OTI_TRY(auto answer, remote.call("GET", target));
    OTI_TRY(const auto* rows, api::array(answer, member));
    std::vector<std::vector<std::string>> lines{{columns.begin(), columns.end()}};
    for (const auto& row : *rows) {
        auto& line = lines.emplace_back();
        for (auto column : columns) line.push_back(field(row.as_object(), column));
    }
    std::vector<std::size_t> widths(columns.size());
    for (const auto& line : lines) {
        for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
    }
    for (const auto& line : lines) {
        std::string text;
        for (std::size_t i = 0; i < line.size(); ++i) text += fmt::format("{:{}}  ", line[i], widths[i]);
        output.say(text.substr(0, text.find_last_not_of(' ') + 1));
    }
    return answer;
}

}  // namespace

std::string field(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains({key.data(), key.size()});
    if (value == nullptr) return "";
    if (value->is_string()) return std::string(value->get_string());
    return value->is_double() ? fmt::format("{:.2f}", value->get_double()) : json::serialize(*value);
}

void add_remote_options(CLI::App& command, RemoteOptions& options, const std::string& server_variable) {
    command.add_option("--identity", options.identity, "folder with ca.pem, certificate.pem and key.pem")
        ->required()
        ->envname("OTI_IDENTITY");
    command.add_option("--server", options.server, "https URL of the server")
        ->required()
        ->envname(server_variable);
}

Result<Remote> Remote::connect(const RemoteOptions& options) {
    OTI_TRY(auto identity, load_identity(options.identity));
    OTI_TRY(auto url, net::Url::parse(options.server));
    return Remote(std::move(identity), std::move(url));
}

Remote::Remote(net::TlsIdentity identity, net::Url server)
    : io_(std::make_unique<boost::asio::io_context>(1)),
      client_(std::make_unique<api::Client>(io_->get_executor(), std::move(identity), std::move(server))) {}

Result<json::object> Remote::wait_for(net::Task<Result<json::object>> task) {
    std::optional<Result<json::object>> answer;
    boost::asio::co_spawn(*io_, std::move(task),
                          [&](const std::exception_ptr& thrown, Result<json::object> result) {
                              if (thrown) std::rethrow_exception(thrown);
                              answer = std::move(result);
                          });
    // The connection stays for the next call, so the loop may have more to do than this.
    io_->restart();
    while (!answer) io_->run_one();
    return std::move(*answer);
}

Result<json::object> Remote::call(std::string method, std::string target, json::value body) {
    return wait_for(
        client_->call(std::move(method), std::move(target), std::move(body), net::after(kCallTime)));
}

Result<json::object> Remote::send(std::string method, std::string target, Bytes body) {
    return wait_for(client_->send(std::move(method), std::move(target), "application/octet-stream",
                                  std::move(body), net::after(kCallTime)));
}

Result<json::object> follow_job(Remote& provider, std::int64_t id, Output& output) {
    std::string told;
    auto tell = [&](const std::string& why) {
        if (why != told) output.say(why);
        told = why;
    };
    auto target = fmt::format("/api/v1/jobs/{}?wait=5000{}", id, output.shows_progress() ? "" : "&until=end");
    while (true) {
        OTI_TRY(auto job, provider.call("GET", target));
        OTI_TRY(auto state, api::text(job, "state"));
        if (state == "failed") {
            const auto* error = job.if_contains("error");
            if (error != nullptr && error->is_object())
                return std::unexpected(api::error_of(error->get_object()));
            return fail(ErrorKind::kInternal, "job.failed", "the job has failed");
        }
        if (state == "done") return job;
        OTI_TRY(auto bearer, api::text_or_empty(job, "bearer"));
        bool connected = bearer != "oti" || api::boolean_or_false(job, "connected").value_or(false);
        OTI_TRY(auto waiting, api::text_or_empty(job, "waiting"));
        if (!connected) {
            tell("the phone is not connected; the job waits for it");
        } else if (!waiting.empty()) {
            tell("the job waits " + waiting);
        }
        if (const auto* progress = job.if_contains("progress");
            progress != nullptr && progress->is_object()) {
            const auto& object = progress->get_object();
            OTI_TRY(auto done, api::integer(object, "done"));
            OTI_TRY(auto total, api::integer(object, "total"));
            OTI_TRY(auto step, api::text(object, "step"));
            output.progress(static_cast<std::size_t>(done), static_cast<std::size_t>(total), step);
        }
    }
}

void add_list(Commands& commands, std::string_view noun, std::string description,
              const std::string& server_variable, std::string target, std::string member,
              std::vector<std::string_view> columns) {
    auto options = std::make_shared<RemoteOptions>();
    auto* command = commands.noun(noun, "").add_subcommand("list", std::move(description));
    add_remote_options(*command, *options, server_variable);
    commands.verb(*command, [=](Output& output) { return list(*options, target, member, columns, output); });
}

}  // namespace oti::cli
