// SPDX-License-Identifier: Apache-2.0
#include "compare/stream_run.h"

#include <fmt/format.h>

#include "agent/timing.h"
#include "compare/framing.h"

namespace oti::compare {
namespace {

/// `remote_agent::Times`' figure: a session whose phone stays away for so long is over.
constexpr Time kResumption = std::chrono::seconds(20);
/// A job that fails so often is given up.
constexpr std::size_t kSessions = 20;
/// TCP, TLS, the upgrade that carries the Hello.
constexpr std::size_t kRoundTripsToConnect = Connection::kRoundTrips + 1;

const seram::SecureElement kElement{seram::SeType::kUicc, "89330000000000000001"};

seram::Hello hello_of(const std::optional<seram::Standing>& standing) {
    seram::Hello hello{{{kElement},
                        {std::string(seram::kWss), std::string(seram::kHttps)},
                        {std::string(seram::kCbor), std::string(seram::kJson)},
                        {std::string(seram::kVersion)}}};
    if (standing) hello.standing.push_back(*standing);
    return hello;
}

seram::SessionId session_id(std::size_t number) {
    return seram::SessionId(fmt::format("00000000-0000-4000-8000-{:012}", number));
}

std::uint32_t apdus_in(const seram::StreamOrder& order) {
    std::size_t count = 0;
    for (const auto& command : order.order.commands) {
        if (const auto* ram = std::get_if<seram::SeRam>(&command)) count += ram->commands.size();
    }
    return static_cast<std::uint32_t>(count);
}

}  // namespace

StreamRun::StreamRun(const Trial& trial, remote_agent::Flight flight, bool cold)
    : trial_(&trial),
      flight_(flight),
      cold_(cold),
      random_(trial.seed, trial.name),
      path_random_(trial.seed, trial.name + "/network"),
      path_(simulator_, path_random_, trial.network, !cold),
      pause_(agent::kFirstRetry) {}

Result<Outcome> StreamRun::run() {
    OTI_TRY(card_, SimulatedCard::create(*trial_, random_));
    for (auto cut : trial_->cuts) cut_after(cut);
    if (!trial_->handset_helps) {
        outcome_.error = "agent.unreachable";
        return outcome_;
    }
    if (cold_) {
        connect();
    } else {
        connection_ = std::make_shared<Connection>(simulator_, path_, true);
        connected_ = phone_connected_ = true;
        await_network_cut();
        begin_session();
    }
    simulator_.run_until([this] { return over_; }, kPatience);
    outcome_.apdus = card_->apdus();
    conclude(outcome_, simulator_, path_, connection_.get(), over_);
    return outcome_;
}

// The network between
// --------------------------------------------------------------------------------------

void StreamRun::connect() {
    connection_ = std::make_shared<Connection>(simulator_, path_, false);
    outcome_.round_trips += kRoundTripsToConnect;
    await_network_cut();
    connection_->open([this] {
        pause_ = agent::kFirstRetry;
        if (simulator_.now() - orphaned_ > agent::kStanding) local_.reset();
        std::optional<seram::Standing> standing;
        if (local_) standing = {local_id_, local_->queued()};
        auto hello = seram::encode(hello_of(standing));
        connection_->send_up(upgrade_request(hello.size()), [this, standing] { on_hello(standing); });
    });
}

void StreamRun::await_network_cut() {
    if (path_.network.cut_every <= 0) return;
    simulator_.after(seconds(path_.network.cut_every * path_random_.exponential()),
                     [this, mine = incarnation_] {
                         if (mine == incarnation_) lose_connection();
                     });
}

void StreamRun::cut_after(Time delay) {
    simulator_.after(delay, [this] {
        if (connection_) lose_connection();
    });
}

void StreamRun::lose_connection() {
    ++incarnation_;
    outcome_.bytes_again += connection_->bytes_again();
    connection_.reset();
    connected_ = phone_connected_ = false;
    orphaned_ = simulator_.now();
    if (local_) local_->on_lost();
    // Both ends notice at once; the phone tries again when the network is back, after its pause.
    auto away = seconds(path_.network.outage * path_random_.exponential());
    simulator_.after(away + pause_, [this] { connect(); });
    pause_ = std::min<std::chrono::milliseconds>(pause_ * 2, agent::kLastRetry);
    simulator_.after(kResumption, [this, mine = incarnation_] {
        if (mine != incarnation_ || connected_ || !remote_) return;
        fail_session({ErrorKind::kIo, "agent.lost", "the connection to the phone was lost"});
    });
}

void StreamRun::to_phone(Bytes frame) {
    if (!connection_) return;
    auto size = web_socket_message(frame.size(), false);
    connection_->send_down(size, [this, frame = std::move(frame)] { at_phone(frame); });
}

void StreamRun::to_server(Bytes frame) {
    auto size = web_socket_message(frame.size(), true);
    connection_->send_up(size, [this, frame = std::move(frame)] { at_server(frame); });
}

// The server
// -----------------------------------------------------------------------------------------------

void StreamRun::begin_session() {
    work_ = trial_->subject.installation(trial_->applet, trial_->procedure, {}, random_);
    remote_.emplace(session_id(++sessions_), kElement, *work_, flight_);
    sent_ = reported_ = {};
    send_orders();
}

void StreamRun::send_orders() {
    while (remote_) {
        auto orders = remote_->orders();
        if (!orders) return fail_session(orders.error());
        if (orders->empty()) return;
        if (remote_->is_done()) return finish(true);  // nobody waits for Stop to arrive
        for (auto& order : *orders) {
            auto place = order.place;
            auto frame = seram::encode(order);
            if (place < sent_) outcome_.bytes_again += frame.size();
            sent_ = std::max(sent_, {place.script, place.index + apdus_in(order)});
            to_phone(std::move(frame));
        }
    }
}

void StreamRun::at_server(BytesView bytes) {
    auto frame = seram::parse_frame(bytes);
    const auto* report = frame ? std::get_if<seram::StreamReport>(&*frame) : nullptr;
    if (report == nullptr || !remote_ || report->session != remote_->id()) return;
    if (auto handled = remote_->on_report(*report); !handled) return fail_session(handled.error());
    send_orders();
}

void StreamRun::on_hello(const std::optional<seram::Standing>& standing) {
    connected_ = true;
    connection_->send_down(
        kUpgradeResponse + web_socket_message(seram::encode(seram::Welcome{{std::string(seram::kWss),
                                                                            std::string(seram::kCbor),
                                                                            std::string(seram::kVersion)}})
                                                  .size(),
                                              false),
        [this] { phone_connected_ = true; });
    if (!remote_) return begin_session();
    if (!standing || standing->session != remote_->id()) {
        return fail_session({ErrorKind::kIo, "agent.lost", "the SE Manager has forgotten the session"});
    }
    auto place = remote_->on_resume(standing->next);
    if (!place) return fail_session(place.error());
    ++outcome_.resumptions;
    to_phone(seram::encode(seram::Resume{remote_->id(), *place}));
    send_orders();
}

void StreamRun::fail_session(Error error) {
    outcome_.round_trips += remote_->traffic().scripts;
    remote_.reset();
    outcome_.error = error.code;
    // Whom one cannot believe one does not ask again.
    if (error.kind != ErrorKind::kIo || sessions_ == kSessions) return finish(false);
    ++outcome_.retries;
    if (connected_) begin_session();
}

void StreamRun::finish(bool completed) {
    if (remote_) outcome_.round_trips += remote_->traffic().scripts;
    outcome_.completed = completed;
    if (completed) outcome_.error.clear();
    over_ = true;
}

// The phone
// ------------------------------------------------------------------------------------------------

void StreamRun::at_phone(BytesView bytes) {
    auto frame = seram::parse_frame(bytes);
    if (!frame) return;
    if (const auto* order = std::get_if<seram::StreamOrder>(&*frame)) return on_order(*order);
    const auto* resume = std::get_if<seram::Resume>(&*frame);
    if (resume == nullptr || !local_ || local_id_ != resume->session) return;
    reported_ = std::max(reported_, resume->received);
    if (local_->on_resume(resume->received)) report();
}

void StreamRun::on_order(const seram::StreamOrder& order) {
    if (local_ && local_id_ != order.session) local_.reset();
    if (!local_) {
        local_.emplace();
        local_id_ = order.session;
        card_->reset();
    }
    if (!local_->on_order(order)) return;
    if (pumping_) return;
    pumping_ = true;
    last_report_ = simulator_.now();
    pump();
}

/// Runs what is queued, and reports while it runs.
void StreamRun::pump() {
    auto command = local_ ? local_->take_command() : std::nullopt;
    pumping_ = command.has_value();
    if (!command) return;
    auto answer = card_->transmit(std::move(command->apdu));
    simulator_.after(answer.after, [this, response = std::move(answer.response), of = local_id_] {
        if (local_id_ == of && local_) {
            local_->on_response(response);
            if (!local_->has_commands() || simulator_.now() - last_report_ >= agent::kReportPause) {
                last_report_ = simulator_.now();
                report();
            }
        }
        pump();
    });
}

void StreamRun::report() {
    while (local_ && phone_connected_) {
        auto report = local_->take_report();
        if (!report) return;
        auto frame = seram::encode(*report);
        if (report->place < reported_) outcome_.bytes_again += frame.size();
        auto end = report->place.index + static_cast<std::uint32_t>(report->responses.size());
        reported_ = std::max(reported_, {report->place.script, end});
        to_server(std::move(frame));
    }
}

}  // namespace oti::compare
