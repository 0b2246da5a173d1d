// SPDX-License-Identifier: Apache-2.0
// The sender's end of an SMPP session (an ESME bound as transceiver; SMPP 3.4, 2.2), without the connection:
// octets and the time go in, octets and events come out.
#pragma once

#include <chrono>
#include <deque>
#include <map>

#include "ota/smpp_pdu.h"

namespace oti::ota {

class SmppClient {
  public:
    using Time = std::chrono::steady_clock::time_point;
    using Duration = std::chrono::milliseconds;

    struct Limits {
        std::size_t window = 10;    ///< submits that wait for their response
        std::size_t queue = 1000;   ///< messages that wait for the window
        Duration response{10'000};  ///< then the session is given up
        Duration silence{30'000};   ///< then enquire_link is sent
        Duration backoff{1'000};    ///< after the first ESME_RTHROTTLED; doubled at each that follows
        Duration longest_backoff{60'000};
    };

    struct Bound {};
    struct Accepted {
        std::uint64_t ticket;
        std::string message_id;
        SmppMessage message;
    };
    struct Refused {
        std::uint64_t ticket;
        std::uint32_t status;
    };
    /// To be answered with `answer`.
    struct Arrived {
        std::uint64_t delivery;
        SmppMessage message;
    };
    struct Closed {
        Error why;
    };
    /// After `Closed` the connection is to be dropped.
    using Event = std::variant<Bound, Accepted, Refused, Arrived, SmppReceipt, Closed>;

    SmppClient(SmppBind bind, const Limits& limits) : bind_(std::move(bind)), limits_(limits) {}

    /// A connection is there: binds. Error `smpp.field`.
    Status connected(Time now);
    /// It is gone. Messages whose response had not come are sent again on the next one, so the centre may get
    /// them twice; who must not have that (SCP80 has its counter) sees to it.
    void disconnected();
    void received(BytesView bytes, Time now);
    /// To be called when `next_deadline` has come.
    void tick(Time now);
    std::optional<Time> next_deadline() const;

    /// Queues a message, connected or not; events name it by the ticket that is returned. Errors
    /// `smpp.field`, `smpp.queue` (full).
    Result<std::uint64_t> submit(SmppMessage message, Time now);
    /// Forgets a message that nobody waits for any more: it is not sent (again), but may have been.
    void withdraw(std::uint64_t ticket);
    /// The response to a message that has arrived: a status of `smpp_status`. Nothing happens where the
    /// session that it came by has ended: the centre then has had no answer, and sends it again.
    void answer(std::uint64_t delivery, std::uint32_t status);
    /// Ends the session in good order.
    void unbind(Time now);

    Bytes take_output() { return std::exchange(output_, {}); }
    std::optional<Event> next_event();

  private:
    enum class State { kClosed, kBinding, kBound, kUnbinding };
    struct Waiting {
        SmppCommand command;
        std::uint64_t ticket = 0;  ///< of a submit; 0 if it was withdrawn
        SmppMessage message;
        Time due;
    };

    void handle(const SmppPdu& pdu, Time now);
    void handle_request(const SmppPdu& pdu);
    void handle_response(const SmppPdu& pdu, Time now);
    void handle_submit_response(const SmppPdu& pdu, Waiting waiting, Time now);
    void not_understood(BytesView bytes, const Error& error);
    void request(SmppCommand command, Time now);
    Status send(const SmppPdu& pdu);
    void respond(SmppCommand command, std::uint32_t status, std::uint32_t sequence);
    void fill_window(Time now);
    void close(ErrorKind kind, std::string code, std::string message);
    std::uint32_t next_sequence();
    std::size_t submits_waiting() const;

    SmppBind bind_;
    Limits limits_;
    State state_ = State::kClosed;
    SmppStream stream_;
    Bytes output_;
    std::deque<Event> events_;
    std::map<std::uint64_t, SmppMessage> queue_;         ///< by ticket
    std::map<std::uint32_t, Waiting> waiting_;           ///< by sequence number
    std::map<std::uint64_t, std::uint32_t> unanswered_;  ///< sequence numbers, by delivery
    std::uint64_t last_ticket_ = 0;
    std::uint64_t last_delivery_ = 0;
    std::uint32_t last_sequence_ = 0;
    Time heard_{};
    Time held_until_{};
    Duration backoff_{};
};

}  // namespace oti::ota
