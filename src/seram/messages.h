// SPDX-License-Identifier: Apache-2.0
// The messages of GlobalPlatform SERAM 2.0 (Secure Element Remote Application Management): between the Remote
// Agent of a service provider or issuer and the Local Agent in a device. Their form on the wire is json.h,
// and frames.h for the stream binding.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/strong_id.h"
#include "iso7816/expectation.h"

namespace oti::seram {

/// Names a remote management session; 1 to 64 characters.
using SessionId = StrongId<struct SessionIdTag>;

enum class SeType { kEse, kIse, kUicc, kEuicc, kIeuicc, kUndefined };

struct SecureElement {
    SeType type = SeType::kUndefined;
    std::string id;
    std::string extra_info = {};  ///< empty: left out

    bool operator==(const SecureElement&) const = default;
};

/// ramHandshakeCommand: what the Local Agent has and can do.
struct Handshake {
    std::vector<SecureElement> secure_elements;
    std::vector<std::string> transport_protocols;
    std::vector<std::string> data_formats;
    std::vector<std::string> versions;

    bool operator==(const Handshake&) const = default;
};

/// ramHandshakeResponse: what the Remote Agent chose.
struct HandshakeResponse {
    std::string transport_protocol;
    std::string data_format;
    std::string version;

    bool operator==(const HandshakeResponse&) const = default;
};

inline constexpr std::string_view kVersion = "2.0.0";
inline constexpr std::string_view kHttps = "HTTPS", kJson = "application/json";
inline constexpr std::string_view kWss = "wss", kCbor = "application/cbor";

struct Start {
    bool operator==(const Start&) const = default;
};
struct Stop {
    bool operator==(const Stop&) const = default;
};
/// For the device's user.
struct Notification {
    std::string text;
    bool operator==(const Notification&) const = default;
};
/// C-APDUs for the secure element. The JSON binding has no expectations: all are sent, whatever comes back.
struct SeRam {
    iso7816::Script commands;
    bool operator==(const SeRam&) const = default;
};
using RamCommand = std::variant<Start, SeRam, Notification, Stop>;

/// What a Local Agent waits before it asks again, where an order does not say (the OpenAPI file's figure).
inline constexpr std::chrono::milliseconds kDefaultDelay{100};

/// ramOrder. Start comes first in a session and Stop last; after Stop there is no report.
struct Order {
    std::optional<std::chrono::milliseconds> delay = {};
    std::optional<SecureElement> chosen_secure_element = {};
    std::vector<RamCommand> commands;

    bool operator==(const Order&) const = default;
};

enum class AgentStatus { kProcessed, kPolling, kUnavailableSe, kUnknownFailure, kUngrantedAccess };

/// ramReport. The first one of a session is `kPolling`, with nothing.
struct Report {
    AgentStatus status = AgentStatus::kPolling;
    std::size_t executed_commands = 0;  ///< SE RAM commands (not APDUs) that were carried out
    std::string error = {};
    /// For each SE RAM command its R-APDUs; an empty one: the secure element did not answer.
    std::vector<std::vector<Bytes>> responses = {};

    bool operator==(const Report&) const = default;
};

}  // namespace oti::seram
