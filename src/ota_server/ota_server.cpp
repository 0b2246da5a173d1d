// SPDX-License-Identifier: Apache-2.0
#include "ota_server/ota_server.h"

#include "ota/sms_exchange.h"

namespace oti::ota_server {

Result<std::unique_ptr<OtaServer>> OtaServer::create(boost::asio::io_context& io, storage::Database& database,
                                                     const crypto::Sealer& sealer,
                                                     std::optional<OtaConfiguration> configuration) {
    std::unique_ptr<OtaServer> server(new OtaServer(io, database, sealer, std::move(configuration)));
    if (!server->configuration_) return server;
    OTI_TRY(server->centre_,
            bearer::MessageCentre::start(io.get_executor(), server->configuration_->account));
    OTI_CHECK(server->listen(io));
    return server;
}

OtaServer::OtaServer(boost::asio::io_context& io, storage::Database& database, const crypto::Sealer& sealer,
                     std::optional<OtaConfiguration> configuration)
    : domains_(database, sealer),
      configuration_(std::move(configuration)),
      turns_(io.get_executor()),
      calls_(io.get_executor()) {}

void OtaServer::stop() {
    stopping_ = true;
    turns_.notify();
    calls_.notify();
    if (listener_) listener_->stop();
    if (centre_) centre_->stop();
}

net::Task<Status> OtaServer::take_turn(const std::string& msisdn, Way way) {
    if (!centre_) {
        co_return fail(ErrorKind::kUsage, "ota.no_centre", "this server has no message centre",
                       "start it with --smsc HOST:PORT");
    }
    if (way == Way::kCall && !listener_) {
        co_return fail(ErrorKind::kUsage, "ota.no_administration",
                       "this server has no address that cards could call",
                       "start it with --administration HOST:PORT");
    }
    while (!stopping_ && !busy_.insert(msisdn).second) co_await turns_.wait(net::kNever);
    if (stopping_) co_return fail(ErrorKind::kIo, "agent.stopped", "the server is being stopped");
    co_return Status{};
}

void OtaServer::end_turn(const std::string& msisdn) {
    busy_.erase(msisdn);
    turns_.notify();
}

net::Task<Status> OtaServer::carry(std::string msisdn, ota::PacketConversation& conversation,
                                   const BeforePacket& before_packet, manager::Delivery& delivery) {
    ota::SmsExchange exchange(conversation);
    centre_->discard(msisdn);
    while (true) {
        OTI_CO_TRY(auto messages, exchange.next());
        if (messages.empty()) co_return Status{};
        OTI_CO_CHECK(before_packet());
        ++delivery.traffic.scripts;
        for (const auto& message : messages) {
            OTI_CO_CHECK(co_await centre_->submit(msisdn, message));
            ++delivery.messages;
            delivery.bytes_down += message.size();
        }
        auto deadline = net::after(configuration_->patience);
        bool answered = false;
        while (!answered) {
            OTI_CO_TRY(auto message, co_await centre_->receive(msisdn, deadline));
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
    manager::Delivery delivery;
    delivery.status = co_await take_turn(domain.msisdn, Way::kMessages);
    if (!delivery.status) co_return delivery;
    auto began = std::chrono::steady_clock::now();
    if (auto made = make()) {
        auto& session = **made;
        auto before_packet = [&] {
            if (on_progress) on_progress(session.progress());
            return domains_.use_counter(domain, session.keys(), session.counter());
        };
        delivery.status = co_await carry(domain.msisdn, session, before_packet, delivery);
        delivery.traffic.apdus = session.progress().done;
    } else {
        delivery.status = std::unexpected(made.error());
    }
    delivery.seconds = std::chrono::steady_clock::now() - began;
    end_turn(domain.msisdn);
    co_return delivery;
}

}  // namespace oti::ota_server
