// SPDX-License-Identifier: Apache-2.0
#include "cli/shaped_way.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

namespace oti::cli {
namespace {

using Side = compare::Shaper::Side;

/// Packets as large as the simulation's.
constexpr std::uint16_t kMtu = compare::kSegment + compare::kPacketHeader;

timespec as_timespec(compare::Time time) {
    auto whole = std::chrono::floor<std::chrono::seconds>(time);
    return {.tv_sec = whole.count(), .tv_nsec = (time - whole).count()};
}

}  // namespace

Result<std::unique_ptr<ShapedWay>> ShapedWay::open(const compare::Network& network, std::uint16_t number,
                                                   std::uint64_t seed) {
    OTI_TRY(auto phone, NetworkNamespace::create());
    const std::string servers(kServers);
    auto place = number + 2U;  // after the servers'
    auto address = fmt::format("198.18.{}.{}", place >> 8, place & 0xFF);
    OTI_TRY(auto at_servers, TunDevice::create(servers, address, kMtu));
    auto make_other_end = [&]() -> Result<TunDevice> {
        OTI_TRY(auto stay, phone.enter());
        return TunDevice::create(address, servers, kMtu);
    };
    OTI_TRY(auto at_phone, make_other_end());
    Descriptor wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!wake) return fail(ErrorKind::kIo, "network.tun", std::strerror(errno));
    return std::unique_ptr<ShapedWay>(new ShapedWay(std::move(phone), std::move(at_servers),
                                                    std::move(at_phone), std::move(wake), network, number,
                                                    seed));
}

ShapedWay::ShapedWay(NetworkNamespace phone, TunDevice at_servers, TunDevice at_phone, Descriptor wake,
                     const compare::Network& network, std::uint16_t number, std::uint64_t seed)
    : phone_(std::move(phone)),
      at_servers_(std::move(at_servers)),
      at_phone_(std::move(at_phone)),
      wake_(std::move(wake)),
      shaper_(network, seed, fmt::format("way {}", number)),
      thread_([this] { carry(); }) {}

ShapedWay::~ShapedWay() {
    stop_ = true;
    wake();
    thread_.join();
}

void ShapedWay::let_cut(bool cut) {
    cut_ = cut;
    wake();
}

void ShapedWay::wake() {
    (void)::eventfd_write(wake_.get(), 1);
}

void ShapedWay::carry() {
    auto begin = std::chrono::steady_clock::now();
    auto now = [&] { return compare::Time(std::chrono::steady_clock::now() - begin); };
    bool cut = false;
    while (!stop_) {
        std::array<pollfd, 3> ready{{{at_servers_.descriptor(), POLLIN, 0},
                                     {at_phone_.descriptor(), POLLIN, 0},
                                     {wake_.get(), POLLIN, 0}}};
        auto next = shaper_.next();
        timespec left = as_timespec(next ? std::max(*next - now(), compare::Time{}) : compare::Time{});
        if (::ppoll(ready.data(), ready.size(), next ? &left : nullptr, nullptr) < 0 && errno != EINTR)
            return;
        eventfd_t ignored = 0;
        (void)::eventfd_read(wake_.get(), &ignored);
        if (cut != cut_) {
            cut = cut_;
            shaper_.let_cut(now(), cut);
        }
        for (auto packet = at_servers_.read(); !packet.empty(); packet = at_servers_.read()) {
            shaper_.send(now(), Side::kServers, std::move(packet));
        }
        for (auto packet = at_phone_.read(); !packet.empty(); packet = at_phone_.read()) {
            shaper_.send(now(), Side::kPhone, std::move(packet));
        }
        for (const auto& arrival : shaper_.arrivals(now())) {
            (arrival.at == Side::kPhone ? at_phone_ : at_servers_).write(arrival.packet);
        }
    }
}

}  // namespace oti::cli
