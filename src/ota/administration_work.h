// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ota/remote_management.h"

namespace oti::ota {

/// Work on a card that calls its server, as commands that go out and what comes back.
class AdministrationWork {
  public:
    virtual ~AdministrationWork() = default;
    /// The commands that are due; empty when everything is done.
    virtual Result<std::vector<RemoteCommand>> next() = 0;
    /// The response to one of them, by its place: to each whose data are wanted, and to the last one of each
    /// script, with which a card stops that is refused something. An error ends the work; so does a status
    /// that says no, unless this takes it, after which what is due is asked for again.
    virtual Status on_response(std::size_t command, const iso7816::ResponseApdu& response) = 0;
    /// The connection was lost before an answer came: the commands that are not answered may have been
    /// carried out or not, and a load has to begin anew. What is due is asked for again.
    virtual Status interrupted() = 0;
};

/// Commands one after another, whatever the card holds. They cannot go on after an interruption: error
/// `ota.outcome_unknown`.
class CommandList final : public AdministrationWork {
  public:
    explicit CommandList(std::vector<RemoteCommand> commands) : commands_(std::move(commands)) {}

    Result<std::vector<RemoteCommand>> next() override;
    Status on_response(std::size_t command, const iso7816::ResponseApdu& response) override;
    Status interrupted() override;

    struct Reported {
        std::size_t command;
        iso7816::ResponseApdu response;
    };
    const std::vector<Reported>& responses() const { return responses_; }

  private:
    std::vector<RemoteCommand> commands_;
    bool given_ = false;
    std::vector<Reported> responses_;
};

}  // namespace oti::ota
