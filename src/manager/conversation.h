// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "iso7816/card_channel.h"
#include "iso7816/expectation.h"

namespace oti::manager {

/// How far the work is; `total` grows while more becomes known.
struct Progress {
    std::size_t done = 0;
    std::size_t total = 0;
    std::string step = {};
};

/// Work on a card as scripts that go out and responses that come back, whatever carries them: a reader beside
/// us, or a phone far away. Does no I/O. After an error of any call the conversation is over; the work is
/// begun anew with another one, and only what is missing is done.
class Conversation {
  public:
    virtual ~Conversation() = default;
    /// The commands to be sent now; empty when everything is done. Only while not `awaiting()`.
    virtual Result<iso7816::Script> next() = 0;
    /// The next R-APDU of the script. A response that does not meet its expectation is the script's last.
    virtual Status on_response(BytesView response) = 0;
    /// Whether responses of the current script are still to come.
    virtual bool awaiting() const = 0;
    virtual Progress progress() const = 0;
};

/// What carrying a conversation took. Bytes are those of the APDUs.
struct Traffic {
    std::size_t apdus = 0;
    std::size_t scripts = 0;  ///< dependent round trips, were each script one message
    std::uint64_t bytes_to_card = 0;
    std::uint64_t bytes_from_card = 0;
};

/// What a session took, whatever carried it. Bytes are those of the messages, before TLS.
struct Delivery {
    Status status;
    Traffic traffic = {};
    std::uint64_t bytes_up = 0;
    std::uint64_t bytes_down = 0;
    std::chrono::duration<double> seconds{};
    std::size_t messages = 0;  ///< short messages, both ways
};

/// Over the wire: runs the whole conversation on a card that is here.
Result<Traffic> run_directly(iso7816::CardChannel& card, Conversation& conversation);

}  // namespace oti::manager
