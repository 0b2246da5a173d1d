// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "crypto/psk_tls.h"
#include "net/http_codec.h"

namespace oti::card {

/// X-Admin-Script-Status (Amendment B, 3.4.1).
enum class ScriptStatus : std::uint8_t { kOk, kUnknownApplication, kNotASecurityDomain, kSecurityError };

/// What a card and its administration server say to each other over one connection (Amendment B, 3.3
/// and 3.4): TLS, in it HTTP, in that scripts and their answers. Octets in, octets out.
class AdministrationDialogue {
  public:
    struct Options {
        std::string host;
        std::string agent;
        std::string uri;       ///< of the first request
        bool resumes = false;  ///< a session that was interrupted after a request
    };
    /// Nothing for a key that TLS cannot take.
    static std::optional<AdministrationDialogue> begin(crypto::PskTls::Credentials credentials,
                                                       Options options);

    enum class State : std::uint8_t {
        kWaiting,    ///< for the server
        kHasScript,  ///< which is to be run, and answered
        kDone,       ///< the server has nothing more
        kLost,       ///< the server closed before it was done
        kFailed,     ///< of security, or of what HTTP messages have to be; there is no trying again
    };
    /// Octets of the server's.
    State receive(BytesView octets);
    State state() const { return state_; }
    Bytes take_outgoing() { return tls_.take_outgoing(); }

    /// In `kHasScript`.
    const Bytes& script() const { return script_; }
    /// X-Admin-Targeted-Application: an AID, or nothing for the domain whose key this is.
    const std::optional<Bytes>& target() const { return target_; }
    /// The script was run, or not: sends the next request, or nothing where the server wants no answer.
    /// `answer` only with `kOk`.
    State reply(ScriptStatus status, Bytes answer);

    /// A first request was sent.
    bool has_requested() const { return has_requested_; }
    /// Of the request that is due, or was sent last.
    const std::string& uri() const { return options_.uri; }

  private:
    AdministrationDialogue(crypto::PskTls tls, Options options);
    State fail();
    State request(std::optional<ScriptStatus> status, Bytes body);
    State take(const net::HttpResponse& response);
    State finish();

    crypto::PskTls tls_;
    net::HttpResponseReader reader_;
    Options options_;
    State state_ = State::kWaiting;
    bool has_requested_ = false;
    bool wants_answer_ = false;
    Bytes script_;
    std::optional<Bytes> target_;
};

}  // namespace oti::card
