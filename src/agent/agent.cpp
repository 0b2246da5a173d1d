// SPDX-License-Identifier: Apache-2.0
#include "agent/agent.h"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "agent/timing.h"
#include "api/client.h"
#include "base/hex.h"
#include "base/log.h"
#include "seram/json.h"

namespace oti::agent {
namespace {

using namespace std::chrono_literals;
using boost::asio::as_tuple;
using boost::asio::use_awaitable;

constexpr auto kConnectTime = 20s;
constexpr auto kSendTime = 30s;
constexpr auto kLongPoll = 40s;

net::Task<void> sleep(std::chrono::milliseconds duration) {
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, duration);
    co_await timer.async_wait(as_tuple(use_awaitable));
}

}  // namespace

/// The session that a server is having with the secure element.
struct Agent::Active {
    seram::SessionId id;
    LocalSession local;
    bool has_card = false;
    bool pumping = false;
    std::chrono::steady_clock::time_point orphaned{};  ///< when its connection was lost
};

struct Agent::Server {
    explicit Server(net::Url its_url) : url(std::move(its_url)) {}
    net::Url url;
    std::shared_ptr<net::WebSocket> socket;  ///< while connected
    std::shared_ptr<Active> active;
    bool was_of_use = false;  ///< something came over the connection
};

Agent::Agent(boost::asio::io_context& io, iso7816::CardChannel& card, net::TlsIdentity identity,
             Configuration configuration)
    : io_(io),
      identity_(std::move(identity)),
      configuration_(std::move(configuration)),
      card_(io.get_executor(), card) {
    for (const auto& url : configuration_.servers) servers_.push_back(std::make_shared<Server>(url));
}

seram::Handshake Agent::handshake() const {
    bool stream = configuration_.binding == Binding::kStream;
    seram::Handshake handshake{{configuration_.se},
                               {std::string(seram::kHttps)},
                               {std::string(seram::kJson)},
                               {std::string(seram::kVersion)}};
    if (stream) {
        handshake.transport_protocols.insert(handshake.transport_protocols.begin(), std::string(seram::kWss));
        handshake.data_formats.insert(handshake.data_formats.begin(), std::string(seram::kCbor));
    }
    return handshake;
}

net::Task<Status> Agent::enrol() {
    for (const auto& server : servers_) {
        api::Client client(io_.get_executor(), identity_, server->url);
        api::json::object body{{"se_id", configuration_.se.id},
                               {"se_type", seram::name(configuration_.se.type)}};
        auto answer =
            co_await client.call("POST", "/api/v1/devices", std::move(body), net::after(kConnectTime));
        if (!answer) co_return during("enrol at " + server->url.to_string(), answer.error());
    }
    co_return Status{};
}

Status Agent::start() {
    if (configuration_.message_centre) {
        OTI_TRY(phone_, Phone::start(io_.get_executor(), card_, *configuration_.message_centre,
                                     configuration_.on_notification));
    }
    for (const auto& server : servers_) {
        boost::asio::co_spawn(io_, stay_connected(server), boost::asio::detached);
    }
    return {};
}

void Agent::stop() {
    stopping_ = true;
    card_.stop();
    if (phone_) phone_->stop();
    for (const auto& server : servers_) {
        if (!server->socket) continue;
        auto close = [](std::shared_ptr<net::WebSocket> socket) -> net::Task<void> {
            co_await socket->close(net::CloseCode::kGoingAway, "the SE Manager is being stopped");
        };
        boost::asio::co_spawn(io_, close(server->socket), boost::asio::detached);
    }
}

// The secure element
// ------------------------------------------------------------------------------------------------

/// One session at a time; a session begins with the card as after power-on.
net::Task<bool> Agent::acquire_card() {
    if (!co_await card_.acquire()) co_return false;
    auto reset = co_await card_.reset();
    if (!reset) card_.release();
    co_return reset.has_value();
}

void Agent::drop_session(Server& server) {
    if (server.active && server.active->has_card) card_.release();
    server.active.reset();
}

// Connections
// -------------------------------------------------------------------------------------------------------

