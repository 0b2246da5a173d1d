// SPDX-License-Identifier: Apache-2.0
#include "ota_server/ota_server.h"

#include "ota/sms_exchange.h"

namespace oti::ota_server {

Result<std::unique_ptr<OtaServer>> OtaServer::create(net::Executor executor, storage::Database& database,
                                                     const crypto::Sealer& sealer,
                                                     std::optional<OtaConfiguration> configuration) {
    std::unique_ptr<OtaServer> server(new OtaServer(executor, database, sealer, std::move(configuration)));
    if (server->configuration_) {
        OTI_TRY(server->centre_,
                bearer::MessageCentre::start(std::move(executor), server->configuration_->account));
    }
    return server;
}

void OtaServer::stop() {
    stopping_ = true;
    turns_.notify();
    if (centre_) centre_->stop();
}

net::Task<Status> OtaServer::carry(const PacketDomain& domain, manager::PacketSession& session,
                                   const OnProgress& on_progress, manager::Delivery& delivery) {
    ota::SmsExchange exchange(session);
    while (true) {
        OTI_CO_TRY(auto messages, exchange.next());
        if (on_progress) on_progress(session.progress());
        if (messages.empty()) co_return Status{};
        OTI_CO_CHECK(domains_.use_counter(domain, session.keys(), session.counter()));
        ++delivery.traffic.scripts;
        for (const auto& message : messages) {
            OTI_CO_CHECK(co_await centre_->submit(domain.msisdn, message));
            ++delivery.messages;
            delivery.bytes_down += message.size();
        }
        auto deadline = net::after(configuration_->patience);
        bool answered = false;
        while (!answered) {
            OTI_CO_TRY(auto message, co_await centre_->receive(domain.msisdn, deadline));
            if (!message) break;
            ++delivery.messages;
            delivery.bytes_up += message->size();
            OTI_CO_TRY(answered, exchange.take(*message));
        }
        if (!answered) OTI_CO_CHECK(exchange.expire());
    }
}

net::Task<manager::Delivery> OtaServer::run(const PacketDomain& domain, MakeSession make,
                                            OnProgress on_progress) {
    auto refused = [](Error why) { return manager::Delivery{std::unexpected(std::move(why))}; };
    if (!centre_) {
        co_return refused({ErrorKind::kUsage, "ota.no_centre", "this server has no message centre",
                           "start it with --smsc HOST:PORT"});
    }
    while (!stopping_ && !busy_.insert(domain.msisdn).second) co_await turns_.wait(net::kNever);
    if (stopping_) co_return refused({ErrorKind::kIo, "agent.stopped", "the server is being stopped"});
    manager::Delivery delivery;
    auto began = std::chrono::steady_clock::now();
    if (auto session = make()) {
        delivery.status = co_await carry(domain, **session, on_progress, delivery);
        delivery.traffic.apdus = (*session)->progress().done;
    } else {
        delivery.status = std::unexpected(session.error());
    }
    delivery.seconds = std::chrono::steady_clock::now() - began;
    busy_.erase(domain.msisdn);
    turns_.notify();
    co_return delivery;
}

}  // namespace oti::ota_server
