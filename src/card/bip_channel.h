// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/proactive.h"

namespace oti::card {

/// A TCP connection that the phone opens for the card, which is the client (bearer independent protocol, TS
/// 102 223, 6.4.27 to 6.4.30). One of its commands waits for the phone at a time.
class BipChannel {
  public:
    explicit BipChannel(ProactiveQueue& queue) : queue_(&queue) {}

    /// `connection`: the objects of OPEN CHANNEL that say where to, and how. Only while closed.
    void open(BytesView connection);
    void send(BytesView octets);
    /// Once what is to be sent is sent.
    void close();
    void reset() { *this = BipChannel(*queue_); }
    bool is_closed() const { return state_ == State::kClosed; }

    struct News {
        bool opened = false;
        bool lost = false;  ///< it does not stand, or not any more, and nobody here wanted that
        Bytes received = {};
    };
    /// To a command of a channel.
    News on_response(const TerminalResponse& response);
    /// Event "data available" (7.5.10).
    void on_data_available(const PhoneObjects& objects);
    /// Event "channel status" (7.5.11).
    News on_status(const PhoneObjects& objects);

  private:
    enum class State : std::uint8_t { kClosed, kOpening, kOpen, kClosing };
    /// Asks the phone for what is due, if it is not busy with us.
    void go_on();
    News lose();
    bool is_ours(const PhoneObjects& objects) const;

    ProactiveQueue* queue_;
    State state_ = State::kClosed;
    std::uint8_t number_ = 0;
    bool busy_ = false;
    bool data_available_ = false;
    bool lost_ = false;
    Bytes outgoing_;
};

}  // namespace oti::card
