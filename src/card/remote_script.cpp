// SPDX-License-Identifier: Apache-2.0
#include "card/remote_script.h"

#include <algorithm>

#include "base/byte_writer.h"
#include "base/tlv.h"

namespace oti::card {
namespace {

using iso7816::Ins;

constexpr StatusWord kTruncated{0x62F1};
constexpr std::uint8_t kMoreHere = 0x61, kWrongLe = 0x6C;
/// TS 101 220, tables 7.19 and 7.20; in a comprehension TLV b8 asks for comprehension and is no part of the
/// tag.
constexpr Tag kScript = 0xAA, kOpenScript = 0xAE, kCommand = 0x22, kCommandRequired = 0xA2, kImmediate = 0x81,
              kOnError = 0x82, kChaining = 0x83;
constexpr Tag kAnswer = 0xAB, kOpenAnswer = 0xAF, kResponse = 0x23, kExecuted = 0x80, kChainingResult = 0x83,
              kBadFormat = 0x90;
constexpr std::uint8_t kUnknownTag = 1, kWrongLength = 2, kNoLength = 3;

StatusWord announce(std::size_t size) {
    return static_cast<StatusWord>(kMoreHere << 8 | (size > 0xFF ? 0 : size));
}

bool goes_on(StatusWord sw) {
    return is_success_or_warning(sw) || static_cast<unsigned>(sw) >> 8 == kMoreHere;
}

/// Whether P3 is the length of what is expected, and no data follow.
bool is_case_2(std::uint8_t ins) {
    return ins == value(Ins::kGetData) || ins == value(Ins::kGetResponse);
}

}  // namespace

Bytes run_compact_script(BytesView script, std::size_t most, const RunOne& run) {
    constexpr std::size_t kBeforeData = 3;
    ByteReader reader(script, "script");
    unsigned count = 0;
    ResponseApdu last{{}, StatusWord::kOk};
    Bytes held, given;
    while (!reader.empty() && goes_on(last.sw) && count < 0xFF) {
        ++count;
        auto header = reader.take(5);
        given.clear();
        if (!header) {
            last = {{}, StatusWord::kWrongLength};
            break;
        }
        CommandApdu command{(*header)[0], (*header)[1], (*header)[2], (*header)[3]};
        std::size_t p3 = (*header)[4];
        if (is_case_2(command.ins)) {
            command.ne = p3 == 0 ? iso7816::kMaxShortNe : static_cast<std::uint32_t>(p3);
            // Both are at the end, if at all (5.1.1).
            if (!reader.empty()) {
                last = {{}, StatusWord::kConditionsNotSatisfied};
                break;
            }
            if (command.ins == value(Ins::kGetResponse)) {
                last = held.empty() ? ResponseApdu{{}, StatusWord::kConditionsNotSatisfied}
                                    : ResponseApdu{std::exchange(held, {}), StatusWord::kOk};
            } else {
                last = run(command);
            }
            if (p3 > last.data.size() && !last.data.empty()) {
                last = {{}, static_cast<StatusWord>(kWrongLe << 8 | last.data.size())};
            }
            given = std::move(last.data);
            if (p3 != 0 && given.size() > p3) {
                last.sw = announce(given.size() - p3);
                given.resize(p3);
            }
        } else {
            auto data = reader.take(p3);
            if (!data) {
                last = {{}, StatusWord::kWrongLength};
                break;
            }
            command.data = to_bytes(*data);
            command.ne = iso7816::kMaxShortNe;
            last = run(command);
            held = std::move(last.data);
            if (!held.empty() && last.sw == StatusWord::kOk) last.sw = announce(held.size());
        }
    }
    if (given.size() + kBeforeData > most) {
        given.resize(most - std::min(most, kBeforeData));
        last.sw = kTruncated;
    }
    return ByteWriter().u8(count).u16(static_cast<unsigned>(last.sw)).put(given).take();
}

Bytes run_expanded_script(BytesView script, std::size_t most, ScriptChain& chain, const RunOne& run) {
    constexpr std::size_t kTemplate = 4 + 4;  // its tag and length, the count; two zeros at the end
    ByteReader outer(script, "script");
    auto tag = outer.u8();
    bool open = tag && *tag == kOpenScript;
    unsigned executed = 0;
    Bytes answers;
    auto bad_format = [&](std::uint8_t why) { append(answers, encode_tlv(kBadFormat, Bytes{why})); };
    auto finish = [&] {
        auto count = encode_tlv(kExecuted, executed > 0x7F ? Bytes{0, static_cast<std::uint8_t>(executed)}
                                                           : Bytes{static_cast<std::uint8_t>(executed)});
        if (open) return concat(Bytes{static_cast<std::uint8_t>(kOpenAnswer), 0x80}, answers, Bytes{0, 0});
        return encode_tlv(kAnswer, concat(count, answers));
    };
    Bytes content;
    if (!tag || (*tag != kScript && !open)) {
        executed = 1;
        bad_format(kUnknownTag);
        return finish();
    }
    if (open) {
        auto indefinite = outer.u8();
        auto inner = outer.take_rest();
        bool ends = inner.size() >= 2 && inner[inner.size() - 1] == 0 && inner[inner.size() - 2] == 0;
        if (indefinite && *indefinite == 0x80 && ends) content = to_bytes(inner.first(inner.size() - 2));
    } else {
        auto length = read_length(outer);
        if (length && *length == outer.remaining()) content = to_bytes(outer.take_rest());
    }
    if (content.empty()) {
        executed = 1;
        bad_format(kWrongLength);
        return finish();
    }
    ByteReader reader(content, "script");
    bool was_chained = std::exchange(chain.goes_on, false);
    while (!reader.empty() && executed < 0xFF) {
        ++executed;
        auto command_tag = reader.u8();
        auto length = read_length(reader);
        if (!length) {
            bad_format(kNoLength);
            break;
        }
        auto field = reader.take(*length);
        if (!field) {
            bad_format(kWrongLength);
            break;
        }
        if (*command_tag == kChaining) {
            auto step = field->size() == 1 ? field->front() : 0;
            bool first = step == 0x01, follows = step == 0x02 || step == 0x03;
            if (executed != 1 || (!first && !follows)) {
                bad_format(executed != 1 ? kUnknownTag : kWrongLength);
                break;
            }
            if (follows && !was_chained) {
                append(answers, encode_tlv(kChainingResult, Bytes{0x01}));
                break;
            }
            if (first) chain.forget();
            chain.goes_on = step != 0x03;
            continue;
        }
        if (executed == 1) chain.forget();
        // Without a display, actions for it are passed over.
        if (*command_tag == kImmediate || *command_tag == kOnError) continue;
        if (*command_tag != kCommand && *command_tag != kCommandRequired) {
            bad_format(kUnknownTag);
            break;
        }
        auto command = CommandApdu::parse(*field);
        if (!command) {
            bad_format(kWrongLength);
            break;
        }
        auto response = run(*command);
        bool expected = command->ne != 0;
        if (!expected) response.data.clear();
        auto room = most - std::min(most, answers.size() + kTemplate + 4);
        bool truncated = response.data.size() + 2 > room;
        if (truncated)
            response = {Bytes(response.data.begin(),
                              response.data.begin() +
                                  static_cast<std::ptrdiff_t>(room - std::min<std::size_t>(room, 2))),
                        kTruncated};
        bool last = reader.empty() || truncated || !goes_on(response.sw) ||
                    room < response.data.size() + 2 + kTemplate;
        if (expected || open || last) append(answers, encode_tlv(kResponse, response.encode()));
        if (last) break;
    }
    return finish();
}

}  // namespace oti::card
