// SPDX-License-Identifier: Apache-2.0
#include "seram/json.h"

#include <fmt/format.h>

#include <array>
#include <boost/json.hpp>

#include "base/hex.h"

namespace oti::seram {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxMessage = 1 << 20;
constexpr std::size_t kMaxCommands = 256;
constexpr std::size_t kMaxApdus = 4096;
constexpr std::size_t kMaxText = 4096;
constexpr std::size_t kMaxNames = 16;
constexpr std::int64_t kMaxDelayMs = 3'600'000;

std::unexpected<Error> invalid(std::string_view where, std::string_view why) {
    return fail(ErrorKind::kIo, "seram.invalid", fmt::format("{}: {}", where, why));
}

Result<json::object> parse_object(std::string_view text, std::string_view what) {
    if (text.size() > kMaxMessage) return invalid(what, "longer than 1 MiB");
    boost::system::error_code error;
    json::parse_options options;
    options.max_depth = 16;
    auto value = json::parse({text.data(), text.size()}, error, {}, options);
    if (error) return invalid(what, "no JSON: " + error.message());
    if (!value.is_object()) return invalid(what, "no JSON object");
    return std::move(value.as_object());
}

/// Members of one object, with the object's name for error texts.
class Members {
  public:
    Members(const json::object& object, std::string_view where) : object_(&object), where_(where) {}

    static Result<Members> of(const json::value& value, std::string_view where) {
        if (!value.is_object()) return invalid(where, "no object");
        return Members(value.get_object(), where);
    }

    const json::value* find(std::string_view key) const {
        return object_->if_contains({key.data(), key.size()});
    }

    Result<std::string> text(std::string_view key, std::size_t max = kMaxText) const {
        const auto* value = find(key);
        if (value == nullptr) return wrong(key, "is missing");
        if (!value->is_string()) return wrong(key, "is no string");
        const auto& string = value->get_string();
        if (string.size() > max) return wrong(key, "is too long");
        return std::string(string);
    }

    Result<std::string> text_or(std::string_view key, std::string absent) const {
        if (find(key) == nullptr) return absent;
        return text(key);
    }

    Result<std::int64_t> integer(std::string_view key, std::int64_t min, std::int64_t max) const {
        const auto* value = find(key);
        if (value == nullptr) return wrong(key, "is missing");
        if (!value->is_int64()) return wrong(key, "is no integer");
        auto number = value->get_int64();
        if (number < min || number > max) return wrong(key, "is out of range");
        return number;
    }

    Result<const json::array*> array(std::string_view key, std::size_t max) const {
        const auto* value = find(key);
        if (value == nullptr) return wrong(key, "is missing");
        if (!value->is_array()) return wrong(key, "is no array");
        if (value->get_array().size() > max) return wrong(key, "has too many elements");
        return &value->get_array();
    }

    /// A list of names under one of two keys; `absent` if there is neither.
    Result<std::vector<std::string>> names(std::string_view key, std::string_view other,
                                           std::string_view absent) const {
        if (find(key) == nullptr) key = other;
        if (find(key) == nullptr) return std::vector<std::string>{std::string(absent)};
        OTI_TRY(const auto* values, array(key, kMaxNames));
        std::vector<std::string> all;
        for (const auto& value : *values) {
            if (!value.is_string() || value.get_string().size() > 64)
                return wrong(key, "has something else than names");
            all.emplace_back(value.get_string());
        }
        return all;
    }

    std::unexpected<Error> wrong(std::string_view key, std::string_view why) const {
        return invalid(where_, fmt::format("'{}' {}", key, why));
    }