net::Task<void> Agent::stay_connected(ServerPtr server) {
    std::chrono::milliseconds pause = kFirstRetry;
    std::string told;  // what is wrong is said once, not at each try
    while (!stopping_) {
        auto begin = std::chrono::steady_clock::now();
        server->was_of_use = false;
        auto served = co_await serve_connection(server);
        if (stopping_) break;
        auto trouble = served ? std::string() : served.error().message;
        if (!trouble.empty() && trouble != told) {
            log::warning("{}: {}; it is tried again until it answers", server->url.to_string(), trouble);
        }
        told = trouble;
        // A server that lets us in and drops us at once is not to be called ten times a second.
        bool stood = server->was_of_use || std::chrono::steady_clock::now() - begin > 2 * kLastRetry;
        pause = served || stood ? kFirstRetry : std::min<std::chrono::milliseconds>(pause * 2, kLastRetry);
        co_await sleep(pause);
    }
    drop_session(*server);
}

net::Task<Status> Agent::serve_connection(ServerPtr server) {
    seram::Hello hello{handshake()};
    const auto& active = server->active;
    if (active && std::chrono::steady_clock::now() - active->orphaned > kStanding) drop_session(*server);
    if (active) hello.standing.push_back({active->id, active->local.queued()});

    auto target = fmt::format("{}?hello={}", seram::kStreamPath, to_hex(seram::encode(hello)));
    OTI_CO_TRY(auto url, net::Url::parse(fmt::format("wss://{}{}", server->url.authority(), target)));
    OTI_CO_TRY(auto socket,
               co_await net::connect_web_socket(io_.get_executor(), url, identity_,
                                                std::string(seram::kSubprotocol), net::after(kConnectTime)));
    server->socket = std::make_shared<net::WebSocket>(std::move(socket));
    auto connected = server->socket;
    Status result;
    while (true) {
        auto message = co_await connected->receive(net::kNever);
        if (!message) {
            result = std::unexpected(message.error());
            break;
        }
        auto frame = seram::parse_frame(*message);
        if (!frame) {
            result = std::unexpected(frame.error());
            break;
        }
        server->was_of_use = true;
        co_await on_frame(server, std::move(*frame));
    }
    server->socket.reset();
    if (server->active) {
        server->active->local.on_lost();
        server->active->orphaned = std::chrono::steady_clock::now();
    }
    co_return result;
}

net::Task<void> Agent::on_frame(ServerPtr server, seram::Frame frame) {
    auto& active = server->active;
    if (auto* order = std::get_if<seram::StreamOrder>(&frame)) {
        co_await on_order(server, std::move(*order));
    } else if (const auto* resume = std::get_if<seram::Resume>(&frame)) {
        if (!active || active->id != resume->session) co_return;
        if (auto resumed = active->local.on_resume(resume->received); !resumed) {
            co_await fault(server, resume->session, resumed.error());
            co_return;
        }
        co_await report(server);
    } else if (const auto* ended = std::get_if<seram::Fault>(&frame)) {
        if (!active || active->id != ended->session) co_return;
        log::info("session {} was given up by the server: {}", ended->session.value(), ended->message);
        drop_session(*server);
    } else if (const auto* wake_up = std::get_if<seram::WakeUp>(&frame)) {
        boost::asio::co_spawn(io_, run_json(server, wake_up->session), boost::asio::detached);
    }
}

net::Task<void> Agent::fault(ServerPtr server, seram::SessionId session, Error error) {
    log::warning("session {}: {}", session.value(), error.message);
    if (server->active && server->active->id == session) drop_session(*server);
    if (!server->socket) co_return;
    auto socket = server->socket;
    (void)co_await socket->send(seram::encode(seram::Fault{session, error.code, error.message}),
                                net::after(kSendTime));
}

// Sessions of the stream binding
// ------------------------------------------------------------------------------------

net::Task<void> Agent::on_order(ServerPtr server, seram::StreamOrder order) {
    auto& active = server->active;
    // A new session takes the place of one that is over, or that the server has forgotten.
    if (active && active->id != order.session) drop_session(*server);
    if (!active) {
        active = std::make_shared<Active>();
        active->id = order.session;
    }
    auto current = active;
    auto taken = current->local.on_order(order);
    const auto& se = current->local.secure_element();
    if (taken && se && se->id != configuration_.se.id) {
        taken = fail(ErrorKind::kIo, "seram.se_unavailable",
                     "the secure element " + se->id + " is not in this phone");
    }
    if (!taken) {
        co_await fault(server, order.session, taken.error());
        co_return;
    }
    for (const auto& text : current->local.take_notifications()) {
        if (configuration_.on_notification) configuration_.on_notification(text);
    }
    if (current->local.is_over()) {
        drop_session(*server);
        co_return;
    }
    if (!current->pumping) {
        current->pumping = true;
        boost::asio::co_spawn(io_, pump(server), boost::asio::detached);
    }
}

