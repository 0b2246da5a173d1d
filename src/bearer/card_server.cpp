// SPDX-License-Identifier: Apache-2.0
#include "bearer/card_server.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/byte_writer.h"
#include "card/answer_to_reset.h"

namespace oti::bearer {
namespace {

enum Control : std::uint8_t { kPowerOff = 0, kPowerOn = 1, kReset = 2, kAnswerToReset = 4 };

/// How long a vpcd that is away is left alone.
constexpr int kRetryMilliseconds = 200;

struct AddressesDeleter {
    void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, AddressesDeleter>;

Result<Addresses> resolve(const Endpoint& endpoint, bool to_listen) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV | (to_listen ? AI_PASSIVE : 0);
    addrinfo* list = nullptr;
    auto code = ::getaddrinfo(endpoint.host.c_str(), std::to_string(endpoint.port).c_str(), &hints, &list);
    if (code != 0) {
        return fail(ErrorKind::kUsage, "serve.address",
                    fmt::format("the address {}: {}", endpoint.to_string(), ::gai_strerror(code)));
    }
    return Addresses(list);
}

Descriptor socket_for(const addrinfo& address) {
    return Descriptor(::socket(address.ai_family, address.ai_socktype | SOCK_CLOEXEC, address.ai_protocol));
}

void set(int socket, int level, int option) {
    int on = 1;
    (void)::setsockopt(socket, level, option, &on, sizeof on);
}

Descriptor connect_to_any(const addrinfo* list) {
    for (const auto* at = list; at != nullptr; at = at->ai_next) {
        auto socket = socket_for(*at);
        if (socket && ::connect(socket.get(), at->ai_addr, at->ai_addrlen) == 0) return socket;
    }
    return {};
}

std::uint16_t port_of(int socket) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    if (::getsockname(socket, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return 0;
    if (storage.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6&>(storage).sin6_port);
    return ntohs(reinterpret_cast<const sockaddr_in&>(storage).sin_port);
}

}  // namespace

Status CardServer::join(const Endpoint& vpcd) {
    OTI_TRY(auto addresses, resolve(vpcd, false));
    bool told = false;
    while (!is_stopped()) {
        auto socket = connect_to_any(addresses.get());
        if (!socket) {
            if (!std::exchange(told, true)) on_event(fmt::format("waiting for vpcd at {}", vpcd.to_string()));
            (void)wait_for(-1, kRetryMilliseconds);
            continue;
        }
        told = false;
        on_event(fmt::format("connected to vpcd at {}", vpcd.to_string()));
        serve(socket.get());
        if (is_stopped()) break;
        on_event("vpcd is gone");
        (void)wait_for(-1, kRetryMilliseconds);
    }
    return {};
}

Status CardServer::listen(const Endpoint& endpoint, const std::function<void(std::uint16_t)>& on_port) {
    OTI_TRY(auto addresses, resolve(endpoint, true));
    auto acceptor = socket_for(*addresses);
    set(acceptor.get(), SOL_SOCKET, SO_REUSEADDR);
    if (!acceptor || ::bind(acceptor.get(), addresses->ai_addr, addresses->ai_addrlen) != 0 ||
        ::listen(acceptor.get(), 1) != 0) {
        return fail(ErrorKind::kIo, "serve.listen",
                    fmt::format("listen on {}: {}", endpoint.to_string(), std::strerror(errno)),
                    "choose another port, or end the program that uses it");
    }
    on_port(port_of(acceptor.get()));
    while (wait_for(acceptor.get())) {
        Descriptor socket(::accept4(acceptor.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!socket) continue;
        on_event("a terminal has connected");
        serve(socket.get());
        on_event("the terminal is gone");
    }
    return {};
}

void CardServer::serve(int socket) {
    set(socket, IPPROTO_TCP, TCP_NODELAY);
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

bool CardServer::wait_for(int fd, int milliseconds) const {
    // A negative descriptor is left out.
    std::array<pollfd, 2> watched{pollfd{fd, POLLIN, 0}, pollfd{stop_, POLLIN, 0}};
    while (::poll(watched.data(), watched.size(), milliseconds) < 0) {
        if (errno != EINTR) return false;
    }
    return watched[1].revents == 0 && watched[0].revents != 0;
}

bool CardServer::is_stopped() const {
    pollfd watched{stop_, POLLIN, 0};
    return ::poll(&watched, 1, 0) > 0;
}

bool CardServer::receive(int socket, std::span<std::uint8_t> bytes) const {
    while (!bytes.empty()) {
        // The kernel forgets it; without it, the acknowledgement and so the next APDU wait for 40 ms.
        set(socket, IPPROTO_TCP, TCP_QUICKACK);
        if (!wait_for(socket)) return false;
        auto count = ::recv(socket, bytes.data(), bytes.size(), 0);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return true;
}

bool CardServer::send(int socket, BytesView message) const {
    auto framed = ByteWriter().u16(static_cast<unsigned>(message.size())).put(message).take();
    BytesView left = framed;
    while (!left.empty()) {
        auto count = ::send(socket, left.data(), left.size(), MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        left = left.subspan(static_cast<std::size_t>(count));
    }
    return true;
}

}  // namespace oti::bearer
