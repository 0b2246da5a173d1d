// SPDX-License-Identifier: Apache-2.0
#include "remote_agent/remote_agent.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/hex.h"
#include "base/log.h"
#include "seram/json.h"

namespace oti::remote_agent {
namespace {

using namespace std::chrono_literals;
using boost::asio::as_tuple;
using boost::asio::use_awaitable;

constexpr auto kSendTime = 30s;
constexpr std::string_view kHandshakePath = "/gp/seram/handshake",
                           kManagementPath = "/gp/seram/remoteManagement";

bool offers(const std::vector<std::string>& offered, std::string_view wanted) {
    return std::ranges::find(offered, wanted) != offered.end();
}

/// What we choose of what a Local Agent offers; nothing if there is nothing in common.
std::optional<seram::HandshakeResponse> choose(const seram::Handshake& handshake, bool stream) {
    auto transport =
        stream && offers(handshake.transport_protocols, seram::kWss) ? seram::kWss : seram::kHttps;
    auto format = transport == seram::kWss ? seram::kCbor : seram::kJson;
    if (!offers(handshake.transport_protocols, transport) || !offers(handshake.data_formats, format) ||
        !offers(handshake.versions, seram::kVersion)) {
        return std::nullopt;
    }
    return seram::HandshakeResponse{std::string(transport), std::string(format),
                                    std::string(seram::kVersion)};
}

net::HttpResponse text_response(unsigned status, std::string_view text) {
    return {status, "text/plain", to_bytes(as_bytes(text))};
}

Error error(ErrorKind kind, std::string code, std::string message, std::string hint = {}) {
    return {kind, std::move(code), std::move(message), std::move(hint)};
}

Error stopped() {
    return error(ErrorKind::kIo, "agent.stopped", "the server is being stopped");
}

/// A random UUID (RFC 9562, version 4), as SERAM's examples have them.
std::string make_session_id(crypto::Random& random) {
    auto bytes = random.bytes(16);
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0F) | 0x40);
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3F) | 0x80);
    std::string text;
    for (std::size_t n = 0; n < bytes.size(); ++n) {
        text += fmt::format("{:02x}", bytes[n]);
        if (n == 3 || n == 5 || n == 7 || n == 9) text += '-';
    }
    return text;
}

}  // namespace

/// A phone's connection. It serves the secure elements that its Hello named and that it was admitted for.
struct RemoteAgent::Stream {
    Stream(net::WebSocket open_socket, net::Peer who)
        : socket(std::move(open_socket)), peer(std::move(who)) {}
    net::WebSocket socket;
    net::Peer peer;
    std::vector<seram::SecureElement> elements;
    bool json_only = false;  ///< the phone wants its sessions over HTTPS and JSON
};

struct RemoteAgent::Session {
    Session(RemoteSession the_session, const net::Executor& executor)
        : remote(std::move(the_session)), alarm(executor), begin(std::chrono::steady_clock::now()) {}

    RemoteSession remote;
    manager::Conversation* conversation = nullptr;
    OnProgress on_progress;
    boost::asio::steady_timer alarm;  ///< silence; cancelled at the end
    std::chrono::steady_clock::time_point begin;
    std::optional<Status> result;
    bool handshaken = false;  ///< JSON binding
    bool sending = false;
    std::uint64_t bytes_up = 0;
    std::uint64_t bytes_down = 0;
};

RemoteAgent::RemoteAgent(net::Executor executor, crypto::Random& random, Admission admission, Times times)
    : executor_(std::move(executor)),
      random_(&random),
      admission_(std::move(admission)),
      times_(times),
      changes_(executor_) {}

RemoteAgent::~RemoteAgent() = default;

net::WebSocketRoute RemoteAgent::stream_route() {
    return {std::string(seram::kStreamPath), std::string(seram::kSubprotocol),
            [this](net::WebSocket socket, net::HttpRequest request) {
                return serve_stream(std::move(socket), std::move(request));
            }};
}

bool RemoteAgent::is_reachable(const std::string& se_id) const {
    return streams_.contains(se_id);
}

RemoteAgent::StreamPtr RemoteAgent::stream_of(const std::string& se_id) const {
    auto found = streams_.find(se_id);
    return found == streams_.end() ? nullptr : found->second;
}

