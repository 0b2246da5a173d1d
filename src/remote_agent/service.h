// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <memory>
#include <span>

#include "api/router.h"
#include "crypto/sealer.h"
#include "ota_server/ota_server.h"
#include "remote_agent/device_registry.h"
#include "remote_agent/remote_agent.h"

namespace oti::remote_agent {

struct ServiceConfiguration {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;        ///< 0: any free one
    std::filesystem::path folder;  ///< database and key of the keys
    net::TlsIdentity identity;
    std::optional<ota_server::OtaConfiguration> ota = {};  ///< a message centre, if there is one
};

/// What the servers of a TSM and of a provider have in common: state with its keys sealed, phones that enrol
/// and stay connected, and an HTTPS interface. Everything runs on the `io_context`, which has one thread.
class Service {
  public:
    /// `migrations`: the program's own tables. Errors: those of the database, the key file and the socket.
    static Result<std::unique_ptr<Service>> create(boost::asio::io_context& io,
                                                   ServiceConfiguration configuration,
                                                   std::span<const std::string_view> migrations,
                                                   crypto::Random& random);

    boost::asio::io_context& io() { return io_; }
    storage::Database& database() { return database_; }
    const crypto::Sealer& sealer() const { return sealer_; }
    crypto::Random& random() { return *random_; }
    DeviceRegistry& devices() { return devices_; }
    RemoteAgent& remote_agent() { return remote_agent_; }
    ota_server::OtaServer& ota() { return *ota_; }
    api::Router& router() { return router_; }
    std::uint16_t port() const { return http_.port(); }

    /// After all routes were added.
    void start();
    void stop();

    /// The secret of a row, encrypted for the database; `context` is the row's name.
    Bytes seal(const crypto::SecretBytes& secret, std::string_view context) const;

  private:
    Service(boost::asio::io_context& io, storage::Database database, crypto::Sealer sealer,
            net::HttpServer http, crypto::Random& random);
    void add_common_routes();

    boost::asio::io_context& io_;
    storage::Database database_;
    crypto::Sealer sealer_;
    crypto::Random* random_;
    DeviceRegistry devices_;
    RemoteAgent remote_agent_;
    std::unique_ptr<ota_server::OtaServer> ota_;
    api::Router router_;
    net::HttpServer http_;
};

}  // namespace oti::remote_agent
