// SPDX-License-Identifier: Apache-2.0
// Commands that ask a server.
#pragma once

#include <boost/asio/io_context.hpp>

#include "api/client.h"
#include "cli/cli.h"

namespace oti::cli {

struct RemoteOptions {
    std::string identity, server;
};

/// `--identity` and `--server`, or OTI_IDENTITY and the variable named.
void add_remote_options(CLI::App& command, RemoteOptions& options, const std::string& server_variable);

/// A server's interface for somebody who waits for each answer.
class Remote {
  public:
    static Result<Remote> connect(const RemoteOptions& options);
    Remote(net::TlsIdentity identity, net::Url server);

    Result<json::object> call(std::string method, std::string target, json::value body = {});
    Result<json::object> send(std::string method, std::string target, Bytes body);

  private:
    Result<json::object> wait_for(net::Task<Result<json::object>> task);

    std::unique_ptr<boost::asio::io_context> io_;
    std::unique_ptr<api::Client> client_;
};

/// Watches a job until it has ended, showing its progress to whom it matters. Returns the job, or its error.
Result<json::object> follow_job(Remote& provider, std::int64_t id, Output& output);

/// A member of a server's answer as a person reads it; empty if it is not there.
std::string field(const json::object& object, std::string_view key);

/// The verb `list` of a noun: what a server has, as a table with a heading.
void add_list(Commands& commands, std::string_view noun, std::string description,
              const std::string& server_variable, std::string target, std::string member,
              std::vector<std::string_view> columns);

}  // namespace oti::cli