  private:
    const json::object* object_;
    std::string_view where_;
};

/// Upper-case pairs of hexadecimal digits, and nothing else.
Result<Bytes> parse_apdu(const json::value& value, std::string_view where) {
    if (!value.is_string()) return invalid(where, "an APDU is no string");
    const auto& text = value.get_string();
    for (char c : text) {
        if ((c < '0' || c > '9') && (c < 'A' || c > 'F'))
            return invalid(where, "an APDU is not in upper-case hexadecimal");
    }
    auto bytes = parse_hex(text);
    if (!bytes) return invalid(where, "an APDU has half a byte");
    return bytes;
}

Result<std::vector<Bytes>> parse_apdus(const Members& members, std::string_view key, std::string_view where) {
    OTI_TRY(const auto* values, members.array(key, kMaxApdus));
    std::vector<Bytes> apdus;
    apdus.reserve(values->size());
    for (const auto& value : *values) {
        OTI_TRY(auto apdu, parse_apdu(value, where));
        apdus.push_back(std::move(apdu));
    }
    return apdus;
}

json::array to_array(const std::vector<std::string>& names) {
    json::array array;
    for (const auto& name : names) array.emplace_back(name);
    return array;
}

struct SeTypeName {
    SeType type;
    std::string_view name;
};
constexpr std::array kSeTypes{
    SeTypeName{SeType::kEse, "eSE"},       SeTypeName{SeType::kIse, "iSE"},
    SeTypeName{SeType::kUicc, "uicc"},     SeTypeName{SeType::kEuicc, "euicc"},
    SeTypeName{SeType::kIeuicc, "ieuicc"}, SeTypeName{SeType::kUndefined, "undefined"}};

struct AgentStatusName {
    AgentStatus status;
    std::string_view name;
};
constexpr std::array kStatuses{AgentStatusName{AgentStatus::kProcessed, "PROCESSED"},
                               AgentStatusName{AgentStatus::kPolling, "POLLING"},
                               AgentStatusName{AgentStatus::kUnavailableSe, "UNAVAILABLE_SE"},
                               AgentStatusName{AgentStatus::kUnknownFailure, "UNKNOWN_FAILURE"},
                               AgentStatusName{AgentStatus::kUngrantedAccess, "UNGRANTED_ACCESS"}};

Result<AgentStatus> parse_status(std::string_view name) {
    for (const auto& entry : kStatuses) {
        if (entry.name == name) return entry.status;
    }
    return invalid("localAgentStatus", "unknown localAgentStatusEnum");
}

std::string_view name_of(AgentStatus status) {
    return std::ranges::find(kStatuses, status, &AgentStatusName::status)->name;
}

Result<SecureElement> parse_secure_element(const json::value& value) {
    OTI_TRY(auto members, Members::of(value, "secureElement"));
    OTI_TRY(auto type_name, members.text("seType"));
    SecureElement se;
    OTI_TRY(se.type, parse_se_type(type_name));
    OTI_TRY(se.id, members.text("seId", 64));
    OTI_TRY(se.extra_info, members.text_or("seExtraInfo", ""));
    return se;
}

json::object to_object(const SecureElement& se) {
    json::object object{{"seType", name(se.type)}, {"seId", se.id}};
    if (!se.extra_info.empty()) object["seExtraInfo"] = se.extra_info;
    return object;
}

Result<RamCommand> parse_command(const json::value& value) {
    OTI_TRY(auto members, Members::of(value, "ramCommand"));
    OTI_TRY(auto type, members.text("ramCommandType"));
    if (type == "ramStartCommand" || type == "startCommand") return Start{};
    if (type == "ramStopCommand" || type == "stopCommand") return Stop{};
    if (type == "notificationCommand") {
        OTI_TRY(auto text, members.text("deviceAppNotification"));
        return Notification{std::move(text)};
    }
    if (type != "seRamCommand") return invalid("ramCommand", "unknown ramCommandType");
    OTI_TRY(auto apdus, parse_apdus(members, "listOfCAPDU", "seRamCommand"));
    SeRam command;
    for (auto& apdu : apdus) command.commands.push_back({std::move(apdu), iso7816::Expectation::any()});
    return command;
}

json::object to_object(const RamCommand& command) {
    if (std::holds_alternative<Start>(command)) return {{"ramCommandType", "ramStartCommand"}};
    if (std::holds_alternative<Stop>(command)) return {{"ramCommandType", "ramStopCommand"}};
    if (const auto* notification = std::get_if<Notification>(&command)) {
        return {{"ramCommandType", "notificationCommand"}, {"deviceAppNotification", notification->text}};
    }
    json::array apdus;
    for (const auto& apdu : std::get<SeRam>(command).commands) apdus.emplace_back(to_hex(apdu.apdu));
    return {{"ramCommandType", "seRamCommand"}, {"listOfCAPDU", std::move(apdus)}};
}

}  // namespace

std::string_view name(SeType type) {
    return std::ranges::find(kSeTypes, type, &SeTypeName::type)->name;
}

Result<SeType> parse_se_type(std::string_view name) {
    for (const auto& entry : kSeTypes) {
        if (entry.name == name) return entry.type;
    }
    return invalid("secureElement", "unknown seType");
}

Result<Handshake> parse_handshake(std::string_view text) {
    OTI_TRY(auto object, parse_object(text, "ramHandshakeCommand"));
    Members members(object, "ramHandshakeCommand");
    Handshake message;
    OTI_TRY(const auto* elements, members.array("secureElements", kMaxNames));
    for (const auto& element : *elements) {
        OTI_TRY(auto se, parse_secure_element(element));
        message.secure_elements.push_back(std::move(se));
    }
    OTI_TRY(message.transport_protocols,
            members.names("supportedTransportProtocols", "supportedTransportProtocol", kHttps));
    OTI_TRY(message.data_formats, members.names("supportedDataFormats", "supportedDataFormat", kJson));
    OTI_TRY(message.versions, members.names("supportedVersions", "supportedVersion", kVersion));
    return message;
}

