// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/signal_set.hpp>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "cli/over_the_wire.h"
#include "cli/process.h"
#include "cli/remote.h"
#include "iso7816/card_channel.h"
#include "net/delay_relay.h"

namespace oti::cli {

struct PhoneOptions {
    std::string name;
    std::string profile = "uicc-2024";
    std::chrono::milliseconds round_trip{};
    std::string binding = "stream";             ///< or json
    bool pacing = true;                         ///< as fast as the profile says, or at once
    const NetworkNamespace* network = nullptr;  ///< its own; without one, that of the servers
};

/// A phone of the demonstration: a secure element, and the process of its SE Manager.
struct Phone {
    std::string se_id;
    std::filesystem::path se_file;
    std::vector<std::string> arguments;  ///< of its SE Manager
    std::filesystem::path log;
    const NetworkNamespace* network = nullptr;
    std::optional<Process> agent;
};

/// Common name of the provider's certificate.
inline constexpr std::string_view kProviderName = "transit-operator";

struct SiteOptions {
    std::string address = "127.0.0.1";  ///< of this machine, at which the servers listen
    std::string smsc = {};              ///< HOST:PORT of a message centre that lets anybody bind
    std::string administration = {};    ///< HOST:PORT where cards call the provider
};

/// TSM and provider as processes on this machine, phones at chosen distances from them; gone with this
/// object, and with this process where a signal ends it.
class Site {
  public:
    /// Starts both servers and publishes the two versions as `transit`; without a second one, that one.
    static Result<std::unique_ptr<Site>> create(const Versions& cap_files,
                                                std::filesystem::path program = "/proc/self/exe",
                                                SiteOptions options = {});
    ~Site();
    Site(const Site&) = delete;
    Site& operator=(const Site&) = delete;

    /// A new secure element that the TSM knows, in an enrolled phone.
    Result<Phone> add_phone(const PhoneOptions& options);
    /// Starts the SE Manager of a phone that has none running.
    Status start_agent(Phone& phone);
    /// Takes the phone's secure element to a terminal, at the speed of its profile, while the SE Manager
    /// rests.
    Status at_terminal(Phone& phone, const std::function<Status(iso7816::CardChannel&)>& work);
    /// The provider's interface; its connection is kept.
    Result<Remote> ask_provider() const { return as("operator", sp_port_); }
    /// The TSM's, as one of the identities that there are: operator, or the provider.
    Result<Remote> ask_tsm(const std::string& identity = "operator") const { return as(identity, tsm_port_); }
    /// Returns once the provider knows that the phone is gone.
    Status wait_disconnected(Remote& provider, const Phone& phone);
    /// A job, begun; then watched to its end.
    Result<std::int64_t> begin_job(Remote& provider, const Phone& phone, std::string_view action,
                                   std::string_view version, bool lockstep);
    Result<Measured> finish_job(Remote& provider, std::int64_t id, Output& output);
    /// Both.
    Result<Measured> run_job(Remote& provider, const Phone& phone, std::string_view action,
                             std::string_view version, bool lockstep, Output& output);
    /// What went wrong can be read there; it is kept then.
    const std::filesystem::path& folder() const { return folder_; }
    void keep_folder() { keep_ = true; }

    // For tests: the servers can be ended and started again, at the same place with the same state.
    Process& tsm() { return *tsm_; }
    Process& provider() { return *sp_; }
    Status start_tsm();
    Status start_provider();
    std::string provider_url() const { return url(sp_port_); }
    /// In a folder of that name.
    Status make_identity_of(const std::string& name, const std::string& role);

  private:
    Site(std::filesystem::path program, SiteOptions options);
    Result<Process> start_server(const std::string& noun, const std::string& name,
                                 std::vector<std::string> more, std::uint16_t& port);
    std::string url(std::uint16_t port) const;
    /// URL of a server as seen from a phone at this distance.
    Result<std::string> url_at(std::uint16_t port, std::chrono::milliseconds round_trip);
    Result<Remote> as(const std::string& identity, std::uint16_t port) const;

    std::filesystem::path program_;
    SiteOptions options_;
    std::filesystem::path folder_;
    bool keep_ = false;
    std::optional<Process> tsm_, sp_;
    std::uint16_t tsm_port_ = 0, sp_port_ = 0;
    void clean_up_when_interrupted();

    boost::asio::io_context relay_io_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> relay_work_;
    boost::asio::signal_set interruptions_;
    std::map<std::pair<std::uint16_t, std::chrono::milliseconds>, net::DelayRelay> relays_;
    std::thread relay_thread_;
};

}  // namespace oti::cli
