// SPDX-License-Identifier: Apache-2.0
#include "compare/bip_bearer.h"

#include "compare/connection.h"
#include "compare/simulated_card.h"
#include "compare/sms_air.h"
#include "manager/remote_reconciliation.h"
#include "ota/administration_server.h"
#include "ota/handset.h"
#include "ota/sms_exchange.h"
#include "ota/trigger_conversation.h"

namespace oti::compare {
namespace {

/// The data of a LOAD.
constexpr std::size_t kBlock = 255;
const auto kCentre = ota::SmsAddress::of_number("+4917000000");

/// INSTALL, LOADs, INSTALL, and nothing is read.
std::unique_ptr<ota::AdministrationWork> work_of(const Trial& trial) {
    globalplatform::DesiredState desired{{trial.applet.application}, {}};
    auto domain = trial.subject.access().aid;
    if (trial.procedure == Procedure::kSession)
        return std::make_unique<manager::RemoteReconciliation>(domain, desired, kBlock);
    std::vector<ota::RemoteCommand> commands;
    for (auto& planned : globalplatform::commands(globalplatform::plan(desired, {}), domain, kBlock))
        commands.push_back({std::move(planned.apdu), false});
    return std::make_unique<ota::CommandList>(std::move(commands));
}

class BipRun {
  public:
    explicit BipRun(const Trial& trial)
        : trial_(&trial),
          random_(trial.seed, trial.name),
          path_random_(trial.seed, trial.name + "/network"),
          path_(simulator_, path_random_, trial.network, false),
          handset_(kCentre.value(), {.channels = trial.handset_helps}),
          work_(work_of(trial)),
          job_(*work_) {}

    Result<Outcome> run() {
        OTI_TRY(card_, SimulatedCard::create(*trial_, random_));
        if (!trial_->subject.can_call()) {
            outcome_.error = "bip.no_scp81";
            return outcome_;
        }
        // The phone is on since long.
        handset_.start();
        while (auto command = handset_.next()) OTI_CHECK(handset_.answer(card_->transmit(*command).response));
        auto apdus_before = card_->apdus();
        for (auto cut : trial_->cuts) simulator_.after(cut, [this] { lose_connection(); });
        await_network_cut();
        OTI_CHECK(push());
        simulator_.run_until([this] { return over_; }, kPatience);
        outcome_.duration = simulator_.now();
        outcome_.apdus = card_->apdus() - apdus_before;
        outcome_.bytes_up += path_.up.bytes();
        outcome_.bytes_down += path_.down.bytes();
        if (connection_) outcome_.bytes_again += connection_->bytes_again();
        outcome_.radio += path_.radio.on_time();
        outcome_.resumptions = job_.interruptions();
        if (!over_) outcome_.error = "compare.patience";
        return outcome_;
    }

  private:
    /// The message, whose proof of receipt goes the same way back while the card begins.
    Status push() {
        OTI_TRY(auto host, scp::Scp80Host::create(trial_->subject.domain_remote_keys(), Subject::kRemoteKeys,
                                                  {}, Subject::kDomainTar));
        trigger_.emplace(std::move(host), ota::AdministrationParameters{}, kCounter);
        exchange_.emplace(*trigger_);
        OTI_TRY(auto messages, exchange_->next());
        ota::SmsDeliver message{.originator = kCentre.value(),
                                .content = {.user_data = std::move(messages.front())}};
        auto size = message.content.user_data.size();
        auto on_the_air = std::chrono::duration_cast<Time>(kConnectionTime + message_time(size, 0));
        outcome_.sms = 1;
        outcome_.bytes_down = size + kDeliverOverhead;
        outcome_.radio = on_the_air;
        simulator_.after(on_the_air, [this, message] {
            handset_.deliver(message);
            pump();
        });
        return {};
    }

    void await_network_cut() {
        if (path_.network.cut_every <= 0) return;
        simulator_.after(seconds(path_.network.cut_every * path_random_.exponential()), [this] {
            lose_connection();
            await_network_cut();
        });
    }

    void lose_connection() {
        back_at_ = simulator_.now() + seconds(path_.network.outage * path_random_.exponential());
        bool was_there = connection_ != nullptr;
        drop();
        // The phone's TCP goes on trying to open what it has not opened yet.
        if (opening_ && was_there) return connect(kChannel);
        handset_.lost(kChannel);
        pump();
    }
    void drop() {
        if (connection_) outcome_.bytes_again += connection_->bytes_again();
        connection_.reset();
        server_.reset();
    }

