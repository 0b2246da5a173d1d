// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "ota/esme_sessions.h"
#include "ota/sms_centre.h"
#include "ota/sms_handset.h"

namespace oti::ota {

/// A small message centre with its handsets: what ESMEs submit is stored, and handed to the handset with that
/// number when it arrives there; what its card answers is handed to the ESME that the message came from.
/// Nothing of that is kept beyond this object. No connections, no cards, no clock:
///
///     connected, received, disconnected -> take_output        an ESME
///     next_delivery -> delivered or failed                     a handset, one message at a time
///     tick, next_deadline                                      the time
class MobileNetwork {
  public:
    using Time = EsmeSessions::Time;
    using Duration = SmsBehaviour::Duration;

    struct Options {
        std::string system_id = {}, password = {};  ///< of those who may bind; both empty: anybody
        SmsBehaviour down = {}, up = {};            ///< from the ESME to the handset, and back
        std::uint64_t seed = 0;
        std::size_t capacity = 10'000;  ///< messages on their way to handsets; more get "queue full"
        std::size_t rate = 0;           ///< messages a second of an ESME, more get "throttled"; 0: any number
        Duration retry = std::chrono::seconds(5);  ///< after a handset that could not take a message
    };
    struct Counts {
        std::uint64_t submitted = 0, refused = 0, delivered = 0, undelivered = 0, returned = 0;
    };

    explicit MobileNetwork(const Options& options);

    /// A handset in reach. Error `sms.address`.
    Status add_handset(const std::string& msisdn);

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
    void delivered(const std::string& msisdn, const SmsHandset::Answer& answer, Time now);
    /// It could not be handed to the card: it is tried again as long as it is valid.
    void failed(const std::string& msisdn, Time now);

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
    struct Handset {
        std::string msisdn;
        SmsCentreOf<StoredPtr> down;
        SmsCentreOf<Returned> up;
        std::deque<StoredPtr> arrived;
        StoredPtr in_hand;
        Time not_before{};
    };

    void submitted(const EsmeSessions::Submission& submission, Time now);
    /// Why it is refused; `kOk` if it is not.
    std::uint32_t admit(const EsmeSessions::Submission& submission, Time now);
    void settle(Stored& stored, std::string_view state, Time now);
    void send_back(Handset& handset, const Stored& stored, const SmsContent& content, std::string destination,
                   Time now);
    Handset* find(std::string_view msisdn);
    std::size_t waiting() const;

    Options options_;
    EsmeSessions esmes_;
    std::deque<Handset> handsets_;
    std::map<std::string, std::deque<Time>> recent_;  ///< submissions of the last second, by system_id
    std::uint64_t last_message_ = 0;
    Counts counts_;
};

}  // namespace oti::ota
