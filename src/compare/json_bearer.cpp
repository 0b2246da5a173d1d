// SPDX-License-Identifier: Apache-2.0
#include "compare/json_bearer.h"

#include "agent/timing.h"
#include "compare/connection.h"
#include "compare/framing.h"
#include "compare/simulated_card.h"
#include "remote_agent/remote_session.h"
#include "seram/json.h"

namespace oti::compare {
namespace {

const seram::SecureElement kElement{seram::SeType::kUicc, "89330000000000000001"};
constexpr std::string_view kSession = "00000000-0000-4000-8000-000000000001";
/// `remote_agent::Times`' figure: a phone that is silent for so long is given up.
constexpr Time kSilence = std::chrono::seconds(60);
constexpr std::size_t kSessions = 20;

/// One installation, in virtual time: what `agent::Agent::run_json` and `remote_agent::RemoteAgent::handle`
/// do, with the real session and the real messages.
class JsonRun {
  public:
    explicit JsonRun(const Trial& trial)
        : trial_(&trial),
          random_(trial.seed, trial.name),
          path_random_(trial.seed, trial.name + "/network"),
          path_(simulator_, path_random_, trial.network, true) {}

    Result<Outcome> run() {
        OTI_TRY(card_, SimulatedCard::create(*trial_, random_));
        if (!trial_->handset_helps) {
            outcome_.error = "agent.unreachable";
            return outcome_;
        }
        for (auto cut : trial_->cuts) simulator_.after(cut, [this] { lose_connection(); });
        await_network_cut();
        begin_session();
        simulator_.run_until([this] { return over_; }, kPatience);
        outcome_.apdus = card_->apdus();
        conclude(outcome_, simulator_, path_, connection_.get(), over_);
        return outcome_;
    }

  private:
    using OnAnswer = std::function<void(const std::string&)>;
    using OnRequest = std::function<std::optional<std::string>(const std::string&)>;

    void await_network_cut() {
        if (path_.network.cut_every <= 0) return;
        simulator_.after(seconds(path_.network.cut_every * path_random_.exponential()), [this] {
            lose_connection();
            await_network_cut();
        });
    }

    void lose_connection() {
        back_at_ = simulator_.now() + seconds(path_.network.outage * path_random_.exponential());
        if (!connection_) return;
        outcome_.bytes_again += connection_->bytes_again();
        connection_.reset();
        if (!request_) return;
        if (++request_->attempt == agent::kJsonRetries) {
            // The phone gives up; the server does when it has waited long enough, and the job begins again.
            request_.reset();
            simulator_.after(kSilence, [this] { fail_session({ErrorKind::kIo, "agent.silent", {}}); });
            return;
        }
        retry(request_, agent::kFirstRetry * (1 << request_->attempt));
    }

    /// A request, sent until its answer is there.
    struct Request {
        std::string body;
        OnRequest serve;
        OnAnswer answered;
        int attempt = 0;
    };
    using RequestPtr = std::shared_ptr<Request>;

    void retry(RequestPtr request, Time pause) {
        simulator_.after(std::max(back_at_ - simulator_.now(), pause), [this, request] {
            if (request_ != request) return;
            if (simulator_.now() < back_at_) return retry(request, {});
            outcome_.bytes_again += request->body.size();
            send(request);
        });
    }

    void post(std::string body, OnRequest serve, OnAnswer answered) {
        request_ = std::make_shared<Request>(std::move(body), std::move(serve), std::move(answered));
        send(request_);
    }

    void send(RequestPtr request) {
        with_connection([this, request] {
            connection_->send_up(json_request(request->body.size()), [this, request] {
                ++outcome_.round_trips;
                auto answer = request->serve(request->body);
                if (!answer) return;
                connection_->send_down(json_response(answer->size()), [this, request, text = *answer] {
                    request_.reset();
                    request->answered(text);
                });
            });
        });
    }

