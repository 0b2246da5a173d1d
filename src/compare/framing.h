// SPDX-License-Identifier: Apache-2.0
// How many octets TLS, HTTP and WebSocket put around what the engines say. Measured at the real stack, which
// `framing_test.cpp` holds these figures to.
#pragma once

#include <cstddef>

namespace oti::compare {

/// Header, content type and tag of a TLS 1.3 record (RFC 8446, 5.2).
inline constexpr std::size_t kRecord = 5 + 1 + 16;
/// Octets of a TLS 1.3 handshake with P-256 certificates on either side; the sums of each direction are
/// measured.
inline constexpr std::size_t kClientHello = 271;    ///< phone, first
inline constexpr std::size_t kServerFlight = 1200;  ///< ServerHello to Finished
inline constexpr std::size_t kClientFlight = 1057;  ///< Certificate to Finished; what follows goes with it
inline constexpr std::size_t kTicket = 856;         ///< NewSessionTicket, which goes with the first answer

/// A WebSocket message (RFC 6455, 5.2), one record; the phone's are masked.
constexpr std::size_t web_socket_message(std::size_t payload, bool from_phone) {
    std::size_t length = payload < 126 ? 0 : payload < 65536 ? 2 : 8;
    return kRecord + 2 + length + (from_phone ? 4 : 0) + payload;
}

/// The upgrade (RFC 6455, 4): the request carries the Hello in hexadecimal.
constexpr std::size_t upgrade_request(std::size_t hello) {
    return kRecord + 204 + 2 * hello;
}
inline constexpr std::size_t kUpgradeResponse = kRecord + 180;

/// A POST of SERAM's JSON binding, and its answer.
constexpr std::size_t json_request(std::size_t body) {
    return kRecord + 167 + body;
}
constexpr std::size_t json_response(std::size_t body) {
    return kRecord + 72 + body;
}

}  // namespace oti::compare
