// SPDX-License-Identifier: Apache-2.0
#include "ota/remote_management.h"

#include <fmt/format.h>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/tlv.h"

namespace oti::ota {
namespace {

using iso7816::ResponseApdu;
using iso7816::StatusWord;

// TS 101 220, tables 7.19 and 7.20
constexpr Tag kScript = 0xAA, kAnswer = 0xAB, kOpenAnswer = 0xAF, kCommand = 0x22, kResponse = 0x23,
              kExecuted = 0x80, kImmediateResult = 0x81, kChainingResult = 0x83, kBadFormat = 0x90;
constexpr std::uint8_t kGetResponse[] = {0x00, 0xC0, 0x00, 0x00, 0x00};

/// One command as it stands in a script, and whether nothing may follow it.
struct Entry {
    Bytes bytes;
    bool ends = false;
};

Result<Entry> entry_of(ScriptFormat format, const RemoteCommand& remote) {
    const auto& command = remote.command;
    if (format == ScriptFormat::kExpanded) {
        auto apdu = command;
        if (remote.wants_data && apdu.ne == 0) apdu.ne = iso7816::kMaxShortNe;
        if (!remote.wants_data && !apdu.data.empty()) apdu.ne = 0;
        return Entry{encode_tlv(kCommand, apdu.encode()), false};
    }
    if (command.data.size() > iso7816::kMaxShortData || command.ne > iso7816::kMaxShortNe) {
        return fail(ErrorKind::kUsage, "ota.command_size",
                    "a compact script has commands of at most 255 bytes of data",
                    "use smaller blocks, or the expanded format");
    }
    ByteWriter writer;
    writer.u8(command.cla).u8(command.ins).u8(command.p1).u8(command.p2);
    bool case_2 = command.data.empty() && command.ne != 0;
    if (case_2) return Entry{writer.u8(command.ne & 0xFF).take(), true};
    writer.lv(command.data);
    if (remote.wants_data) writer.put(kGetResponse);
    return Entry{writer.take(), remote.wants_data};
}

Result<ScriptAnswer> read_compact(BytesView bytes) {
    ByteReader reader(bytes, "response script");
    OTI_TRY(auto count, reader.u8());
    OTI_TRY(auto sw, reader.u16());
    bool more = sw >> 8 == 0x61;
    return ScriptAnswer{
        count,
        ResponseApdu{to_bytes(reader.take_rest()), more ? StatusWord::kOk : static_cast<StatusWord>(sw)},
        {}};
}

/// What is in the template, of either form of its length.
Result<BytesView> content_of(BytesView bytes) {
    ByteReader reader(bytes, "response script");
    OTI_TRY(auto tag, reader.u8());
    if (tag == kOpenAnswer) {
        OTI_TRY(auto indefinite, reader.u8());
        auto rest = reader.take_rest();
        bool ends = rest.size() >= 2 && rest[rest.size() - 1] == 0 && rest[rest.size() - 2] == 0;
        if (indefinite != 0x80 || !ends) return reader.invalid("it has no end");
        return rest.first(rest.size() - 2);
    }
    if (tag != kAnswer) return reader.invalid("it is no response scripting template");
    OTI_TRY(auto length, read_length(reader));
    OTI_TRY(auto content, reader.take(length));
    OTI_CHECK(reader.expect_end());
    return content;
}

Result<ScriptAnswer> read_expanded(BytesView bytes) {
    OTI_TRY(auto content, content_of(bytes));
    OTI_TRY(auto objects, read_all_tlv(content, "response script"));
    ScriptAnswer answer;
    bool counted = false;
    for (const auto& [tag, value] : objects) {
        switch (tag) {
            case kExecuted:
                if (value.empty() || value.size() > 3)
                    return ByteReader(value, "response script").invalid("its count");
                answer.executed = 0;
                for (auto byte : value) answer.executed = answer.executed << 8 | byte;
                counted = true;
                break;
            case kResponse: {
                OTI_TRY(auto response, ResponseApdu::parse(value));
                answer.all.push_back(std::move(response));
                break;
            }
            case kBadFormat:
            case kImmediateResult:
            case kChainingResult:
                return fail(
                    ErrorKind::kCard, "ota.bad_format",
                    fmt::format(
                        "the card could not read command {} of the script (object {:02X}, reason {:02X})",
                        answer.executed, tag, value.empty() ? 0 : value.front()),
                    "the card may want the other format, or another TAR");
            default:
                return ByteReader(value, "response script").invalid("an object that is unknown");
        }
    }
    if (answer.all.empty()) return ByteReader(content, "response script").invalid("no response");
    // With an indefinite length each command has its response, and there is no count.
    if (!counted) answer.executed = answer.all.size();
    answer.last = answer.all.back();
    return answer;
}

}  // namespace

Result<Script> make_script(ScriptFormat format, std::span<const RemoteCommand> commands, std::size_t first,
                           std::size_t max_size) {
    if (first >= commands.size()) return fail(ErrorKind::kUsage, "ota.script", "there is no command to send");
    auto size_of = [&](std::size_t content) {
        return format == ScriptFormat::kCompact ? content : 1 + encode_length(content).size() + content;
    };
    // More than a card counts in one byte of a compact answer.
    constexpr std::size_t kMaxCommands = 120;
    Script script{{}, first, 0};
    for (bool open = true; open && first + script.count < commands.size() && script.count < kMaxCommands;) {
        OTI_TRY(auto entry, entry_of(format, commands[first + script.count]));
        if (size_of(script.data.size() + entry.bytes.size()) > max_size) {
            if (script.count != 0) break;
            return fail(ErrorKind::kUsage, "ota.command_size",
                        fmt::format("command {} has {} bytes in a script, and a packet takes {}", first + 1,
                                    size_of(entry.bytes.size()), max_size),
                        "use smaller blocks, or allow more short messages for a packet");
        }
        append(script.data, entry.bytes);
        ++script.count;
        open = !entry.ends;
    }
    if (format == ScriptFormat::kExpanded) script.data = encode_tlv(kScript, script.data);
    return script;
}

Result<std::vector<Script>> make_scripts(ScriptFormat format, std::span<const RemoteCommand> commands,
                                         std::size_t max_size) {
    std::vector<Script> scripts;
    std::size_t next = 0;
    do {
        OTI_TRY(auto script, make_script(format, commands, next, max_size));
        next += script.count;
        scripts.push_back(std::move(script));
    } while (next < commands.size());
    return scripts;
}

Result<ScriptAnswer> read_answer(ScriptFormat format, BytesView additional_data) {
    return format == ScriptFormat::kCompact ? read_compact(additional_data) : read_expanded(additional_data);
}

}  // namespace oti::ota