RemoteAgent::SessionPtr RemoteAgent::find(const seram::SessionId& id) const {
    for (const auto& [se_id, session] : sessions_) {
        if (session->remote.id() == id) return session;
    }
    return nullptr;
}

net::Task<Status> RemoteAgent::wait_reachable(std::string se_id, net::Deadline deadline) {
    while (!is_reachable(se_id)) {
        if (stopping_) co_return std::unexpected(stopped());
        if (std::chrono::steady_clock::now() >= deadline) {
            co_return fail(ErrorKind::kIo, "agent.unreachable",
                           fmt::format("the phone with the secure element {} is not connected", se_id),
                           "the job goes on when the phone is online again");
        }
        co_await changes_.wait(deadline);
    }
    co_return Status{};
}

// The stream binding
// ----------------------------------------------------------------------------------------------

net::Task<void> RemoteAgent::serve_stream(net::WebSocket socket, net::HttpRequest request) {
    auto stream = std::make_shared<Stream>(std::move(socket), request.peer);
    auto hello_bytes = parse_hex(request.query["hello"]);
    auto frame = hello_bytes ? seram::parse_frame(*hello_bytes) : std::unexpected(hello_bytes.error());
    const auto* hello = frame ? std::get_if<seram::Hello>(&*frame) : nullptr;
    if (hello == nullptr) {
        co_await stream->socket.close(net::CloseCode::kPolicy, "no Hello in the request");
        co_return;
    }
    auto chosen = choose(hello->handshake, true);
    Status admitted;
    for (const auto& se : hello->handshake.secure_elements) {
        admitted = stream->peer.authenticated && stream->peer.role == "agent"
                       ? admission_(stream->peer, se)
                       : fail(ErrorKind::kPolicy, "api.forbidden",
                              "only an SE Manager may speak for a secure element");
        if (!admitted) break;
    }
    if (!chosen || !admitted) {
        auto why = chosen ? admitted.error().message : std::string("nothing in common");
        log::warning("refused {}: {}", stream->peer.common_name, why);
        co_await stream->socket.close(net::CloseCode::kPolicy, why.substr(0, 120));
        co_return;
    }
    stream->elements = hello->handshake.secure_elements;
    stream->json_only = chosen->transport_protocol != seram::kWss;
    end_forgotten_sessions(*stream, *hello);
    for (const auto& se : stream->elements) streams_[se.id] = stream;
    log::info("{} is connected", stream->peer.common_name);
    co_await send(stream, seram::Welcome{*chosen}, nullptr);
    co_await resume_sessions(stream, *hello);
    changes_.notify();

    while (true) {
        auto message = co_await stream->socket.receive(net::kNever);
        if (!message) break;
        auto received = seram::parse_frame(*message);
        if (!received) {
            log::warning("{} sent what is no frame: {}", stream->peer.common_name, received.error().message);
            co_await stream->socket.close(net::CloseCode::kPolicy, received.error().message.substr(0, 120));
            break;
        }
        if (const auto* report = std::get_if<seram::StreamReport>(&*received)) {
            if (auto session = find(report->session)) session->bytes_up += message->size();
        }
        co_await on_frame(stream, *received);
    }
    lost(stream);
}

/// A phone that has forgotten a session, as after a restart, cannot go on with it. Comes before anybody can
/// begin a new one with this phone.
void RemoteAgent::end_forgotten_sessions(const Stream& stream, const seram::Hello& hello) {
    for (const auto& se : stream.elements) {
        auto found = sessions_.find(se.id);
        if (found == sessions_.end()) continue;
        auto& session = *found->second;
        auto is_this = [&](const seram::Standing& standing) {
            return standing.session == session.remote.id();
        };
        if (std::ranges::any_of(hello.standing, is_this)) continue;
        finish(session, std::unexpected(error(ErrorKind::kIo, "agent.lost", "the SE Manager was restarted")));
    }
}

