// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>

#include "compare/link.h"

namespace oti::compare {

/// Octets of IPv4 and TCP headers with timestamps, and of data in a full packet.
inline constexpr std::size_t kPacketHeader = 52, kSegment = 1348;
/// SYN and SYN-ACK with their options.
inline constexpr std::size_t kSynPacket = 60;

/// One direction of a TCP connection over two lossy links, with messages in place of octets: congestion
/// window of 10 segments that grows by what is acknowledged and is halved by loss (RFC 5681, RFC 6928), fast
/// retransmission after three duplicates (RFC 6582), else a timeout of smoothed round trip plus four
/// deviations, at least 200 ms as Linux has it, doubled each time (RFC 6298). Every segment is acknowledged
/// at once by a packet of its own; there is no selective acknowledgement.
class TcpStream {
  public:
    TcpStream(Simulator& simulator, Link& data, Link& acknowledgements)
        : simulator_(&simulator), data_(&data), acknowledgements_(&acknowledgements) {}

    /// `delivered` is called once the last octet is there, and all before it.
    void write(std::size_t size, std::function<void()> delivered);
    /// Data octets that were sent again.
    std::uint64_t bytes_again() const { return bytes_again_; }

  private:
    struct Message {
        std::uint64_t end;
        std::function<void()> delivered;
    };

    void send_what_may_go();
    void transmit(std::uint64_t begin, bool again);
    void on_segment(std::uint64_t begin, std::uint64_t end);
    void on_acknowledgement(std::uint64_t upto);
    void lose_window();
    void set_timer();
    void sample(Time round_trip);
    Time timeout() const;

    Simulator* simulator_;
    Link* data_;
    Link* acknowledgements_;
    /// Events that outlive the connection find that it is gone.
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);

    // Sender. Places are octets since the beginning.
    std::uint64_t written_ = 0, sent_ = 0, acknowledged_ = 0, recover_ = 0;
    std::map<std::uint64_t, std::uint64_t> segments_;  ///< begin to end, of what is not acknowledged
    std::map<std::uint64_t, Time> sent_at_;            ///< of segments sent once (Karn)
    double window_ = 10 * kSegment, threshold_ = 1e12;
    unsigned duplicates_ = 0;
    bool measured_ = false;
    Time smoothed_{}, deviation_{}, timeout_ = std::chrono::seconds(1);
    std::uint64_t timer_ = 0;  ///< which is the valid one
    std::uint64_t bytes_again_ = 0;

    // Receiver.
    std::uint64_t received_ = 0;
    std::map<std::uint64_t, std::uint64_t> early_;  ///< what came before its turn
    std::deque<Message> messages_;
};

}  // namespace oti::compare
