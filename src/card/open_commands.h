// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "card/environment.h"

namespace oti::card {

/// What the OPEN does itself: it keeps the logical channels and says who is selected on each (GPCS 2.3.1, 6.3
/// and 6.4; JCRE specification 3.0.5, chapter 4). The interface is the one with contacts.
class Open {
  public:
    explicit Open(Environment& environment) : environment_(&environment) {}

    /// The basic channel alone is open, and whoever is implicitly selectable there is selected.
    void reset();

    /// The answer to SELECT [by name] and MANAGE CHANNEL, with a class byte as on the basic channel; nothing
    /// if the command is for whoever is selected. A refused command leaves all channels as they were, but
    /// for what 6.4.2.1.2 and 6.4.3.1.2 say of locked applications and cards.
    std::optional<Answer> run(std::uint8_t channel, const CommandApdu& command);

    /// Null if there is no such channel, or it is not open.
    Channel* channel(std::uint8_t number);
    const Channels& channels() const { return channels_; }
    /// An application that has got another AID stays selected.
    void rename(const Aid& before, const Aid& after);
    /// Whether an application is gone that is selected on some channel.
    bool has_lost_a_selection() const;

  private:
    struct Search;

    /// Nothing if no name matches and the command is for the applet that is selected.
    std::optional<Answer> select(std::uint8_t channel, const CommandApdu& command);
    Answer select_on_locked_card(std::uint8_t channel, const CommandApdu& command);
    Answer enter(std::uint8_t channel, const Application& application, const CommandApdu& command);
    /// The channel as it is when it opens, with nobody on it: whoever was selected is told.
    Channel& vacate(std::uint8_t channel);
    Channel& open(std::uint8_t channel);
    /// Selects on a channel that is vacant; false if the application does not want to be.
    bool occupy(std::uint8_t channel, const Aid& application);
    Search search(std::uint8_t channel, const CommandApdu& command) const;
    Answer manage_channel(std::uint8_t origin, const CommandApdu& command);
    Answer open_channel(std::uint8_t origin, const CommandApdu& command);
    Answer close_channel(const CommandApdu& command);

    std::size_t usable() const { return environment_->profile.logical_channels; }
    /// Whether an applet is selected there that takes commands.
    bool runs_applet(std::uint8_t channel) const;
    /// Whether it may be selected on a channel beside all that is selected on others (4.3 of JCRE).
    bool may_join(const Application& application, std::uint8_t channel) const;

    Environment* environment_;
    Channels channels_;
};

}  // namespace oti::card