/// Sessions that stand on both sides go on; what the phone remembers and we do not is over.
net::Task<void> RemoteAgent::resume_sessions(StreamPtr stream, const seram::Hello& hello) {
    for (const auto& standing : hello.standing) {
        auto session = find(standing.session);
        auto place = session ? session->remote.on_resume(standing.next)
                             : fail(ErrorKind::kIo, "seram.no_session", "there is no such session");
        if (!place) {
            co_await send(stream, seram::Fault{standing.session, place.error().code, place.error().message},
                          nullptr);
            if (session) finish(*session, std::unexpected(place.error()));
            continue;
        }
        log::info("session {} goes on", standing.session.value());
        co_await send(stream, seram::Resume{standing.session, *place}, session.get());
        session->alarm.expires_after(times_.silence);
        co_await send_orders(session);
    }
}

void RemoteAgent::lost(const StreamPtr& stream) {
    log::info("{} is gone", stream->peer.common_name);
    for (const auto& se : stream->elements) {
        if (stream_of(se.id) != stream) continue;  // it has connected again already
        streams_.erase(se.id);
        if (auto found = sessions_.find(se.id); found != sessions_.end() && !found->second->handshaken) {
            found->second->alarm.expires_after(times_.resumption);
        }
    }
}

net::Task<void> RemoteAgent::on_frame(StreamPtr stream, const seram::Frame& frame) {
    if (const auto* fault = std::get_if<seram::Fault>(&frame)) {
        auto session = find(fault->session);
        if (session && stream_of(session->remote.secure_element().id) == stream) {
            finish(*session, std::unexpected(error(ErrorKind::kIo, fault->code,
                                                   "the SE Manager says: " + fault->message)));
        }
        co_return;
    }
    const auto* report = std::get_if<seram::StreamReport>(&frame);
    if (report == nullptr) {
        co_await stream->socket.close(net::CloseCode::kPolicy, "a frame that only a server sends");
        co_return;
    }
    auto session = find(report->session);
    if (!session || stream_of(session->remote.secure_element().id) != stream) {
        co_await send(stream, seram::Fault{report->session, "seram.no_session", "there is no such session"},
                      nullptr);
        co_return;
    }
    session->alarm.expires_after(times_.silence);
    auto handled = session->remote.on_report(*report);
    if (session->on_progress) session->on_progress(session->conversation->progress());
    if (!handled) {
        co_await send(stream, seram::Fault{report->session, handled.error().code, "the session has failed"},
                      nullptr);
        finish(*session, std::move(handled));
        co_return;
    }
    co_await send_orders(session);
}

net::Task<void> RemoteAgent::send_orders(SessionPtr session) {
    // Orders leave in their order: who finds somebody sending leaves it to him.
    if (session->sending) co_return;
    session->sending = true;
    while (!session->result) {
        auto orders = session->remote.orders();
        if (session->on_progress) session->on_progress(session->conversation->progress());
        if (!orders) {
            if (auto stream = stream_of(session->remote.secure_element().id)) {
                co_await send(
                    stream, seram::Fault{session->remote.id(), orders.error().code, "the session has failed"},
                    session.get());
            }
            finish(*session, std::unexpected(orders.error()));
            break;
        }
        if (orders->empty()) break;
        // Nobody waits for Stop to arrive: the work is done and recorded before it leaves.
        if (session->remote.is_done()) finish(*session, {});
        auto stream = stream_of(session->remote.secure_element().id);
        for (auto& order : *orders) {
            if (stream) co_await send(stream, std::move(order), session.get());
        }
    }
    session->sending = false;
}

net::Task<void> RemoteAgent::send(StreamPtr stream, seram::Frame frame, Session* session) {
    auto bytes = seram::encode(frame);
    if (session != nullptr) session->bytes_down += bytes.size();
    // A connection that fails is noticed by its receiver.
    (void)co_await stream->socket.send(std::move(bytes), net::after(kSendTime));
}

void RemoteAgent::finish(Session& session, Status status) {
    if (session.result) return;
    session.result = std::move(status);
    session.alarm.cancel();
}

// A session, whatever the binding
// ---------------------------------------------------------------------------------