Result<HandshakeResponse> parse_handshake_response(std::string_view text) {
    OTI_TRY(auto object, parse_object(text, "ramHandshakeResponse"));
    Members members(object, "ramHandshakeResponse");
    HandshakeResponse message;
    OTI_TRY(message.transport_protocol, members.text("chosenTransportProtocol"));
    OTI_TRY(message.data_format,
            members.text(members.find("chosenDataFormat") != nullptr ? "chosenDataFormat"
                                                                     : "chosenDataProtocol"));
    OTI_TRY(message.version, members.text("chosenVersion"));
    return message;
}

Result<Order> parse_order(std::string_view text) {
    OTI_TRY(auto object, parse_object(text, "remoteManagementOrder"));
    Members members(object, "remoteManagementOrder");
    Order message;
    if (members.find("delay") != nullptr) {
        OTI_TRY(auto delay, members.integer("delay", 0, kMaxDelayMs));
        message.delay = std::chrono::milliseconds(delay);
    }
    if (const auto* chosen = members.find("chosenSecureElement")) {
        OTI_TRY(message.chosen_secure_element, parse_secure_element(*chosen));
    }
    if (members.find("ramCommands") != nullptr) {
        OTI_TRY(const auto* commands, members.array("ramCommands", kMaxCommands));
        for (const auto& value : *commands) {
            OTI_TRY(auto command, parse_command(value));
            message.commands.push_back(std::move(command));
        }
    }
    return message;
}

Result<Report> parse_report(std::string_view text) {
    OTI_TRY(auto object, parse_object(text, "remoteManagementReport"));
    Members members(object, "remoteManagementReport");
    const auto* status_value = members.find("localAgentStatus");
    if (status_value == nullptr) return members.wrong("localAgentStatus", "is missing");
    OTI_TRY(auto status, Members::of(*status_value, "localAgentStatus"));
    Report message;
    OTI_TRY(auto status_name, status.text("localAgentStatusEnum"));
    OTI_TRY(message.status, parse_status(status_name));
    if (status.find("executedSeRamCommands") != nullptr) {
        OTI_TRY(auto executed, status.integer("executedSeRamCommands", 0, kMaxCommands));
        message.executed_commands = static_cast<std::size_t>(executed);
    }
    OTI_TRY(message.error, status.text_or("errorMsg", ""));
    if (members.find("ramResponses") == nullptr) return message;
    OTI_TRY(const auto* responses, members.array("ramResponses", kMaxCommands));
    for (const auto& value : *responses) {
        OTI_TRY(auto response, Members::of(value, "ramResponse"));
        OTI_TRY(auto type, response.text("ramResponseType"));
        if (type != "seRamResponse") return response.wrong("ramResponseType", "is unknown");
        OTI_TRY(auto apdus, parse_apdus(response, "listOfRAPDU", "seRamResponse"));
        message.responses.push_back(std::move(apdus));
    }
    return message;
}

std::string to_json(const Handshake& message) {
    json::array elements;
    for (const auto& se : message.secure_elements) elements.emplace_back(to_object(se));
    return json::serialize(
        json::object{{"secureElements", std::move(elements)},
                     {"supportedTransportProtocols", to_array(message.transport_protocols)},
                     {"supportedDataFormats", to_array(message.data_formats)},
                     {"supportedVersions", to_array(message.versions)}});
}

// The OpenAPI file lists chosenDataFormat as member and chosenDataProtocol as required: both are sent.
std::string to_json(const HandshakeResponse& message) {
    return json::serialize(json::object{{"chosenTransportProtocol", message.transport_protocol},
                                        {"chosenDataFormat", message.data_format},
                                        {"chosenDataProtocol", message.data_format},
                                        {"chosenVersion", message.version}});
}

std::string to_json(const Order& message) {
    json::object object;
    if (message.delay) object["delay"] = message.delay->count();
    if (message.chosen_secure_element)
        object["chosenSecureElement"] = to_object(*message.chosen_secure_element);
    if (!message.commands.empty()) {
        json::array commands;
        for (const auto& command : message.commands) commands.emplace_back(to_object(command));
        object["ramCommands"] = std::move(commands);
    }
    return json::serialize(object);
}

std::string to_json(const Report& message) {
    json::object status{{"localAgentStatusEnum", name_of(message.status)},
                        {"executedSeRamCommands", message.executed_commands}};
    if (!message.error.empty()) status["errorMsg"] = message.error;
    json::object object{{"localAgentStatus", std::move(status)}};
    if (!message.responses.empty()) {
        json::array responses;
        for (const auto& apdus : message.responses) {
            json::array list;
            for (const auto& apdu : apdus) list.emplace_back(to_hex(apdu));
            responses.emplace_back(
                json::object{{"ramResponseType", "seRamResponse"}, {"listOfRAPDU", std::move(list)}});
        }
        object["ramResponses"] = std::move(responses);
    }
    return json::serialize(object);
}

}  // namespace oti::seram
