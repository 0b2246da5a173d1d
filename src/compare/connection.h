// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "compare/bearer.h"
#include "compare/tcp_stream.h"

namespace oti::compare {

/// Phone and server, with a network between them.
struct Path {
    Path(Simulator& simulator, SeededRandom& random, const Network& the_network, bool connected)
        : network(the_network),
          radio(network, connected),
          up(simulator, random, radio, network, network.up_bytes_per_second),
          down(simulator, random, radio, network, network.down_bytes_per_second) {}
    Path(const Path&) = delete;
    Path& operator=(const Path&) = delete;

    Network network;
    Radio radio;
    Link up, down;
};

/// A TCP connection of the phone's with TLS 1.3 on it. When it is destroyed, all that is on its way is lost.
class Connection {
  public:
    /// That stands since long, or, without, one to be opened.
    Connection(Simulator& simulator, Path& path, bool stands);

    /// TCP's handshake and TLS's; `opened` is called when the phone may send: two round trips.
    void open(std::function<void()> opened);
    /// `size`: with all that framing.h says.
    void send_up(std::size_t size, std::function<void()> delivered);
    void send_down(std::size_t size, std::function<void()> delivered);
    /// Octets that TCP has sent again.
    std::uint64_t bytes_again() const { return up_.bytes_again() + down_.bytes_again(); }

    /// Dependent round trips of `open`.
    static constexpr unsigned kRoundTrips = 2;

  private:
    void synchronize(Time timeout, std::function<void()> done);

    Simulator* simulator_;
    Path* path_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    bool synchronized_;
    bool client_flight_due_ = false, ticket_due_ = false;
    TcpStream up_, down_;
};

/// The end of an installation over these: what it took, or, if it is not over, that it took too long. What
/// connections before this one have sent again is counted already.
void conclude(Outcome& outcome, const Simulator& simulator, const Path& path, const Connection* connection,
              bool over);

}  // namespace oti::compare
