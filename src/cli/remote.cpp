// SPDX-License-Identifier: Apache-2.0
#include "cli/remote.h"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>

#include "cli/files.h"

namespace oti::cli {
namespace {

constexpr std::chrono::minutes kCallTime{10};

}  // namespace

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
    bool told = false;
    while (true) {
        OTI_TRY(auto job, provider.call("GET", fmt::format("/api/v1/jobs/{}?wait=5000", id)));
        OTI_TRY(auto state, api::text(job, "state"));
        if (state == "failed") {
            const auto* error = job.if_contains("error");
            if (error != nullptr && error->is_object())
                return std::unexpected(api::error_of(error->get_object()));
            return fail(ErrorKind::kInternal, "job.failed", "the job has failed");
        }
        if (state == "done") return job;
        bool connected = api::boolean_or_false(job, "connected").value_or(false);
        if (!connected && !told) {
            output.say("the phone is not connected; the job waits for it");
            told = true;
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

}  // namespace oti::cli