    /// The card has one APDU at a time, and takes its time for it.
    void pump() {
        if (busy_ || over_) return;
        auto command = handset_.next();
        if (!command) return;
        busy_ = true;
        auto answer = card_->transmit(std::move(*command));
        simulator_.after(answer.after, [this, response = std::move(answer.response)] {
            busy_ = false;
            if (auto taken = handset_.answer(response); !taken) return give_up(taken.error().code);
            for (auto& wish : handset_.take_wishes()) serve(wish);
            pump();
        });
    }

    void serve(const ota::Handset::Wish& wish) {
        using ota::Handset;
        if (const auto* report = std::get_if<Handset::Report>(&wish)) on_report(*report);
        if (const auto* open = std::get_if<Handset::OpenChannel>(&wish)) connect(open->channel);
        if (const auto* sent = std::get_if<Handset::SendData>(&wish)) send_up(*sent);
        if (std::get_if<Handset::CloseChannel>(&wish) != nullptr) {
            drop();
            finish();
        }
        if (const auto* timer = std::get_if<Handset::StartTimer>(&wish)) {
            simulator_.after(timer->duration, [this, number = timer->timer] {
                handset_.expired(number);
                pump();
            });
        }
    }

    void on_report(const ota::Handset::Report& report) {
        outcome_.bytes_up = report.data.size() + kReportOverhead;
        outcome_.radio +=
            std::chrono::duration_cast<Time>(message_time(0, report.data.size()) - message_time(0, 0));
        auto taken = exchange_->take(report.data);
        if (!taken) return give_up(taken.error().code);
        if (!*taken) return give_up("ota.no_answer");
        // Nothing comes twice here: what makes the packet due again is meant for it.
        auto again = exchange_->next();
        if (!again || !again->empty()) give_up("ota.refused");
    }

    void connect(std::uint8_t channel) {
        opening_ = true;
        simulator_.after(std::max(Time{}, back_at_ - simulator_.now()), [this, channel] {
            if (simulator_.now() < back_at_) return connect(channel);
            connection_ = std::make_shared<Connection>(simulator_, path_, false);
            server_.emplace([this](std::string_view identity) {
                std::optional<ota::AdministrationServer::Card> card;
                if (identity == Subject::kPskIdentity) card.emplace(trial_->subject.psk(), &job_);
                return card;
            });
            ++outcome_.round_trips;
            connection_->open_plain([this, channel] {
                opening_ = false;
                handset_.opened(channel, true);
                pump();
            });
        });
    }

    void send_up(const ota::Handset::SendData& sent) {
        if (!connection_) return;
        connection_->send_up(sent.octets.size(), [this, sent] {
            if (auto taken = server_->receive(sent.octets); !taken) server_error_ = taken.error().code;
            auto answer = server_->take_outgoing();
            if (answer.empty()) return;
            ++outcome_.round_trips;
            // The handset hands on what has come of it.
            for (BytesView rest = answer; !rest.empty();) {
                auto part = to_bytes(rest.first(std::min(rest.size(), kSegment)));
                rest = rest.subspan(part.size());
                auto size = part.size();
                connection_->send_down(size, [this, channel = sent.channel, part = std::move(part)] {
                    handset_.received(channel, part);
                    pump();
                });
            }
        });
    }

    /// The card has closed its channel: it is done, or it begins again after a while, or it has given up.
    void finish() {
        if (job_.is_over()) {
            outcome_.completed = !job_.error();
            outcome_.error = job_.error() ? job_.error()->code : "";
            over_ = true;
        } else if (!server_error_.empty()) {
            give_up(server_error_);
        }
    }
    void give_up(std::string error) {
        outcome_.error = std::move(error);
        over_ = true;
    }

    static constexpr std::uint8_t kChannel = 1;
    static constexpr std::uint64_t kCounter = 1;
    const Trial* trial_;
    Simulator simulator_;
    SeededRandom random_, path_random_;
    Path path_;
    ota::Handset handset_;
    std::unique_ptr<ota::AdministrationWork> work_;
    ota::AdministrationJob job_;
    std::optional<SimulatedCard> card_;
    std::optional<ota::TriggerConversation> trigger_;
    std::optional<ota::SmsExchange> exchange_;
    std::shared_ptr<Connection> connection_;
    std::optional<ota::AdministrationServer> server_;
    std::string server_error_;
    Time back_at_{};
    bool busy_ = false, opening_ = false, over_ = false;
    Outcome outcome_;
};

}  // namespace

Result<Outcome> BipBearer::install(const Trial& trial) const {
    return BipRun(trial).run();
}

}  // namespace oti::compare
