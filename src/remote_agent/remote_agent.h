// SPDX-License-Identifier: Apache-2.0
// The server's end of GP SERAM, both bindings: phones that are connected, and the sessions that run over
// them.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <set>

#include "crypto/random.h"
#include "manager/domain_session.h"
#include "net/http_message.h"
#include "net/http_server.h"
#include "net/signal.h"
#include "remote_agent/remote_session.h"

namespace oti::remote_agent {

using manager::Delivery;

struct Times {
    /// A session whose phone is silent for so long is given up.
    std::chrono::milliseconds silence{60'000};
    /// After a lost connection the phone has so long to come back and go on.
    std::chrono::milliseconds resumption{20'000};
};

/// All calls and handlers run on one strand, or on an io_context of one thread.
class RemoteAgent {
  public:
    /// Whether this SE Manager may speak for this secure element.
    using Admission = std::function<Status(const net::Peer&, const seram::SecureElement&)>;
    /// Makes the conversation for a carrier; it must live until `run` returns.
    using MakeConversation = std::function<manager::Conversation&(manager::Carrier)>;
    using OnProgress = std::function<void(const manager::Progress&)>;

    RemoteAgent(net::Executor executor, crypto::Random& random, Admission admission, Times times = {});
    ~RemoteAgent();
    RemoteAgent(const RemoteAgent&) = delete;
    RemoteAgent& operator=(const RemoteAgent&) = delete;

    /// The stream binding, and with it the wake-up.
    net::WebSocketRoute stream_route();
    /// The JSON binding: `/gp/seram/handshake` and `/gp/seram/remoteManagement`.
    static bool serves(std::string_view path);
    net::Task<net::HttpResponse> handle(net::HttpRequest request);

    bool is_reachable(const std::string& se_id) const;
    /// Returns once the secure element's phone is connected. Errors `agent.unreachable` at the deadline,
    /// `agent.stopped`.
    net::Task<Status> wait_reachable(std::string se_id, net::Deadline deadline);
    /// Runs one conversation with a secure element whose phone is connected, on the binding that the phone
    /// chose. Errors in `status`: `agent.unreachable`, `agent.busy`, `agent.lost`, `agent.silent`, `seram.*`,
    /// and those of the conversation.
    net::Task<Delivery> run(std::string se_id, MakeConversation make, Flight flight,
                            OnProgress on_progress = {});
    /// Ends all sessions and waits with `agent.stopped`.
    void stop();

  private:
    struct Stream;
    struct Session;
    using SessionPtr = std::shared_ptr<Session>;
    using StreamPtr = std::shared_ptr<Stream>;

    net::Task<void> serve_stream(net::WebSocket socket, net::HttpRequest request);
    void end_forgotten_sessions(const Stream& stream, const seram::Hello& hello);
    net::Task<void> resume_sessions(StreamPtr stream, const seram::Hello& hello);
    net::Task<void> on_frame(StreamPtr stream, const seram::Frame& frame);
    net::Task<void> send_orders(SessionPtr session);
    net::Task<void> send(StreamPtr stream, seram::Frame frame, Session* session);
    void lost(const StreamPtr& stream);
    void finish(Session& session, Status status);
    SessionPtr find(const seram::SessionId& id) const;
    Result<SessionPtr> session_of(const net::HttpRequest& request) const;
    StreamPtr stream_of(const std::string& se_id) const;

    net::Executor executor_;
    crypto::Random* random_;
    Admission admission_;
    Times times_;
    std::map<std::string, StreamPtr> streams_;    ///< by SE
    std::map<std::string, SessionPtr> sessions_;  ///< by SE: one at a time
    bool stopping_ = false;
    net::Signal changes_;  ///< a phone has connected, a session has ended
};

}  // namespace oti::remote_agent
