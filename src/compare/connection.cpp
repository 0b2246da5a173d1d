// SPDX-License-Identifier: Apache-2.0
#include "compare/connection.h"

#include "compare/framing.h"

namespace oti::compare {

using namespace std::chrono_literals;

Connection::Connection(Simulator& simulator, Path& path, bool stands)
    : simulator_(&simulator),
      path_(&path),
      synchronized_(stands),
      up_(simulator, path.up, path.down),
      down_(simulator, path.down, path.up) {}

/// SYN, SYN-ACK; each lost one costs a timeout of a second, then two, and so on (RFC 6298, 2.1).
void Connection::synchronize(Time timeout, std::function<void()> done) {
    auto alive = std::weak_ptr(alive_);
    path_->up.send(kSynPacket, [this, alive, done] {
        if (!alive.lock()) return;
        path_->down.send(kSynPacket, [this, alive, done] {
            if (!alive.lock() || synchronized_) return;
            synchronized_ = true;
            done();
        });
    });
    simulator_->after(timeout, [this, alive, timeout, done] {
        if (alive.lock() && !synchronized_) synchronize(timeout * 2, done);
    });
}

void Connection::open(std::function<void()> opened) {
    synchronize(1s, [this, opened = std::move(opened)] {
        client_flight_due_ = ticket_due_ = true;
        up_.write(kClientHello, [this, opened] { down_.write(kServerFlight, opened); });
    });
}

void Connection::send_up(std::size_t size, std::function<void()> delivered) {
    if (std::exchange(client_flight_due_, false)) size += kClientFlight;
    up_.write(size, std::move(delivered));
}

void Connection::send_down(std::size_t size, std::function<void()> delivered) {
    if (std::exchange(ticket_due_, false)) size += kTicket;
    down_.write(size, std::move(delivered));
}

void conclude(Outcome& outcome, const Simulator& simulator, const Path& path, const Connection* connection,
              bool over) {
    outcome.duration = simulator.now();
    outcome.bytes_up = path.up.bytes();
    outcome.bytes_down = path.down.bytes();
    if (connection != nullptr) outcome.bytes_again += connection->bytes_again();
    outcome.radio = path.radio.on_time();
    if (!over) outcome.error = "compare.patience";
}

}  // namespace oti::compare
