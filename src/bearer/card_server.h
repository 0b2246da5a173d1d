// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "base/clock.h"
#include "base/descriptor.h"
#include "bearer/endpoint.h"
#include "card/transmission.h"

namespace oti::bearer {

/// The virtual secure element as a card in somebody else's reader, over TCP. The framing is that of
/// vsmartcard's vpcd, whoever connects to whom: both sides send messages of a length (2 bytes, the higher
/// first) and so many bytes. The terminal sends
///
///     00           power off             no answer
///     01           power on              no answer
///     02           reset                 no answer
///     04           what is the ATR?      the ATR
///     4 and more   C-APDU (T=1) or command TPDU (T=0)    the R-APDU or response TPDU
///
/// Other messages get an empty one. A terminal that is gone has taken the power with it.
class CardServer {
  public:
    /// A clock: answers come as slowly as the profile says. None: at once. Readability of `stop` ends all
    /// that is done here.
    CardServer(card::SecureElement& se, Clock* clock, int stop) : card_(se), clock_(clock), stop_(stop) {}

    /// What is told of a terminal: "connected to …", "… is gone".
    std::function<void(std::string_view)> on_event = [](std::string_view) {};

    /// What has been answered to what, and why an applet or its code was refused or stopped; that the card
    /// was reset (all empty): for a trace.
    std::function<void(BytesView, BytesView, std::string_view)> on_exchange = [](BytesView, BytesView,
                                                                                 std::string_view) {};

    /// Joins a vpcd, again and again while it is away. Returns when stopped.
    Status join(const Endpoint& vpcd);
    /// Waits for terminals, and serves one at a time. Returns when stopped. `on_port` hears which port it is.
    /// Error `serve.listen`.
    Status listen(const Endpoint& endpoint, const std::function<void(std::uint16_t)>& on_port);
    /// Serves the terminal at the other end of a connection until either end is closed.
    void serve(int socket);

  private:
    /// Whether there is something to read (or an end to notice) at `fd`; false when stopped, or late.
    bool wait_for(int fd, int milliseconds = -1) const;
    bool is_stopped() const;
    bool receive(int socket, std::span<std::uint8_t> bytes) const;
    bool send(int socket, BytesView message) const;
    void reset();
    Bytes respond(BytesView command);
    Bytes process(BytesView command, card::Exchange& exchange);

    card::Transmission card_;
    Clock* clock_;
    int stop_;
};

}  // namespace oti::bearer
