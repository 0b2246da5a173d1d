// SPDX-License-Identifier: Apache-2.0
#include "seram/frames.h"

#include "seram/cbor.h"

namespace oti::seram {
namespace {

using iso7816::Expectation;
using iso7816::ScriptCommand;
using iso7816::StatusWord;

constexpr std::size_t kMaxApdu = 65'544;  // extended length, case 4
constexpr std::size_t kMaxResponse = 65'538;
constexpr std::size_t kMaxApdus = 4'096;
constexpr std::size_t kMaxCommands = 256;
constexpr std::size_t kMaxNames = 16;
constexpr std::size_t kMaxName = 64;
constexpr std::size_t kMaxText = 4'096;
constexpr std::size_t kMaxStatusWords = 16;
constexpr std::uint64_t kMaxDelayMs = 3'600'000;
constexpr std::uint64_t kMaxPlace = 0xFFFF'FFFF;

/// First item of a frame.
enum class Type : std::uint8_t { kHello = 1, kWelcome, kOrder, kReport, kResume, kWakeUp, kFault };
/// First item of a command.
enum class CommandType : std::uint8_t { kStart = 0, kSeRam, kNotification, kStop };
/// First item of an expectation.
enum class ExpectationType : std::uint8_t { kAny = 0, kStatus, kExactly };

// Writing
// -------------------------------------------------------------------------------------------------------

template <typename Enum>
CborWriter& put(CborWriter& to, Enum value) {
    return to.unsigned_integer(static_cast<std::uint64_t>(value));
}

void put(CborWriter& to, Place place) {
    to.unsigned_integer(place.script).unsigned_integer(place.index);
}

void put(CborWriter& to, const std::vector<std::string>& names) {
    to.array(names.size());
    for (const auto& name : names) to.text(name);
}

void put(CborWriter& to, const SecureElement& se) {
    to.array(3);
    put(to, se.type).text(se.id).text(se.extra_info);
}

void put(CborWriter& to, const ScriptCommand& command) {
    const auto& expectation = command.expectation;
    if (expectation.is_any()) {
        put(to.array(2).bytes(command.apdu), ExpectationType::kAny);
    } else if (const auto* accepted = expectation.accepted_status()) {
        put(to.array(2 + accepted->size()).bytes(command.apdu), ExpectationType::kStatus);
        for (auto sw : *accepted) to.unsigned_integer(value(sw));
    } else {
        put(to.array(3).bytes(command.apdu), ExpectationType::kExactly).bytes(*expectation.exact_response());
    }
}

void put(CborWriter& to, const RamCommand& command) {
    if (const auto* ram = std::get_if<SeRam>(&command)) {
        put(to.array(2), CommandType::kSeRam).array(ram->commands.size());
        for (const auto& apdu : ram->commands) put(to, apdu);
    } else if (const auto* notification = std::get_if<Notification>(&command)) {
        put(to.array(2), CommandType::kNotification).text(notification->text);
    } else {
        put(to.array(1), std::holds_alternative<Start>(command) ? CommandType::kStart : CommandType::kStop);
    }
}

void put_frame(CborWriter& to, const Hello& frame) {
    put(to.array(6), Type::kHello).array(frame.handshake.secure_elements.size());
    for (const auto& se : frame.handshake.secure_elements) put(to, se);
    put(to, frame.handshake.transport_protocols);
    put(to, frame.handshake.data_formats);
    put(to, frame.handshake.versions);
    to.array(frame.standing.size());
    for (const auto& standing : frame.standing)
        put(to.array(3).text(standing.session.value()), standing.next);
}

void put_frame(CborWriter& to, const Welcome& frame) {
    const auto& chosen = frame.response;
    put(to.array(4), Type::kWelcome)
        .text(chosen.transport_protocol)
        .text(chosen.data_format)
        .text(chosen.version);
}

void put_frame(CborWriter& to, const StreamOrder& frame) {
    put(to.array(9), Type::kOrder).text(frame.session.value());
    put(to, frame.place);
    put(to, frame.received);
    const auto& order = frame.order;
    // What is optional is an array of no or one item.
    to.array(order.delay ? 1 : 0);
    if (order.delay) to.unsigned_integer(static_cast<std::uint64_t>(order.delay->count()));
    to.array(order.chosen_secure_element ? 1 : 0);
    if (order.chosen_secure_element) put(to, *order.chosen_secure_element);
    to.array(order.commands.size());
    for (const auto& command : order.commands) put(to, command);
}

void put_frame(CborWriter& to, const StreamReport& frame) {
    put(to.array(7), Type::kReport).text(frame.session.value());
    put(to, frame.place);
    put(to, frame.status).text(frame.error).array(frame.responses.size());
    for (const auto& response : frame.responses) to.bytes(response);
}

void put_frame(CborWriter& to, const Resume& frame) {
    put(to.array(4), Type::kResume).text(frame.session.value());
    put(to, frame.received);
}

void put_frame(CborWriter& to, const WakeUp& frame) {
    put(to.array(2), Type::kWakeUp).text(frame.session.value());
}

void put_frame(CborWriter& to, const Fault& frame) {
    put(to.array(4), Type::kFault).text(frame.session.value()).text(frame.code).text(frame.message);
}

// Reading
// -------------------------------------------------------------------------------------------------------

template <typename Enum>
Result<Enum> read_enum(CborReader& from, Enum last) {
    OTI_TRY(auto value, from.unsigned_integer(static_cast<std::uint64_t>(last)));
    return static_cast<Enum>(value);
}

Result<Place> read_place(CborReader& from) {
    OTI_TRY(auto script, from.unsigned_integer(kMaxPlace));
    OTI_TRY(auto index, from.unsigned_integer(kMaxPlace));
    return Place{static_cast<std::uint32_t>(script), static_cast<std::uint32_t>(index)};
}

Result<SessionId> read_session(CborReader& from) {
    OTI_TRY(auto id, from.text(kMaxName));
    if (id.empty()) return from.invalid("an empty session identifier");
    return SessionId(std::move(id));
}

Result<std::vector<std::string>> read_names(CborReader& from) {
    OTI_TRY(auto count, from.array(kMaxNames));
    std::vector<std::string> names;
    for (std::size_t n = 0; n < count; ++n) {
        OTI_TRY(auto name, from.text(kMaxName));
        names.push_back(std::move(name));
    }
    return names;
}

Result<SecureElement> read_secure_element(CborReader& from) {
    OTI_CHECK(from.array_of(3));
    SecureElement se;
    OTI_TRY(se.type, read_enum(from, SeType::kUndefined));
    OTI_TRY(se.id, from.text(kMaxName));
    OTI_TRY(se.extra_info, from.text(kMaxText));
    return se;
}

Result<ScriptCommand> read_script_command(CborReader& from) {
    OTI_TRY(auto items, from.array(2 + kMaxStatusWords));
    if (items < 2) return from.invalid("an APDU without expectation");
    OTI_TRY(auto apdu, from.bytes(kMaxApdu));
    OTI_TRY(auto type, read_enum(from, ExpectationType::kExactly));
    ScriptCommand command{to_bytes(apdu), Expectation::any()};
    if (type == ExpectationType::kExactly) {
        if (items != 3) return from.invalid("an expectation of another length");
        OTI_TRY(auto response, from.bytes(kMaxResponse));
        command.expectation = Expectation::exactly(to_bytes(response));
    } else if (type == ExpectationType::kStatus) {
        std::vector<StatusWord> accepted;
        for (std::size_t n = 2; n < items; ++n) {
            OTI_TRY(auto sw, from.unsigned_integer(0xFFFF));
            accepted.push_back(static_cast<StatusWord>(sw));
        }
        command.expectation = Expectation::status(std::move(accepted));
    } else if (items != 2) {
        return from.invalid("an expectation of another length");
    }
    return command;
}

Result<RamCommand> read_command(CborReader& from) {
    OTI_TRY(auto items, from.array(2));
    if (items == 0) return from.invalid("an empty command");
    OTI_TRY(auto type, read_enum(from, CommandType::kStop));
    bool has_argument = type == CommandType::kSeRam || type == CommandType::kNotification;
    if (items != (has_argument ? 2U : 1U)) return from.invalid("a command of another length");
    switch (type) {
        case CommandType::kStart:
            return Start{};
        case CommandType::kStop:
            return Stop{};
        case CommandType::kNotification: {
            OTI_TRY(auto text, from.text(kMaxText));
            return Notification{std::move(text)};
        }
        case CommandType::kSeRam:
            break;
    }
    SeRam ram;
    OTI_TRY(auto count, from.array(kMaxApdus));
    for (std::size_t n = 0; n < count; ++n) {
        OTI_TRY(auto apdu, read_script_command(from));
        ram.commands.push_back(std::move(apdu));
    }
    return ram;
}

Result<Frame> read_hello(CborReader& from) {
    Hello frame;
    OTI_TRY(auto elements, from.array(kMaxNames));
    for (std::size_t n = 0; n < elements; ++n) {
        OTI_TRY(auto se, read_secure_element(from));
        frame.handshake.secure_elements.push_back(std::move(se));
    }
    OTI_TRY(frame.handshake.transport_protocols, read_names(from));
    OTI_TRY(frame.handshake.data_formats, read_names(from));
    OTI_TRY(frame.handshake.versions, read_names(from));
    OTI_TRY(auto standing, from.array(kMaxNames));
    for (std::size_t n = 0; n < standing; ++n) {
        OTI_CHECK(from.array_of(3));
        OTI_TRY(auto session, read_session(from));
        OTI_TRY(auto next, read_place(from));
        frame.standing.push_back({std::move(session), next});
    }
    return frame;
}

Result<Frame> read_welcome(CborReader& from) {
    Welcome frame;
    OTI_TRY(frame.response.transport_protocol, from.text(kMaxName));
    OTI_TRY(frame.response.data_format, from.text(kMaxName));
    OTI_TRY(frame.response.version, from.text(kMaxName));
    return frame;
}

Result<Frame> read_order(CborReader& from) {
    StreamOrder frame;
    OTI_TRY(frame.session, read_session(from));
    OTI_TRY(frame.place, read_place(from));
    OTI_TRY(frame.received, read_place(from));
    OTI_TRY(auto has_delay, from.array(1));
    if (has_delay == 1) {
        OTI_TRY(auto delay, from.unsigned_integer(kMaxDelayMs));
        frame.order.delay = std::chrono::milliseconds(delay);
    }
    OTI_TRY(auto has_element, from.array(1));
    if (has_element == 1) {
        OTI_TRY(frame.order.chosen_secure_element, read_secure_element(from));
    }
    OTI_TRY(auto count, from.array(kMaxCommands));
    for (std::size_t n = 0; n < count; ++n) {
        OTI_TRY(auto command, read_command(from));
        frame.order.commands.push_back(std::move(command));
    }
    return frame;
}

Result<Frame> read_report(CborReader& from) {
    StreamReport frame;
    OTI_TRY(frame.session, read_session(from));
    OTI_TRY(frame.place, read_place(from));
    OTI_TRY(frame.status, read_enum(from, AgentStatus::kUngrantedAccess));
    OTI_TRY(frame.error, from.text(kMaxText));
    OTI_TRY(auto count, from.array(kMaxApdus));
    for (std::size_t n = 0; n < count; ++n) {
        OTI_TRY(auto response, from.bytes(kMaxResponse));
        frame.responses.push_back(to_bytes(response));
    }
    return frame;
}

Result<Frame> read_resume(CborReader& from) {
    Resume frame;
    OTI_TRY(frame.session, read_session(from));
    OTI_TRY(frame.received, read_place(from));
    return frame;
}

Result<Frame> read_wake_up(CborReader& from) {
    OTI_TRY(auto session, read_session(from));
    return WakeUp{std::move(session)};
}

Result<Frame> read_fault(CborReader& from) {
    Fault frame;
    OTI_TRY(frame.session, read_session(from));
    OTI_TRY(frame.code, from.text(kMaxName));
    OTI_TRY(frame.message, from.text(kMaxText));
    return frame;
}

/// How each type of frame is read, and how many items it has with its type.
struct Form {
    Type type;
    std::size_t items;
    Result<Frame> (*read)(CborReader&);
};
constexpr Form kForms[]{
    {Type::kHello, 6, read_hello},   {Type::kWelcome, 4, read_welcome}, {Type::kOrder, 9, read_order},
    {Type::kReport, 7, read_report}, {Type::kResume, 4, read_resume},   {Type::kWakeUp, 2, read_wake_up},
    {Type::kFault, 4, read_fault},
};

}  // namespace

Bytes encode(const Frame& frame) {
    CborWriter writer;
    std::visit([&](const auto& concrete) { put_frame(writer, concrete); }, frame);
    return writer.take();
}

Result<Frame> parse_frame(BytesView bytes) {
    CborReader reader(bytes, "frame");
    if (bytes.size() > kMaxFrame) return reader.invalid("longer than 1 MiB");
    OTI_TRY(auto items, reader.array(16));
    OTI_TRY(auto type, reader.unsigned_integer(static_cast<std::uint64_t>(Type::kFault)));
    for (const auto& form : kForms) {
        if (static_cast<std::uint64_t>(form.type) != type) continue;
        if (form.items != items) return reader.invalid("a frame of another length");
        OTI_TRY(auto frame, form.read(reader));
        OTI_CHECK(reader.expect_end());
        return frame;
    }
    return reader.invalid("an unknown frame");
}

}  // namespace oti::seram
