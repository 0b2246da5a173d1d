// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/secret_bytes.h"

namespace oti::crypto {

/// One end of TLS 1.2 (RFC 5246) with a pre-shared key (RFC 4279, RFC 5487) and no certificate, as
/// GlobalPlatform Amendment B, table 3-2, has it: TLS_PSK_WITH_AES_128_CBC_SHA256. It does no I/O: octets of
/// the peer go in, octets for the peer and plaintext come out.
class PskTls {
  public:
    struct Credentials {
        std::string identity;  ///< at most 128 octets, none of them zero
        SecretBytes key;       ///< 1 to 64 octets
        Credentials clone() const { return {identity, key.clone()}; }
    };
    struct Options {
        /// TLS_PSK_WITH_NULL_SHA256 as well: authentication and integrity, no confidentiality.
        bool allow_null = false;
        /// A client asks for records of at most so many octets (RFC 6066, 4): 512, 1024, 2048 or 4096.
        std::optional<unsigned> max_fragment = {};
    };
    /// The key of an identity; nothing if there is none.
    using FindKey = std::function<std::optional<SecretBytes>(std::string_view identity)>;

    /// Its first octets are there to be taken. Error `tls.credentials`.
    static Result<PskTls> client(Credentials credentials, Options options);
    static PskTls server(FindKey find, Options options);
    PskTls(PskTls&&) noexcept;
    PskTls& operator=(PskTls&&) noexcept;
    ~PskTls();

    /// Octets of the peer, in any pieces; the plaintext that they complete. Errors, after which nothing more
    /// comes in, while an alert may have to go out: `tls.identity` (the server does not know it),
    /// `tls.failed` (another key, forged or damaged octets, no suite in common, or anything else that is no
    /// such TLS).
    Result<Bytes> receive(BytesView octets);
    /// Errors `tls.not_open` (no handshake yet, or closed), `tls.failed`.
    Status send(BytesView plain);
    /// Says that nothing more comes (close_notify), so that the peer can tell the end from a cut.
    void close();
    /// What has to go to the peer now; also after an error.
    Bytes take_outgoing();

    /// The handshake is done: the peer has the key.
    bool is_open() const;
    /// The peer has said that nothing more comes. Octets that end without it were cut off.
    bool is_closed_by_peer() const;
    /// Whether what is sent is hidden; only when open.
    bool is_encrypted() const;
    /// The client's, as the server has accepted it; empty before.
    const std::string& identity() const;

  private:
    struct State;
    explicit PskTls(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace oti::crypto
