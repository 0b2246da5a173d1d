// SPDX-License-Identifier: Apache-2.0
#include "remote_agent/service.h"

#include "seram/json.h"

namespace oti::remote_agent {
namespace {

/// Longest time that a request may take to be answered: a TSM's, which talks to a phone meanwhile.
constexpr std::chrono::minutes kLongestRequest{10};

}  // namespace

Result<std::unique_ptr<Service>> Service::create(boost::asio::io_context& io,
                                                 ServiceConfiguration configuration,
                                                 std::span<const std::string_view> migrations,
                                                 crypto::Random& random) {
    std::error_code error;
    std::filesystem::create_directories(configuration.folder, error);
    std::filesystem::permissions(configuration.folder, std::filesystem::perms::owner_all, error);
    std::vector<std::string_view> all{DeviceRegistry::kMigration};
    all.insert(all.end(), migrations.begin(), migrations.end());
    OTI_TRY(auto database, storage::Database::open(configuration.folder / "state.db", all));
    OTI_TRY(auto sealer, crypto::Sealer::open_or_create(configuration.folder / "master.key", random));
    net::HttpServerOptions options;
    options.request_timeout = kLongestRequest;
    options.max_body = std::size_t{4} << 20;
    OTI_TRY(auto http, net::HttpServer::listen(io, configuration.address, configuration.port,
                                               std::move(configuration.identity), options));
    std::unique_ptr<Service> service(
        new Service(io, std::move(database), std::move(sealer), std::move(http), random));
    OTI_TRY(service->ota_, ota_server::OtaServer::create(io, service->database_, service->sealer_,
                                                         std::move(configuration.ota)));
    return service;
}

Service::Service(boost::asio::io_context& io, storage::Database database, crypto::Sealer sealer,
                 net::HttpServer http, crypto::Random& random)
    : io_(io),
      database_(std::move(database)),
      sealer_(std::move(sealer)),
      random_(&random),
      devices_(database_),
      remote_agent_(
          io.get_executor(), random,
          [this](const net::Peer& peer, const seram::SecureElement& se) { return devices_.admit(peer, se); }),
      http_(std::move(http)) {
    add_common_routes();
}

void Service::add_common_routes() {
    router_.add("POST", "/api/v1/devices", {"agent"},
                [this](api::Call call) -> net::Task<Result<api::json::value>> {
                    OTI_CO_TRY(auto body, api::parse_object(call.request.body));
                    seram::SecureElement se;
                    OTI_CO_TRY(auto type, api::text(body, "se_type"));
                    OTI_CO_TRY(se.type, seram::parse_se_type(type));
                    OTI_CO_TRY(se.id, api::text(body, "se_id"));
                    OTI_CO_CHECK(devices_.enrol(call.request.peer, se));
                    co_return api::json::object{{"se_id", se.id}};
                });
    router_.add(
        "GET", "/api/v1/devices", {"operator"}, [this](api::Call) -> net::Task<Result<api::json::value>> {
            OTI_CO_TRY(auto devices, devices_.all());
            api::json::array list;
            for (const auto& device : devices) {
                list.emplace_back(api::json::object{{"se_id", device.se.id},
                                                    {"se_type", seram::name(device.se.type)},
                                                    {"agent", device.agent},
                                                    {"connected", remote_agent_.is_reachable(device.se.id)}});
            }
            co_return api::json::object{{"devices", std::move(list)}};
        });
    router_.add("DELETE", "/api/v1/devices/*", {"operator"},
                [this](api::Call call) -> net::Task<Result<api::json::value>> {
                    OTI_CO_CHECK(devices_.remove(call.rest));
                    co_return api::json::object{};
                });
}

Bytes Service::seal(const crypto::SecretBytes& secret, std::string_view context) const {
    return sealer_.seal(secret.view(crypto::SecretAccess::granted()), context);
}

void Service::start() {
    auto handler = [this](net::HttpRequest request) -> net::Task<net::HttpResponse> {
        if (RemoteAgent::serves(request.path)) co_return co_await remote_agent_.handle(std::move(request));
        co_return co_await router_.handle(std::move(request));
    };
    http_.serve(handler, {remote_agent_.stream_route()});
}

void Service::stop() {
    remote_agent_.stop();
    ota_->stop();
    http_.stop();
}

}  // namespace oti::remote_agent
