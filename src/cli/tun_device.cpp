// SPDX-License-Identifier: Apache-2.0
#include "cli/tun_device.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace oti::cli {
namespace {

ifreq request_for(const std::string& device) {
    ifreq request{};
    device.copy(request.ifr_name, IFNAMSIZ - 1);
    return request;
}

Status configure(ifreq& request, unsigned long what) {
    Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (socket && ::ioctl(socket.get(), what, &request) == 0) return {};
    return fail(ErrorKind::kIo, "network.device",
                fmt::format("configure the network device {}: {}", request.ifr_name, std::strerror(errno)));
}

Status set_address(const std::string& device, unsigned long which, const std::string& text) {
    auto request = request_for(device);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    if (::inet_pton(AF_INET, text.c_str(), &address.sin_addr) != 1) {
        return fail(ErrorKind::kInternal, "network.device", "no IPv4 address: " + text);
    }
    std::memcpy(&request.ifr_addr, &address, sizeof address);
    return configure(request, which);
}

}  // namespace

Status bring_up(const std::string& device) {
    auto request = request_for(device);
    OTI_CHECK(configure(request, SIOCGIFFLAGS));
    request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
    return configure(request, SIOCSIFFLAGS);
}

Result<TunDevice> TunDevice::create(const std::string& address, const std::string& peer, std::uint16_t mtu) {
    Descriptor file(::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC));
    auto request = request_for("oti%d");
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    if (!file || ::ioctl(file.get(), TUNSETIFF, &request) != 0) {
        return fail(
            ErrorKind::kIo, "network.tun",
            fmt::format("make a device by /dev/net/tun: {}", std::strerror(errno)),
            "the kernel's module 'tun' is needed, and in a container its device: --device /dev/net/tun "
            "--cap-add NET_ADMIN");
    }
    std::string name(request.ifr_name);
    OTI_CHECK(set_address(name, SIOCSIFADDR, address));
    OTI_CHECK(set_address(name, SIOCSIFDSTADDR, peer));
    request = request_for(name);
    request.ifr_mtu = mtu;
    OTI_CHECK(configure(request, SIOCSIFMTU));
    OTI_CHECK(bring_up(name));
    return TunDevice(std::move(file), mtu);
}

Bytes TunDevice::read() {
    Bytes packet(mtu_);
    auto size = ::read(file_.get(), packet.data(), packet.size());
    packet.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return packet;
}

void TunDevice::write(BytesView packet) {
    (void)::write(file_.get(), packet.data(), packet.size());
}

}  // namespace oti::cli
