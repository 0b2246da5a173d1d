// SPDX-License-Identifier: Apache-2.0
// What an installation of 9 KB costs the server, from the goal to the last response checked, network and
// database left out, beside the floor: as many commands by raw AES-CBC and CMAC.
//
// The secure element is not measured: its answers to a session with fixed randomness are recorded once, as
// the messages that the SE Manager sends, and replayed.
#include <benchmark/benchmark.h>

#include <deque>
#include <functional>

#include "manager/testing.h"
#include "remote_agent/remote_session.h"
#include "scp/floor_bench.h"
#include "seram/json.h"

namespace oti::remote_agent {
namespace {

using manager::testing::must;
using manager::testing::Provider;

class FixedRandom final : public crypto::Random {
  public:
    void fill(std::span<std::uint8_t> out) override { std::ranges::fill(out, 0xA5); }
};

/// A message on the wire.
using Message = Bytes;
std::string_view text(const Message& message) {
    return {reinterpret_cast<const char*>(message.data()), message.size()};
}
Message message(std::string_view text) {
    return {text.begin(), text.end()};
}

/// Runs commands on a card.
using Execute = std::function<std::vector<Bytes>(const iso7816::Script&)>;

/// The stream binding: orders go out as frames as soon as they may, each is answered by a report.
struct StreamBinding {
    using Order = seram::StreamOrder;
    static constexpr bool kStopsAtSurprise = true;

    template <typename Answer>
    static std::uint64_t run(RemoteSession& session, Answer answer) {
        std::uint64_t sent = 0;
        std::deque<Order> in_flight;
        while (true) {
            for (auto& order : must(session.orders())) {
                sent += seram::encode(seram::Frame{order}).size();
                in_flight.push_back(std::move(order));
            }
            if (session.is_done()) return sent;
            auto frame = must(seram::parse_frame(answer(in_flight.front())));
            in_flight.pop_front();
            if (!session.on_report(std::get<seram::StreamReport>(frame))) throw std::logic_error("refused");
        }
    }

    static Message report_of(const Order& order, const Execute& execute) {
        seram::StreamReport report{order.session, order.place};
        for (const auto& command : order.order.commands) {
            if (const auto* ram = std::get_if<seram::SeRam>(&command))
                report.responses = execute(ram->commands);
        }
        return seram::encode(seram::Frame{report});
    }
};

/// The JSON binding: a report, an order, a report.
struct JsonBinding {
    using Order = seram::Order;
    static constexpr bool kStopsAtSurprise = false;

    template <typename Answer>
    static std::uint64_t run(RemoteSession& session, Answer answer) {
        std::uint64_t sent = 0;
        auto report = message(seram::to_json(seram::Report{}));
        while (true) {
            auto order = must(session.on_report(must(seram::parse_report(text(report)))));
            sent += seram::to_json(order).size();
            if (session.is_done()) return sent;
            report = answer(order);
        }
    }

    static Message report_of(const Order& order, const Execute& execute) {
        seram::Report report{seram::AgentStatus::kProcessed};
        for (const auto& command : order.commands) {
            if (const auto* ram = std::get_if<seram::SeRam>(&command)) {
                report.responses.push_back(execute(ram->commands));
                ++report.executed_commands;
            }
        }
        return message(seram::to_json(report));
    }
};

/// One session that installs the application, with `answer` in the place of the SE Manager.
template <typename Binding, typename Answer>
manager::Traffic install(const globalplatform::DesiredApplication& application,
                         const manager::DomainMemory& memory, std::uint64_t& sent, Answer answer) {
    using namespace manager::testing;
    FixedRandom random;
    manager::DomainSession conversation(access_to(kDomain, domain_keys(kOwnKey, 0x31)), {{{application}, {}}},
                                        memory, {Binding::kStopsAtSurprise}, random);
    RemoteSession session(seram::SessionId("00112233445566778899AABBCCDDEEFF"),
                          {seram::SeType::kUicc, "89001012012341234012345678901224"}, conversation, {});
    sent = Binding::run(session, answer);
    return session.traffic();
}

template <typename Binding>
void BM_Installation9K(benchmark::State& state) {
    Provider provider;
    auto memory = *provider.memory;
    auto application = manager::testing::transit("1.0");
    std::uint64_t sent = 0, received = 0;

    bearer::VirtualChannel card(provider.se);
    auto execute = [&](const iso7816::Script& script) {
        std::vector<Bytes> responses;
        for (const auto& command : script) responses.push_back(must(card.transmit(command.apdu)));
        return responses;
    };
    std::vector<Message> recorded;
    auto traffic = install<Binding>(application, memory, sent, [&](const Binding::Order& order) {
        received += recorded.emplace_back(Binding::report_of(order, execute)).size();
        return recorded.back();
    });
    if (!provider.has_transit()) return state.SkipWithError("nothing was installed");

    std::chrono::duration<double> spent{};
    for (auto _ : state) {
        auto start = std::chrono::steady_clock::now();
        std::size_t next = 0;
        benchmark::DoNotOptimize(
            install<Binding>(application, memory, sent,
                             [&](const Binding::Order&) -> const Message& { return recorded.at(next++); }));
        spent += std::chrono::steady_clock::now() - start;
    }
    auto floor = scp::testing::Floor().time_of(traffic.apdus);
    state.counters["floor_us"] = floor.count() * 1e6;
    state.counters["times_floor"] = spent / floor / static_cast<double>(state.iterations());
    state.counters["apdus"] = static_cast<double>(traffic.apdus);
    state.counters["bytes_down"] = static_cast<double>(sent);
    state.counters["bytes_up"] = static_cast<double>(received);
}
BENCHMARK(BM_Installation9K<StreamBinding>)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_Installation9K<JsonBinding>)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace oti::remote_agent
