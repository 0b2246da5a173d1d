// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace oti::bearer {

/// What cards have sent and nobody has asked for yet, by telephone number; and which messages to them may
/// still turn out to be undeliverable. Bounded in number and in age.
class SmsMailboxes {
  public:
    using Time = std::chrono::steady_clock::time_point;

    static constexpr std::size_t kMaxBoxes = 10'000;   ///< the one that nothing happened in longest gives way
    static constexpr std::size_t kMaxMessages = 64;    ///< in each; the oldest gives way
    static constexpr std::size_t kMaxUndecided = 256;  ///< in each

    explicit SmsMailboxes(std::chrono::milliseconds kept) : kept_(kept) {}

    /// A message to this number was taken by the centre, which calls it so.
    void sent(const std::string& number, const std::string& message_id, Time now);
    /// A message came from this number. It settles what became of all that was sent there before.
    void arrived(const std::string& number, Bytes user_data, Time now);
    /// The centre says that a message will not arrive. The number that it was for, if anybody can still want
    /// to know; others to the same number are then not waited for either.
    std::optional<std::string> undelivered(const std::string& message_id, const std::string& state, Time now);
    void delivered(const std::string& message_id);

    /// Nobody wants to know any more what has come from this number.
    void discard(const std::string& number);
    /// The next message from this number, or `smpp.undelivered`; nothing if there is neither.
    std::optional<Result<Bytes>> take(const std::string& number, Time now);

  private:
    struct Box {
        std::deque<Result<Bytes>> messages;
        std::set<std::string> undecided;
        Time touched{};
    };
    Box& box(const std::string& number, Time now);
    void forget_undecided(Box& box);
    void expire(Time now);

    std::chrono::milliseconds kept_;
    Time next_look_{};  ///< for boxes that are too old
    std::map<std::string, Box> boxes_;
    std::map<std::string, std::string> recipients_;  ///< of undecided messages, by their ids
};

}  // namespace oti::bearer
