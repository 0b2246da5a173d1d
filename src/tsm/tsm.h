// SPDX-License-Identifier: Apache-2.0
// The Trusted Service Manager: holds the issuer's keys, makes security domains for providers, and hands them
// over.
#pragma once

#include <memory>

#include "manager/handover.h"
#include "remote_agent/service.h"
#include "tsm/records.h"

namespace oti::tsm {

/// HTTP interface (JSON, below `/api/v1`), by role of the client's certificate:
///
///     POST   secure-elements            operator  issuer keys of a secure element
///     POST   providers                  operator  a provider and the AID of its domains
///     GET    security-domains           operator
///     PUT    security-domains/SE        sp        create the caller's domain
///     POST   security-domains/SE        sp        the caller has replaced the keys: ours are forgotten
///     DELETE security-domains/SE/NAME   operator  delete a provider's domain with all that is in it
///
/// PUT answers with a JWE (the handover) for the caller's key. The `bearer` `ota` makes or deletes a domain
/// by short messages, where the secure element was imported with keys for them.
class Tsm {
  public:
    static Result<std::unique_ptr<Tsm>> create(boost::asio::io_context& io,
                                               remote_agent::ServiceConfiguration configuration,
                                               crypto::Random& random);
    std::uint16_t port() const { return service_->port(); }
    void start();
    void stop();

  private:
    explicit Tsm(std::unique_ptr<remote_agent::Service> service)
        : service_(std::move(service)),
          records_(service_->database(), service_->sealer(), service_->ota().domains(), service_->random()),
          turns_(service_->io().get_executor()) {}
    void add_routes();
    net::Task<Result<api::json::value>> create_domain(std::string se_id, std::string provider,
                                                      api::json::object request);
    net::Task<Result<api::json::value>> delete_domain(std::string se_id, std::string provider,
                                                      bool by_messages);
    net::Task<Result<manager::Handover>> create_on_card(Issuer issuer, const Domain& domain,
                                                        const std::vector<cap::Import>& imports);
    net::Task<Result<api::json::value>> exclusively(std::string se_id, std::string provider,
                                                    net::Task<Result<api::json::value>> work);
    net::Task<Result<std::unique_ptr<manager::DomainSession>>> run(
        std::string se_id, manager::DomainAccess access, manager::DomainGoal goal,
        std::optional<manager::DomainMemory> memory);

    // By short messages (tsm_by_messages.cpp).
    net::Task<Result<manager::Handover>> create_by_messages(Issuer issuer, const Domain& domain,
                                                            const std::vector<cap::Import>& imports);
    net::Task<Status> personalize_by_messages(const Issuer& issuer, const ota_server::PacketDomain& packets,
                                              const manager::DomainKeys& channel_keys);
    /// A session with the issuer's domain. Error `ota.no_keys`.
    net::Task<Result<std::unique_ptr<manager::PacketSession>>> run_by_messages(const Issuer& issuer,
                                                                               manager::PacketGoal goal);

    std::unique_ptr<remote_agent::Service> service_;
    Records records_;
    /// Domains that are being made or deleted, by SE and provider.
    std::set<std::pair<std::string, std::string>> busy_;
    net::Signal turns_;  ///< one has been made or deleted
    bool stopping_ = false;
};

}  // namespace oti::tsm
