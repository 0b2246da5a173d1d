// SPDX-License-Identifier: Apache-2.0
// The JSON form of the messages, as GP SERAM's OpenAPI file has it (`/gp/seram/handshake`,
// `/gp/seram/remoteManagement`). Where that file contradicts itself, both forms are read and the schema's is
// written: `ramStartCommand` and `startCommand`, `supportedVersions` and `supportedVersion`,
// `chosenDataFormat` and `chosenDataProtocol`.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "seram/messages.h"

namespace oti::seram {

/// Bounds of a message: 1 MiB, 256 commands, 4,096 APDUs a command, 16 levels deep.
/// Each `parse_` fails with `seram.invalid`, naming the member, and yields nothing then.
Result<Handshake> parse_handshake(std::string_view json);
Result<HandshakeResponse> parse_handshake_response(std::string_view json);
Result<Order> parse_order(std::string_view json);
Result<Report> parse_report(std::string_view json);

std::string to_json(const Handshake& message);
std::string to_json(const HandshakeResponse& message);
std::string to_json(const Order& message);
std::string to_json(const Report& message);

/// "eSE", "uicc", … and back; an unknown name is `seram.invalid`.
std::string_view name(SeType type);
Result<SeType> parse_se_type(std::string_view name);

}  // namespace oti::seram
