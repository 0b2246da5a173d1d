// SPDX-License-Identifier: Apache-2.0
#include "bearer/card_server.h"

#include <fmt/format.h>

#include <array>

#include "base/byte_writer.h"
#include "card/answer_to_reset.h"

namespace oti::bearer {
namespace {

enum Control : std::uint8_t { kPowerOff = 0, kPowerOn = 1, kReset = 2, kAnswerToReset = 4 };

/// How long a vpcd that is away is left alone.
constexpr int kRetryMilliseconds = 200;

}  // namespace

Status CardServer::join(const Endpoint& vpcd) {
    bool told = false;
    while (!is_readable(stop_)) {
        OTI_TRY(auto socket, connect_to(vpcd));
        if (!socket) {
            if (!std::exchange(told, true)) on_event(fmt::format("waiting for vpcd at {}", vpcd.to_string()));
            (void)wait_for(-1, stop_, kRetryMilliseconds);
            continue;
        }
        told = false;
        on_event(fmt::format("connected to vpcd at {}", vpcd.to_string()));
        serve(socket.get());
        if (is_readable(stop_)) break;
        on_event("vpcd is gone");
        (void)wait_for(-1, stop_, kRetryMilliseconds);
    }
    return {};
}

Status CardServer::listen(const Endpoint& endpoint, const std::function<void(std::uint16_t)>& on_port) {
    OTI_TRY(auto acceptor, listen_on(endpoint));
    on_port(port_of(acceptor.get()));
    while (wait_for(acceptor.get(), stop_)) {
        auto socket = accept_from(acceptor.get());
        if (!socket) continue;
        on_event("a terminal has connected");
        serve(socket.get());
        on_event("the terminal is gone");
    }
    return {};
}

void CardServer::serve(int socket) {
    reset();
    Bytes message;
    while (true) {
        std::array<std::uint8_t, 2> length{};
        if (!receive(socket, length)) break;
        message.resize(static_cast<std::size_t>(length[0] << 8 | length[1]));
        if (!receive(socket, message)) break;
        if (message.size() == 1 && message[0] <= kReset) {
            reset();
            continue;
        }
        if (!send(socket, respond(message))) break;
    }
    reset();
}

void CardServer::reset() {
    card_.reset();
    on_exchange({}, {}, {});
}

Bytes CardServer::respond(BytesView message) {
    if (message.size() == 1 && message[0] == kAnswerToReset) {
        return card::answer_to_reset(card_.secure_element().profile());
    }
    if (message.size() <= 1) return {};
    card::Exchange exchange;
    auto response = process(message, exchange);
    on_exchange(message, response, exchange.diagnosis);
    return response;
}

Bytes CardServer::process(BytesView message, card::Exchange& exchange) {
    if (clock_ == nullptr) return card_.process(message, exchange);
    auto begin = clock_->now();
    auto response = card_.process(message, exchange);
    clock_->sleep_until(begin + card_.secure_element().profile().pacing.time_of(exchange));
    return response;
}

bool CardServer::receive(int socket, std::span<std::uint8_t> bytes) const {
    while (!bytes.empty()) {
        if (!wait_for(socket, stop_)) return false;
        auto some = receive_some(socket, bytes.size());
        if (some.empty()) return false;
        std::ranges::copy(some, bytes.begin());
        bytes = bytes.subspan(some.size());
    }
    return true;
}

bool CardServer::send(int socket, BytesView message) {
    return send_all(socket, ByteWriter().u16(static_cast<unsigned>(message.size())).put(message).take());
}

}  // namespace oti::bearer
