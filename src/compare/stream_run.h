// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "agent/local_session.h"
#include "compare/bearer.h"
#include "compare/connection.h"
#include "compare/simulated_card.h"
#include "remote_agent/remote_session.h"

namespace oti::compare {

/// One installation over the stream binding, in virtual time: what `remote_agent::RemoteAgent` and
/// `agent::Agent` do with their sockets and timers, done with a simulator's; the sessions at either end,
/// their frames and what they carry are the real ones.
class StreamRun {
  public:
    StreamRun(const Trial& trial, remote_agent::Flight flight, bool cold);
    Result<Outcome> run();

  private:
    // The network between.
    void connect();
    void lose_connection();
    void cut_after(Time delay);
    void await_network_cut();
    void to_phone(Bytes frame);
    void to_server(Bytes frame);

    // The server: RemoteAgent.
    void begin_session();
    void send_orders();
    void at_server(BytesView frame);
    void on_hello(const std::optional<seram::Standing>& standing);
    void fail_session(Error error);
    void finish(bool completed);

    // The phone: Agent.
    void at_phone(BytesView frame);
    void on_order(const seram::StreamOrder& order);
    void pump();
    void report();

    const Trial* trial_;
    remote_agent::Flight flight_;
    bool cold_;
    Simulator simulator_;
    SeededRandom random_;       ///< of server and card
    SeededRandom path_random_;  ///< of the network
    Path path_;
    std::optional<SimulatedCard> card_;
    std::shared_ptr<Connection> connection_;
    bool connected_ = false;         ///< the server has the phone's Hello on it
    bool phone_connected_ = false;   ///< and the phone its answer
    std::uint64_t incarnation_ = 0;  ///< of the connection: timers of an earlier one mean nothing

    std::unique_ptr<manager::Conversation> work_;
    std::optional<remote_agent::RemoteSession> remote_;
    std::size_t sessions_ = 0;
    seram::Place sent_{}, reported_{};  ///< all before them were sent at least once

    std::optional<agent::LocalSession> local_;
    seram::SessionId local_id_;
    bool pumping_ = false;
    Time last_report_{}, orphaned_{};
    std::chrono::milliseconds pause_;

    Outcome outcome_;
    bool over_ = false;
};

}  // namespace oti::compare
