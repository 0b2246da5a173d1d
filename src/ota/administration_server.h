// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "crypto/psk_tls.h"
#include "net/http_codec.h"
#include "ota/administration_job.h"

namespace oti::ota {

/// The server's end of one connection with a card (SCP81; GlobalPlatform Amendment B, 3.3 and 3.4): TLS with
/// the card's pre-shared key, in it HTTP, in that the scripts of a job and their answers. It does no I/O.
class AdministrationServer {
  public:
    /// What is to be done with the card that has a key of this identity.
    struct Card {
        crypto::SecretBytes key;
        AdministrationJob* job = nullptr;  ///< has to outlive the connection
    };
    using FindCard = std::function<std::optional<Card>(std::string_view identity)>;

    explicit AdministrationServer(FindCard find);

    /// Octets of the card's. Errors: those of TLS, `net.http`; then the connection is to be closed, once what
    /// `take_outgoing` gives has gone.
    Status receive(BytesView octets);
    Bytes take_outgoing();

    /// Of the card, once it has proved to have the key.
    const std::string& identity() const { return tls_.identity(); }
    /// The last answer was given: the card closes.
    bool is_over() const { return over_; }

  private:
    net::HttpResponse handle(const net::RawRequest& request);
    void take_report(const net::RawRequest& request);
    void count();

    FindCard find_;
    crypto::PskTls tls_;
    net::HttpRequestReader reader_;
    std::uint64_t up_ = 0, down_ = 0;  ///< octets that no job has counted yet
    bool over_ = false;
};

}  // namespace oti::ota
