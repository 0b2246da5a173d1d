// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "compare/connection.h"
#include "compare/tcp_segment.h"

namespace oti::compare {

/// A declared network for packets that are real: the links, the radio and the random numbers of the
/// simulation, while time passes outside. It carries TCP over IPv4, and nothing else.
///
/// A cut takes the phone its network, and its address with it: what is on the way is lost, both ends of each
/// connection are reset, as are those that somebody tries to open or to go on with before the network is
/// back. So both notice at once, as in the simulation.
class Shaper {
  public:
    enum class Side { kPhone, kServers };
    struct Arrival {
        Side at;
        Bytes packet;
    };

    /// `name`: of the run; it and the seed determine what is random. The radio is connected.
    Shaper(const Network& network, std::uint64_t seed, std::string_view name)
        : random_(seed, name), path_(simulator_, random_, network, true) {}

    /// `from` has sent a packet. Times never go back.
    void send(Time now, Side from, Bytes packet);
    /// What has arrived by now, in its order.
    std::vector<Arrival> arrivals(Time now);
    /// When something is to be looked at again, if nobody sends.
    std::optional<Time> next() const { return simulator_.next(); }
    /// From now on the network is cut as it is declared, or no more; at first it is not.
    void let_cut(Time now, bool cut);

  private:
    /// The last segment of each end of a connection.
    struct Flow {
        std::optional<TcpSegment> of_phone, of_servers;
    };
    using Ports = std::pair<std::uint16_t, std::uint16_t>;  ///< the phone's, the server's

    bool admit(Side from, const TcpSegment& segment);
    void await_cut();
    void cut();
    void reset(Side end, const std::optional<TcpSegment>& segment);

    Simulator simulator_;
    SeededRandom random_;
    Path path_;
    bool away_ = false;
    std::uint64_t era_ = 0;   ///< ends with each cut; what was on the way in it is lost
    std::uint64_t plan_ = 0;  ///< which cuts and returns are still to happen
    std::map<Ports, Flow> flows_;
    std::vector<Arrival> arrivals_;
};

}  // namespace oti::compare
