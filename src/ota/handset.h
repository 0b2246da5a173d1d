// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <deque>
#include <variant>

#include "iso7816/apdu.h"
#include "ota/proactive_command.h"

namespace oti::ota {

/// What a handset does for its card (ETSI TS 102 223): hands on short messages that are for it, sends those
/// that it wants sent, opens TCP connections for it and carries their octets, and wakes it up. It does no
/// I/O:
///
///     next() -> a C-APDU for the card    answer() -> its R-APDU
///     deliver(), opened(), received(), lost(), expired() <- what happens outside
///     take_wishes() -> what the card wants to happen outside
class Handset {
  public:
    /// `centre`: the address of the service centre that messages come by.
    struct Abilities {
        bool channels = false;  ///< class "e" (BIP), TCP with the card as the client, and timers
    };
    Handset(SmsAddress centre, Abilities abilities) : centre_(std::move(centre)), abilities_(abilities) {}

    /// The next C-APDU, if one is due and the one before it was answered.
    std::optional<Bytes> next();
    /// Errors: `sms.proactive` and `parse.*` for what a card cannot say, `sms.endless`.
    Status answer(BytesView response);

    /// The phone is switched on: TERMINAL PROFILE. Whatever was going on is over, its channels too.
    void start();
    void deliver(const SmsDeliver& message);
    /// To `OpenChannel`: whether the connection stands.
    void opened(std::uint8_t channel, bool stands);
    void received(std::uint8_t channel, BytesView octets);
    /// The connection does not stand any more, though nobody here closed it.
    void lost(std::uint8_t channel);
    void expired(std::uint8_t timer);

    /// What the card said to a message: the status of the ENVELOPE, and its response: user data for the
    /// SMS-DELIVER-REPORT, or empty.
    struct Report {
        std::uint16_t sw = 0;
        Bytes data;

        /// It would rather have the message later (TS 102 221, 10.2.1).
        bool is_busy() const { return sw == 0x9300; }
        /// The response as a message: a report has no coding of its own to speak of, so it is that of the
        /// message which it answers.
        SmsContent as_answer_to(const SmsContent& message) const {
            return {message.protocol, message.coding, true, data};
        }
    };
    struct OpenChannel {
        std::uint8_t channel;
        ChannelTarget target;
    };
    struct SendData {
        std::uint8_t channel;
        Bytes octets;
    };
    struct CloseChannel {
        std::uint8_t channel;
    };
    struct StartTimer {
        std::uint8_t timer;
        std::chrono::seconds duration;
    };
    using Wish = std::variant<Report, SmsSubmit, OpenChannel, SendData, CloseChannel, StartTimer>;
    std::vector<Wish> take_wishes() { return std::exchange(wishes_, {}); }

  private:
    enum class Due : std::uint8_t { kNothing, kProfile, kMessage, kEvent, kFetch, kResponse };
    struct Envelope {
        Due kind;
        Bytes data;
    };
    struct Channel {
        enum class State : std::uint8_t { kFree, kOpening, kOpen, kLost };
        State state = State::kFree;
        Bytes received;
        /// While it is being opened: the command that is to be answered.
        std::optional<ProactiveCommand> command;
    };

    Status carry_out(const ProactiveCommand& command);
    void carry_out_on_channel(const ProactiveCommand& command);
    void open(const ProactiveCommand& command);
    void respond(const ProactiveCommand& command, BytesView result, BytesView objects = {});
    Bytes status_of(std::uint8_t channel) const;
    void tell(std::uint8_t event, BytesView objects);
    /// Nothing for a channel that there is not.
    Channel* channel(std::uint8_t number);

    SmsAddress centre_;
    Abilities abilities_;
    std::deque<Envelope> envelopes_;
    Due asked_ = Due::kNothing;  ///< the card's answer to this is due
    std::optional<std::uint8_t> fetch_;
    std::optional<Bytes> response_;  ///< to the command that was fetched
    bool in_command_ = false;        ///< fetched, and not yet answered
    unsigned in_a_row_ = 0;
    std::array<std::chrono::seconds, 9> timers_{};
    std::array<Channel, 7> channels_;
    std::vector<Wish> wishes_;
};

}  // namespace oti::ota
