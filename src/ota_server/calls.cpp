// SPDX-License-Identifier: Apache-2.0
// Cards that call (SCP81).
#include <fmt/format.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/address.hpp>

#include "base/log.h"
#include "ota/trigger_conversation.h"
#include "ota_server/ota_server.h"

namespace oti::ota_server {
namespace {

using namespace std::chrono_literals;
using namespace boost::asio::experimental::awaitable_operators;
using std::chrono::steady_clock;

/// So often, and after so long, a card calls again when its connection broke.
constexpr ota::RetryPolicy kRetry{15, 2s};

Result<ota::ChannelTarget> target_of(const bearer::Endpoint& endpoint) {
    boost::system::error_code error;
    auto address = boost::asio::ip::make_address(endpoint.host, error);
    if (error) {
        return fail(ErrorKind::kUsage, "serve.address",
                    "cards cannot be told to call '" + endpoint.host + "', which is no IP address",
                    "give the address under which cards reach this server, such as 192.0.2.1:5443");
    }
    if (address.is_v4()) {
        auto bytes = address.to_v4().to_bytes();
        return ota::ChannelTarget{{bytes.begin(), bytes.end()}, endpoint.port};
    }
    auto bytes = address.to_v6().to_bytes();
    return ota::ChannelTarget{{bytes.begin(), bytes.end()}, endpoint.port};
}

}  // namespace

Status OtaServer::listen(boost::asio::io_context& io) {
    if (!configuration_->administration) return {};
    auto& [endpoint, told] = *configuration_->administration;
    OTI_CHECK(target_of(told));
    auto find = [this](std::string_view identity) {
        std::optional<ota::AdministrationServer::Card> card;
        auto found = expected_.find(identity);
        if (found != expected_.end()) card.emplace(found->second.psk->clone(), found->second.job);
        return card;
    };
    auto on_turn = [this](const Status& turn) {
        if (!turn) log::info("a card's connection: {}", turn.error().message);
        calls_.notify();
    };
    OTI_TRY(listener_, bearer::AdministrationListener::start(io, endpoint, find, on_turn));
    if (told.port == 0) told.port = listener_->port();
    log::info("cards may call {}", told.to_string());
    return {};
}

net::Task<Status> OtaServer::trigger(const PacketDomain& domain, const std::string& identity,
                                     manager::Delivery& delivery) {
    const auto& told = configuration_->administration->told;
    OTI_CO_TRY(auto server, target_of(told));
    ota::AdministrationParameters parameters{.server = std::move(server),
                                             .identity = identity,
                                             .key_version = manager::CallKeys::kVersion,
                                             .key_id = manager::CallKeys::kPskIdentifier,
                                             .retry = kRetry,
                                             .host = told.to_string(),
                                             .agent = identity,
                                             .uri = "/administration"};
    // Others may have used the keys meanwhile.
    OTI_CO_TRY(auto current, domains_.find(domain.se_id, domain.aid));
    if (!current) co_return fail(ErrorKind::kInternal, "ota.no_keys", "the domain is gone");
    const auto& keys = current->keys.back();
    OTI_CO_TRY(auto packets, manager::packets_under(keys, domain.tar));
    ota::TriggerConversation conversation(std::move(packets), parameters, keys.next_counter);
    auto before_packet = [&] { return domains_.use_counter(domain, keys, conversation.counter()); };
    co_return co_await carry(domain.msisdn, conversation, before_packet, delivery);
}

/// `calls`: it is known that the card will call, or has called, so that its silence is worth an error.
net::Task<Status> OtaServer::await_end(const ota::AdministrationJob& job,
                                       const std::function<void()>& on_turn, bool calls) {
    auto heard = steady_clock::now();
    auto octets = job.octets_up();
    while (!job.is_over()) {
        if (stopping_) co_return fail(ErrorKind::kIo, "agent.stopped", "the server is being stopped");
        if (calls && steady_clock::now() - heard >= configuration_->patience) {
            co_return fail(ErrorKind::kIo, "ota.no_call",
                           "the card was told to call, and does not, or has ceased to",
                           "look whether the phone has a data connection, and whether it gets through to " +
                               configuration_->administration->told.to_string());
        }
        co_await calls_.wait(calls ? heard + configuration_->patience : net::kNever);
        if (job.octets_up() == octets) continue;
        octets = job.octets_up();
        heard = steady_clock::now();
        calls = true;
        on_turn();
    }
    co_return job.error() ? std::unexpected(*job.error()) : Status{};
}

net::Task<manager::Delivery> OtaServer::call(const PacketDomain& domain, manager::RemoteReconciliation& work,
                                             OnProgress on_progress) {
    manager::Delivery delivery;
    delivery.status = co_await take_turn(domain.msisdn, Way::kCall);
    if (!delivery.status) co_return delivery;
    auto began = steady_clock::now();
    ota::AdministrationJob job(work);
    auto identity = fmt::format("{}/{}", domain.se_id, domain.aid.hex());
    expected_.insert_or_assign(identity, Expected{&domain.call_keys->psk, &job});
    auto on_turn = [&] {
        if (on_progress) on_progress(work.progress());
    };
    // The proof of receipt may be lost; that the card calls is a better one.
    auto first = co_await (trigger(domain, identity, delivery) || await_end(job, on_turn, false));
    delivery.status = first.index() == 0 ? std::get<0>(first) : std::get<1>(first);
    // What looks like a counter that is too low may be the second copy of a message that was taken.
    bool may_call = delivery.status || delivery.status.error().code == "ota.counter_low";
    if (first.index() == 0 && may_call) {
        auto ended = co_await await_end(job, on_turn, true);
        bool is_silent = !ended && ended.error().code == "ota.no_call";
        if (delivery.status || !is_silent) delivery.status = ended;
    }
    expected_.erase(identity);
    delivery.traffic.apdus = work.progress().done;
    delivery.traffic.scripts = job.sent();
    delivery.bytes_up += job.octets_up();
    delivery.bytes_down += job.octets_down();
    delivery.seconds = steady_clock::now() - began;
    end_turn(domain.msisdn);
    co_return delivery;
}

}  // namespace oti::ota_server
