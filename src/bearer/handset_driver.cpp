// SPDX-License-Identifier: Apache-2.0
#include "bearer/handset_driver.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <vector>

namespace oti::bearer {
namespace {

using std::chrono::milliseconds;

std::string text_of(BytesView address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    constexpr std::size_t kIpv4 = 4;
    auto family = address.size() == kIpv4 ? AF_INET : AF_INET6;
    const auto* written = ::inet_ntop(family, address.data(), text.data(), text.size());
    return written == nullptr ? std::string() : written;
}

}  // namespace

Status HandsetDriver::talk() {
    while (auto command = handset_.next()) {
        OTI_TRY(auto response, card_->transmit(*command));
        OTI_CHECK(handset_.answer(response));
        for (const auto& wish : handset_.take_wishes()) serve(wish);
    }
    return {};
}

void HandsetDriver::serve(const ota::Handset::Wish& wish) {
    using ota::Handset;
    if (const auto* wanted = std::get_if<Handset::OpenChannel>(&wish)) {
        open(*wanted);
    } else if (const auto* sent = std::get_if<Handset::SendData>(&wish)) {
        auto socket = sockets_.find(sent->channel);
        // That it is gone shows when it is read.
        if (socket != sockets_.end()) (void)send_all(socket->second.get(), sent->octets);
    } else if (const auto* closed = std::get_if<Handset::CloseChannel>(&wish)) {
        sockets_.erase(closed->channel);
    } else if (const auto* timer = std::get_if<Handset::StartTimer>(&wish)) {
        timers_[timer->timer] = clock_.now() + timer->duration;
    } else {
        on_wish(wish);
    }
}

void HandsetDriver::open(const ota::Handset::OpenChannel& wanted) {
    Endpoint endpoint{text_of(wanted.target.address), wanted.target.port};
    auto socket = connect_to(endpoint);
    bool stands = socket && *socket;
    on_event(fmt::format("{} {}", stands ? "connected to" : "no connection to", endpoint.to_string()));
    if (stands) sockets_[wanted.channel] = std::move(*socket);
    handset_.opened(wanted.channel, stands);
}

void HandsetDriver::read(std::uint8_t channel) {
    auto octets = receive_some(sockets_.at(channel).get());
    if (!octets.empty()) return handset_.received(channel, octets);
    on_event("the connection is lost");
    sockets_.erase(channel);
    handset_.lost(channel);
}

Status HandsetDriver::run(milliseconds patience, int stop) {
    while (true) {
        OTI_CHECK(talk());
        if (sockets_.empty() && timers_.empty()) return {};
        auto due = clock_.now() + patience;
        for (const auto& [timer, when] : timers_) due = std::min(due, when);
        std::vector<pollfd> watched{{stop, POLLIN, 0}};
        std::vector<std::uint8_t> channels;
        for (const auto& [channel, socket] : sockets_) {
            watched.push_back({socket.get(), POLLIN, 0});
            channels.push_back(channel);
        }
        auto wait = std::chrono::ceil<milliseconds>(due - clock_.now()).count();
        auto ready = ::poll(watched.data(), watched.size(), static_cast<int>(std::max<long>(wait, 0)));
        if (watched[0].revents != 0) return {};
        for (std::size_t n = 0; n < channels.size(); ++n) {
            if (watched[n + 1].revents != 0) read(channels[n]);
        }
        bool expired = false;
        for (auto at = timers_.begin(); at != timers_.end();) {
            auto [timer, when] = *at;
            if (when > clock_.now()) {
                ++at;
                continue;
            }
            at = timers_.erase(at);
            handset_.expired(timer);
            expired = true;
        }
        if (ready == 0 && !expired) {
            return fail(ErrorKind::kIo, "handset.silent",
                        fmt::format("nothing came over the card's connection for {} s",
                                    std::chrono::duration_cast<std::chrono::seconds>(patience).count()),
                        "look whether the server answers");
        }
    }
}

}  // namespace oti::bearer
