// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "ota/esme_sessions.h"
#include "ota/handset.h"
#include "ota/sms_centre.h"

namespace oti::ota {

/// A small message centre with its handsets: what ESMEs submit is stored, and handed to the handset with that
/// number when it arrives there; what its card answers is handed to the ESME that the message came from.
/// A handset is here, with its card, or a phone that is somewhere else and binds by its number, as ESMEs do.
/// Nothing of that is kept beyond this object. No connections, no cards, no clock:
///
///     connected, received, disconnected -> take_output        an ESME, or a phone
///     next_delivery -> delivered or failed; sent               a handset that is here, one message at a time
///     tick, next_deadline                                      the time
class MobileNetwork {
  public:
    using Time = EsmeSessions::Time;
    using Duration = SmsBehaviour::Duration;

    struct Options {
        std::string system_id = {}, password = {};  ///< of those who may bind; both empty: anybody
        SmsBehaviour down = {}, up = {};            ///< from the ESME to the handset, and back
        std::uint64_t seed = 0;
        /// Messages on their way to handsets, and on their way from a phone; more get "queue full".
        std::size_t capacity = 10'000;
        std::size_t rate = 0;  ///< messages a second of an ESME, more get "throttled"; 0: any number
        Duration retry = std::chrono::seconds(5);  ///< after a handset that could not take a message
    };
    struct Counts {
        std::uint64_t submitted = 0, refused = 0, delivered = 0, undelivered = 0;  ///< from ESMEs
        std::uint64_t returned = 0;                                                ///< from handsets
        std::uint64_t dropped = 0;  ///< from handsets that no ESME has ever sent anything
    };

    explicit MobileNetwork(const Options& options);

    /// A handset in reach. Error `sms.address`: no number, or one that is taken.
    Status add_handset(const std::string& msisdn) { return add(msisdn, false); }
    /// A handset that is somewhere else. It may bind whose system_id is its digits, with the password of all;
    /// it gets its messages by deliver_sm, one at a time, and what it submits is `sent`. Error `sms.address`.
    Status add_phone(const std::string& msisdn) { return add(msisdn, true); }

    EsmeSessions::Id connected(Time now) { return esmes_.connected(now); }
    void received(EsmeSessions::Id id, BytesView bytes, Time now);
    void disconnected(EsmeSessions::Id id, Time now) { esmes_.disconnected(id, now); }
    Bytes take_output(EsmeSessions::Id id) { return esmes_.take_output(id); }
    bool is_over(EsmeSessions::Id id) const { return esmes_.is_over(id); }

    /// A message for a handset that has none in hand. Its holder says what became of it.
    struct Delivery {
        std::string msisdn;
        SmsDeliver message;
    };
    std::optional<Delivery> next_delivery(Time now);
    /// What the card said to it.
    void delivered(const std::string& msisdn, const Handset::Report& answer, Time now);
    /// It could not be handed to the card: it is tried again as long as it is valid.
    void failed(const std::string& msisdn, Time now);
    /// The card wants this sent, at whatever time. It goes to the account that was the last to send something
    /// to this handset from the number that it is for, or from any.
    void sent(const std::string& msisdn, const SmsSubmit& message, Time now);

    void tick(Time now);
    std::optional<Time> next_deadline() const;

    const Counts& counts() const { return counts_; }

  private:
    struct Stored {
        std::string id;
        std::string system_id;  ///< of the ESME
        SmppMessage message;
        SmsDeliver deliver;
        Time accepted;
        bool settled = false;  ///< a receipt was given, or would have been
    };
    using StoredPtr = std::shared_ptr<Stored>;
    /// On its way to an ESME.
    struct Returned {
        std::string system_id;
        SmppMessage message;
    };
    /// Who has sent a handset something: from which number, and what they called the handset.
    struct Sender {
        std::string system_id;
        SmppAddress number, handset;
    };
    static constexpr std::size_t kMaxSenders = 64;  ///< of a handset; the one from longest ago gives way
    struct Recipient {
        std::string msisdn;
        bool is_phone;
        SmsCentreOf<StoredPtr> down;
        SmsCentreOf<Returned> up;
        std::deque<StoredPtr> arrived;
        StoredPtr in_hand;
        Time not_before{};
        std::uint64_t delivery = 0;  ///< to a phone, of the message in hand
        std::deque<Sender> senders;  ///< the last one first
    };

    Status add(const std::string& msisdn, bool is_phone);
    bool may_bind(const SmppBind& bind);
    void submitted(const EsmeSessions::Submission& submission, Time now);
    void submitted_by(Recipient& phone, const EsmeSessions::Submission& submission, Time now);
    /// Why it is refused; `kOk` if it is not.
    std::uint32_t admit(const EsmeSessions::Submission& submission, Time now);
    std::uint32_t throttle(const std::string& system_id, Time now);
    std::string next_message_id();
    bool take_in_hand(Recipient& recipient, Time now);
    void hand_over(Recipient& phone, Time now);
    void answered(const EsmeSessions::Answer& answer, Time now);
    Time end_of(const Stored& stored) const;
    void settle(Stored& stored, std::string_view state, Time now);
    void send_back(Recipient& from, const Sender& to, const SmsContent& content,
                   const std::string& destination, Time now);
    Recipient* find(std::string_view msisdn);
    Recipient* find_phone(std::string_view system_id);
    /// The handset with this number if it is here and has a message in hand.
    Recipient* find_busy(std::string_view msisdn);
    std::size_t waiting() const;

    Options options_;
    EsmeSessions esmes_;
    std::deque<Recipient> handsets_;
    std::map<std::string, std::deque<Time>> recent_;  ///< submissions of the last second, by system_id
    std::uint64_t last_message_ = 0;
    Counts counts_;
};

}  // namespace oti::ota