net::Task<Delivery> RemoteAgent::run(std::string se_id, MakeConversation make, Flight flight,
                                     OnProgress on_progress) {
    auto refused = [](Error why) { return Delivery{std::unexpected(std::move(why))}; };
    while (sessions_.contains(se_id) && !stopping_) co_await changes_.wait(net::kNever);
    auto stream = stream_of(se_id);
    if (stopping_) co_return refused(stopped());
    if (!stream) co_return refused(error(ErrorKind::kIo, "agent.unreachable", "the phone is not connected"));
    auto se = *std::ranges::find(stream->elements, se_id, &seram::SecureElement::id);
    auto& conversation = make(manager::Carrier{.stops_at_surprise = !stream->json_only});
    // Over JSON an order is a round trip, so it holds all that can be sent.
    if (stream->json_only && flight.apdus_in_flight > 1) flight = {4096, 4096};
    seram::SessionId id(make_session_id(*random_));
    auto session = std::make_shared<Session>(RemoteSession(id, se, conversation, flight), executor_);
    session->conversation = &conversation;
    session->on_progress = std::move(on_progress);
    sessions_[se_id] = session;
    session->alarm.expires_after(times_.silence);
    if (stream->json_only) {
        co_await send(stream, seram::WakeUp{id}, session.get());
    } else {
        co_await send_orders(session);
    }
    while (!session->result) {
        // A timer that was moved or cancelled rings early; what counts is its time and the result.
        co_await session->alarm.async_wait(as_tuple(use_awaitable));
        if (session->result || session->alarm.expiry() > std::chrono::steady_clock::now()) continue;
        bool connected = is_reachable(se_id);
        finish(*session, std::unexpected(error(ErrorKind::kIo, connected ? "agent.silent" : "agent.lost",
                                               connected ? "the SE Manager does not answer any more"
                                                         : "the connection to the phone was lost",
                                               "run the job again; only what is missing will be done")));
    }
    sessions_.erase(se_id);
    changes_.notify();
    co_return Delivery{*session->result, session->remote.traffic(), session->bytes_up, session->bytes_down,
                       std::chrono::steady_clock::now() - session->begin};
}

void RemoteAgent::stop() {
    stopping_ = true;
    for (auto& [se_id, session] : sessions_) finish(*session, std::unexpected(stopped()));
    changes_.notify();
}

// The JSON binding
// ------------------------------------------------------------------------------------------------

bool RemoteAgent::serves(std::string_view path) {
    return path == kHandshakePath || path == kManagementPath;
}

/// The session that a request names, if its sender may speak for the secure element.
Result<RemoteAgent::SessionPtr> RemoteAgent::session_of(const net::HttpRequest& request) const {
    auto id = request.query.find("sessionId");
    auto session = id == request.query.end() ? nullptr : find(seram::SessionId(id->second));
    if (!session || request.peer.role != "agent" ||
        !admission_(request.peer, session->remote.secure_element())) {
        return fail(ErrorKind::kUsage, "seram.no_session", "sessionId not found");
    }
    return session;
}

net::Task<net::HttpResponse> RemoteAgent::handle(net::HttpRequest request) {
    if (request.method != "POST") co_return text_response(405, "only POST");
    auto session = session_of(request);
    if (!session) co_return text_response(404, session.error().message);
    auto& active = **session;
    auto body = as_text(request.body);
    active.bytes_up += body.size();
    std::string answer;
    if (request.path == kHandshakePath) {
        auto handshake = seram::parse_handshake(body);
        if (!handshake) co_return text_response(400, handshake.error().message);
        auto chosen = choose(*handshake, false);
        bool has_se = std::ranges::any_of(handshake->secure_elements, [&](const auto& se) {
            return se.id == active.remote.secure_element().id;
        });
        if (!chosen || !has_se) co_return text_response(406, "nothing in common");
        active.handshaken = true;
        answer = seram::to_json(*chosen);
    } else {
        if (!active.handshaken) co_return text_response(404, "sessionId not found: no handshake");
        auto report = seram::parse_report(body);
        if (!report) co_return text_response(400, report.error().message);
        active.alarm.expires_after(times_.silence);
        auto order = active.remote.on_report(*report);
        if (active.on_progress) active.on_progress(active.conversation->progress());
        if (!order) {
            finish(active, std::unexpected(order.error()));
            order = seram::Order{std::nullopt, std::nullopt, {seram::Stop{}}};
        } else if (active.remote.is_done()) {
            finish(active, {});
        }
        answer = seram::to_json(*order);
    }
    active.bytes_down += answer.size();
    co_return net::HttpResponse{200, std::string(seram::kJson), to_bytes(as_bytes(answer))};
}

}  // namespace oti::remote_agent