/// Runs what is queued, and reports while it runs. The session may be dropped at each wait.
net::Task<void> Agent::pump(ServerPtr server) {
    auto active = server->active;
    if (!active->has_card) {
        bool acquired = co_await acquire_card();
        if (server->active != active) {
            if (acquired) card_.release();
            co_return;
        }
        active->has_card = acquired;
        if (!acquired) {
            co_await fault(server, active->id, {ErrorKind::kIo, "seram.se_unavailable", "no secure element"});
            co_return;
        }
    }
    auto last_report = std::chrono::steady_clock::now();
    while (auto command = active->local.take_command()) {
        auto response = co_await card_.transmit(std::move(command->apdu));
        if (server->active != active) co_return;
        if (!response) {
            co_await fault(server, active->id,
                           {ErrorKind::kIo, "seram.se_unavailable", response.error().message});
            co_return;
        }
        active->local.on_response(std::move(*response));
        auto now = std::chrono::steady_clock::now();
        if (active->local.has_commands() && now - last_report < kReportPause) continue;
        last_report = now;
        co_await report(server);
        if (server->active != active) co_return;
    }
    active->pumping = false;
    if (active->local.is_over()) drop_session(*server);
}

net::Task<void> Agent::report(ServerPtr server) {
    auto active = server->active;
    while (active && server->socket) {
        auto report = active->local.take_report();
        if (!report) break;
        auto socket = server->socket;
        if (!co_await socket->send(seram::encode(*report), net::after(kSendTime))) break;
    }
}

// Sessions of the JSON binding
// --------------------------------------------------------------------------------------

net::Task<void> Agent::run_json(ServerPtr server, seram::SessionId session) {
    net::HttpClient http(io_.get_executor(), identity_);
    // Posts a message; a connection that breaks is tried again, since the server answers a repeated report as
    // before.
    auto post = [&](std::string path, std::string body) -> net::Task<Result<std::string>> {
        auto url = server->url.with_target(
            fmt::format("{}?sessionId={}", path, net::percent_encode(session.value())));
        if (!url) co_return std::unexpected(url.error());
        Result<net::HttpResponse> response = fail(ErrorKind::kIo, "net.connect", "not tried");
        for (int attempt = 0; attempt < kJsonRetries && !response; ++attempt) {
            if (attempt > 0) co_await sleep(kFirstRetry * (1 << attempt));
            response = co_await http.request("POST", *url, std::string(seram::kJson),
                                             to_bytes(as_bytes(body)), net::after(kLongPoll));
        }
        if (!response) co_return std::unexpected(response.error());
        if (response->status != 200) {
            co_return fail(ErrorKind::kIo, "seram.refused",
                           fmt::format("the server answered with status {}", response->status));
        }
        co_return as_text(response->body);
    };
    auto work = [&]() -> net::Task<Status> {
        OTI_CO_TRY(auto chosen_text, co_await post("/gp/seram/handshake", seram::to_json(handshake())));
        OTI_CO_CHECK(seram::parse_handshake_response(chosen_text));
        seram::Report report;
        while (true) {
            OTI_CO_TRY(auto order_text, co_await post("/gp/seram/remoteManagement", seram::to_json(report)));
            OTI_CO_TRY(auto order, seram::parse_order(order_text));
            report = {};
            for (const auto& command : order.commands) {
                if (std::holds_alternative<seram::Stop>(command)) co_return Status{};
                if (const auto* notification = std::get_if<seram::Notification>(&command)) {
                    if (configuration_.on_notification) configuration_.on_notification(notification->text);
                }
                const auto* ram = std::get_if<seram::SeRam>(&command);
                if (ram == nullptr) continue;
                std::vector<Bytes> responses;
                for (const auto& apdu : ram->commands) {
                    auto response = co_await card_.transmit(apdu.apdu);
                    if (!response) report.error = response.error().message;
                    responses.push_back(response.value_or(Bytes{}));
                }
                report.responses.push_back(std::move(responses));
                ++report.executed_commands;
            }
            if (report.executed_commands > 0) report.status = seram::AgentStatus::kProcessed;
            if (!report.error.empty()) report.status = seram::AgentStatus::kUnavailableSe;
            co_await sleep(order.delay.value_or(seram::kDefaultDelay));
        }
    };
    if (!co_await acquire_card()) co_return;
    auto done = co_await work();
    if (!done) log::warning("session {}: {}", session.value(), done.error().message);
    card_.release();
}

}  // namespace oti::agent
