// SPDX-License-Identifier: Apache-2.0
#include "bearer/sockets.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

namespace oti::bearer {
namespace {

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

}  // namespace

Result<Descriptor> listen_on(const Endpoint& endpoint) {
    OTI_TRY(auto addresses, resolve(endpoint, true));
    auto listener = socket_for(*addresses);
    set(listener.get(), SOL_SOCKET, SO_REUSEADDR);
    if (!listener || ::bind(listener.get(), addresses->ai_addr, addresses->ai_addrlen) != 0 ||
        ::listen(listener.get(), 1) != 0) {
        return fail(ErrorKind::kIo, "serve.listen",
                    fmt::format("listen on {}: {}", endpoint.to_string(), std::strerror(errno)),
                    "choose another port, or end the program that uses it");
    }
    return listener;
}

Descriptor accept_from(int listener) {
    Descriptor socket(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
    if (socket) set(socket.get(), IPPROTO_TCP, TCP_NODELAY);
    return socket;
}

Result<Descriptor> connect_to(const Endpoint& endpoint) {
    OTI_TRY(auto addresses, resolve(endpoint, false));
    for (const auto* at = addresses.get(); at != nullptr; at = at->ai_next) {
        auto socket = socket_for(*at);
        if (!socket || ::connect(socket.get(), at->ai_addr, at->ai_addrlen) != 0) continue;
        set(socket.get(), IPPROTO_TCP, TCP_NODELAY);
        return socket;
    }
    return Descriptor();
}

std::uint16_t port_of(int socket) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    if (::getsockname(socket, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return 0;
    if (storage.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6&>(storage).sin6_port);
    return ntohs(reinterpret_cast<const sockaddr_in&>(storage).sin_port);
}

bool wait_for(int fd, int stop, int milliseconds) {
    // A negative descriptor is left out.
    std::array<pollfd, 2> watched{pollfd{fd, POLLIN, 0}, pollfd{stop, POLLIN, 0}};
    while (::poll(watched.data(), watched.size(), milliseconds) < 0) {
        if (errno != EINTR) return false;
    }
    return watched[1].revents == 0 && watched[0].revents != 0;
}

bool is_readable(int fd) {
    return wait_for(fd, -1, 0);
}

Bytes receive_some(int socket, std::size_t most) {
    // The kernel forgets it; without it, the acknowledgement and so the next message wait for 40 ms.
    set(socket, IPPROTO_TCP, TCP_QUICKACK);
    Bytes octets(most);
    ssize_t count = 0;
    do {
        count = ::recv(socket, octets.data(), octets.size(), 0);
    } while (count < 0 && errno == EINTR);
    octets.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return octets;
}

bool send_all(int socket, BytesView left) {
    while (!left.empty()) {
        auto count = ::send(socket, left.data(), left.size(), MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        left = left.subspan(static_cast<std::size_t>(count));
    }
    return true;
}

}  // namespace oti::bearer
