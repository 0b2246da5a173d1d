// SPDX-License-Identifier: Apache-2.0
// The service provider's server: its catalogue, the state it wants on each secure element, and the jobs that
// make it so.
#pragma once

#include <map>
#include <memory>
#include <set>

#include "api/client.h"
#include "net/signal.h"
#include "remote_agent/service.h"
#include "sp/catalogue.h"
#include "sp/domains.h"
#include "sp/jobs.h"

namespace oti::sp {

/// HTTP interface (JSON, below `/api/v1`), for the role `operator`:
///
///     POST applications?name=NAME   a CAP file as body; `parameters=HEX` for the applet
///     GET  applications
///     POST jobs                     {"se_id", "action", "application", "version"?, "bearer"?, "lockstep"?}
///     GET  jobs
///     GET  jobs/ID?wait=MS          answers when something has changed, or after that time
///
/// `action` is install, update or delete; `bearer` is oti, ota or bip. A job waits for its phone, and for the
/// TSM, as long as it takes.
class Provider {
  public:
    static Result<std::unique_ptr<Provider>> create(boost::asio::io_context& io,
                                                    remote_agent::ServiceConfiguration configuration,
                                                    net::Url tsm, crypto::Random& random);
    std::uint16_t port() const { return service_->port(); }
    /// Also takes up the jobs that were not finished when the program ended.
    Status start();
    void stop();

  private:
    struct Running {
        manager::Progress progress;
        std::string waiting;  ///< what has to come first, in words; may be empty
    };

    Provider(std::unique_ptr<remote_agent::Service> service, net::TlsIdentity identity, net::Url tsm,
             crypto::SecretBytes jwk);
    void add_routes();
    Result<Job> order(const api::json::object& body);
    net::Task<Result<Job>> watch(std::int64_t id, std::chrono::milliseconds wait, bool until_end);

    void work_off(const std::string& se_id);
    net::Task<void> work_off_queue(std::string se_id);
    net::Task<Status> run(Job& job);
    /// One session: reads what is there and does what is missing.
    net::Task<Status> attempt(Job& job, OwnDomain domain, globalplatform::DesiredState desired);
    net::Task<Status> attempt_by_messages(Job& job, OwnDomain domain, globalplatform::DesiredState desired);
    net::Task<Status> attempt_by_call(Job& job, OwnDomain domain, globalplatform::DesiredState desired);
    /// By messages: keys of its own for a domain that has none, and then what is missing of the goal.
    net::Task<Status> hold_session(Job& job, ota_server::PacketDomain& packets, OwnDomain& domain,
                                   manager::PacketGoal goal);
    Result<ota_server::PacketDomain> packet_domain(const OwnDomain& domain);
    /// What the domain has to be given before it can call.
    net::Task<Status> prepare_calls(Job& job, ota_server::PacketDomain& packets, OwnDomain& domain);
    net::Task<Status> finish(Job& job, const OwnDomain& domain, const std::function<Status()>& record_keys);
    void show(const Job& job, const manager::Progress& progress);
    net::Task<Result<OwnDomain>> domain_for(const Job& job, const std::vector<cap::Import>& imports);
    net::Task<Status> request_domain(const Job& job, const std::vector<cap::Import>& imports);
    /// Asks the TSM; each call has a connection of its own, since jobs of many secure elements run side by
    /// side.
    net::Task<Result<api::json::object>> ask_tsm(std::string method, std::string se_id,
                                                 api::json::object body);
    Result<globalplatform::DesiredState> desired_state(const std::string& se_id) const;
    /// Waits longer with each failure, up to a bound, or until the program is being stopped.
    net::Task<void> pause_after(int failures, std::chrono::milliseconds longest);
    Status take_over(const std::string& se_id, const manager::Handover& handover);
    Result<std::optional<manager::DomainKeys>> fresh_keys(OwnDomain& domain);
    Result<std::optional<manager::PacketKeys>> fresh_keys(ota_server::PacketDomain& domain);

    std::unique_ptr<remote_agent::Service> service_;
    net::TlsIdentity identity_;
    net::Url tsm_;
    crypto::SecretBytes jwk_;  ///< of the handover, private part included
    Catalogue catalogue_;
    Domains domains_;
    Jobs jobs_;
    std::set<std::string> working_;            ///< secure elements with a running queue
    std::map<std::int64_t, Running> running_;  ///< jobs
    net::Signal moves_;                        ///< a job has moved
    bool stopping_ = false;
};

}  // namespace oti::sp
