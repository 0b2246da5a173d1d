// SPDX-License-Identifier: Apache-2.0
#include "compare/shaper.h"

#include <utility>

namespace oti::compare {

void Shaper::send(Time now, Side from, Bytes packet) {
    simulator_.run_to(now);
    auto segment = TcpSegment::parse(packet);
    if (!segment || !admit(from, *segment)) return;
    bool up = from == Side::kPhone;
    auto size = packet.size();
    auto arrive = [this, era = era_, to = up ? Side::kServers : Side::kPhone, packet = std::move(packet)] {
        if (era == era_) arrivals_.push_back({to, packet});
    };
    (up ? path_.up : path_.down).send(size, std::move(arrive));
}

std::vector<Shaper::Arrival> Shaper::arrivals(Time now) {
    simulator_.run_to(now);
    return std::exchange(arrivals_, {});
}

/// Whether the segment goes on its way; else its sender hears that there is no such connection.
bool Shaper::admit(Side from, const TcpSegment& segment) {
    bool up = from == Side::kPhone;
    Ports ports = up ? Ports(segment.source_port, segment.destination_port)
                     : Ports(segment.destination_port, segment.source_port);
    bool begins = segment.synchronize && !segment.acknowledge;
    if (away_ || (!begins && !flows_.contains(ports))) {
        reset(from, segment);
        return false;
    }
    auto& flow = flows_[ports];
    if (begins) flow = {};
    (up ? flow.of_phone : flow.of_servers) = segment;
    return true;
}

void Shaper::reset(Side end, const std::optional<TcpSegment>& segment) {
    if (segment && !segment->reset) arrivals_.push_back({end, reset_for(*segment)});
}

void Shaper::let_cut(Time now, bool cut) {
    simulator_.run_to(now);
    ++plan_;
    away_ = false;
    if (cut) await_cut();
}

void Shaper::await_cut() {
    const auto& network = path_.network;
    if (network.cut_every <= 0) return;
    simulator_.after(seconds(network.cut_every * random_.exponential()), [this, plan = plan_] {
        if (plan == plan_) cut();
    });
}

void Shaper::cut() {
    ++era_;
    away_ = true;
    for (const auto& [ports, flow] : std::exchange(flows_, {})) {
        reset(Side::kPhone, flow.of_phone);
        reset(Side::kServers, flow.of_servers);
    }
    simulator_.after(seconds(path_.network.outage * random_.exponential()), [this, plan = plan_] {
        if (plan != plan_) return;
        away_ = false;
        await_cut();
    });
}

}  // namespace oti::compare