    void with_connection(std::function<void()> then) {
        if (connection_) return then();
        connection_ = std::make_shared<Connection>(simulator_, path_, false);
        outcome_.round_trips += Connection::kRoundTrips;
        connection_->open(std::move(then));
    }

    void begin_session() {
        work_ = trial_->subject.installation(trial_->applet, trial_->procedure,
                                             manager::Carrier{.stops_at_surprise = false}, random_);
        remote_.emplace(seram::SessionId(std::string(kSession)), kElement, *work_,
                        remote_agent::Flight{4096, 4096});
        ++sessions_;
        // The wake-up comes on the stream that the phone keeps open.
        auto wake_up = seram::encode(seram::WakeUp{remote_->id()});
        path_.down.send(web_socket_message(wake_up.size(), false) + kPacketHeader, [] {});
        simulator_.after(seconds(path_.network.round_trip / 2), [this] { handshake(); });
    }

    void handshake() {
        card_->reset();
        seram::Handshake hello{{kElement},
                               {std::string(seram::kHttps)},
                               {std::string(seram::kJson)},
                               {std::string(seram::kVersion)}};
        auto chosen = seram::to_json(seram::HandshakeResponse{
            std::string(seram::kHttps), std::string(seram::kJson), std::string(seram::kVersion)});
        post(
            seram::to_json(hello), [chosen](const std::string&) { return std::optional(chosen); },
            [this](const std::string&) { send_report({}); });
    }

    void send_report(seram::Report report) {
        post(
            seram::to_json(report), [this](const std::string& body) { return serve(body); },
            [this](const std::string& answer) { on_order(answer); });
    }

    /// The server; nothing if the session has failed.
    std::optional<std::string> serve(const std::string& body) {
        if (!remote_) return std::nullopt;
        auto report = seram::parse_report(body);
        auto order = report ? remote_->on_report(*report) : std::unexpected(report.error());
        if (!order) {
            fail_session(order.error());
            return std::nullopt;
        }
        if (remote_->is_done()) {
            outcome_.completed = over_ = true;
            outcome_.error.clear();
        }
        return seram::to_json(*order);
    }

    void on_order(const std::string& text) {
        auto order = seram::parse_order(text);
        if (!order) return;
        seram::Report report{seram::AgentStatus::kProcessed};
        Time after{};
        for (const auto& command : order->commands) {
            const auto* ram = std::get_if<seram::SeRam>(&command);
            if (ram == nullptr) continue;
            std::vector<Bytes> responses;
            for (const auto& apdu : ram->commands) {
                auto answer = card_->transmit(apdu.apdu);
                after += answer.after;
                responses.push_back(std::move(answer.response));
            }
            report.responses.push_back(std::move(responses));
            ++report.executed_commands;
        }
        after += order->delay.value_or(seram::kDefaultDelay);
        simulator_.after(after, [this, report = std::move(report)] { send_report(report); });
    }

    void fail_session(Error error) {
        if (over_) return;
        outcome_.error = error.code;
        remote_.reset();
        if (error.kind != ErrorKind::kIo || sessions_ == kSessions) {
            over_ = true;
            return;
        }
        ++outcome_.retries;
        simulator_.after(std::max(Time{}, back_at_ - simulator_.now()), [this] { begin_session(); });
    }

    const Trial* trial_;
    Simulator simulator_;
    SeededRandom random_, path_random_;
    Path path_;
    std::optional<SimulatedCard> card_;
    std::shared_ptr<Connection> connection_;
    Time back_at_{};
    std::unique_ptr<manager::Conversation> work_;
    std::optional<remote_agent::RemoteSession> remote_;
    std::size_t sessions_ = 0;
    RequestPtr request_;  ///< that has no answer yet
    Outcome outcome_;
    bool over_ = false;
};

}  // namespace

Result<Outcome> JsonBearer::install(const Trial& trial) const {
    return JsonRun(trial).run();
}

}  // namespace oti::compare
