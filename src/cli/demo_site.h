// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <map>
#include <mutex>
#include <thread>

#include "cli/over_the_wire.h"
#include "cli/process.h"
#include "cli/remote.h"
#include "net/delay_relay.h"

namespace oti::cli {

/// A phone of the demonstration: a secure element, and the process of its SE Manager.
struct Phone {
    std::string se_id;
    Process agent;
};

/// TSM and provider as processes on this machine, phones at chosen distances from them; gone with this
/// object.
class Site {
  public:
    /// Starts both servers and publishes the two versions as `transit`.
    static Result<std::unique_ptr<Site>> create(const Versions& cap_files);
    ~Site();
    Site(const Site&) = delete;
    Site& operator=(const Site&) = delete;

    /// A new secure element that the TSM knows, in an enrolled phone so far away. `binding`: stream or json.
    Result<Phone> add_phone(const std::string& name, const std::string& profile,
                            std::chrono::milliseconds round_trip, const std::string& binding);
    /// A job, watched to its end.
    Result<Measured> run_job(const Phone& phone, std::string_view action, std::string_view version,
                             bool lockstep, Output& output);
    /// What went wrong can be read there; it is kept then.
    const std::filesystem::path& folder() const { return folder_; }
    void keep_folder() { keep_ = true; }

  private:
    Site();
    Result<Process> start_server(const std::string& noun, const std::string& name,
                                 std::vector<std::string> more, std::uint16_t& port);
    Status make_identity_of(const std::string& name, const std::string& role);
    /// URL of a server as seen from a phone at this distance.
    Result<std::string> url_at(std::uint16_t port, std::chrono::milliseconds round_trip);
    Result<Remote> as_operator(std::uint16_t port) const;

    std::filesystem::path folder_;
    bool keep_ = false;
    std::optional<Process> tsm_, sp_;
    std::uint16_t tsm_port_ = 0, sp_port_ = 0;
    boost::asio::io_context relay_io_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> relay_work_;
    std::map<std::pair<std::uint16_t, std::chrono::milliseconds>, net::DelayRelay> relays_;
    std::thread relay_thread_;
};

}  // namespace oti::cli
