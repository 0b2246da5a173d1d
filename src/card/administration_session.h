// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/administration_dialogue.h"
#include "card/administration_parameters.h"
#include "card/administration_requests.h"
#include "card/bip_channel.h"
#include "card/remote_execution.h"

namespace oti::card {

/// The administration sessions of a card (SCP81; Amendment B, 3.3): it is told to begin one, opens a channel,
/// lets the server manage the domain whose key opens the connection, and tries again when a connection
/// breaks, as often as it was told. One runs at a time; what is asked for in between waits.
class AdministrationSession {
  public:
    explicit AdministrationSession(ProactiveQueue& queue) : queue_(&queue), channel_(queue) {}

    /// TERMINAL PROFILE: what the phone can do. What a reset has interrupted goes on.
    void start(CommandRunner& card, BytesView profile);
    /// A triggering message for the domain, which has proved to come from somebody who may send it. False: a
    /// parameter is missing, the phone cannot do it, or too many wait.
    bool trigger(CommandRunner& card, const Application& domain, BytesView message);
    void on_response(CommandRunner& card, const TerminalResponse& response);
    /// ENVELOPE (event download).
    void on_event(CommandRunner& card, const PhoneObjects& objects);
    /// ENVELOPE (timer expiration).
    void on_timer(CommandRunner& card, const PhoneObjects& objects);
    void reset();

  private:
    /// Begins with the first request that there is, if nothing else is going on.
    void begin(CommandRunner& card);
    bool open(CommandRunner& card, const AdministrationRequest& request);
    void on_news(CommandRunner& card, const BipChannel::News& news);
    void on_octets(CommandRunner& card, BytesView octets);
    void run_script(CommandRunner& card);
    /// The connection broke: the session is tried again, or given up (3.5).
    void try_again(CommandRunner& card);
    /// The first request has ended.
    void end(CommandRunner& card);
    void update(CommandRunner& card, const AdministrationRequest& request);
    void leave_connection();

    ProactiveQueue* queue_;
    BipChannel channel_;
    RemoteExecution execution_;
    bool phone_can_ = false;
    bool events_wanted_ = false;  ///< the phone was told which ones
    bool waiting_ = false;        ///< for a timer
    /// Of the session that runs.
    AdministrationParameters parameters_;
    std::optional<AdministrationDialogue> dialogue_;
};

}  // namespace oti::card
