// SPDX-License-Identifier: Apache-2.0
// A stream of commands on several channels, plain or in sessions, whole or in parts; afterwards the image
// opens again and tells the same.
//
//     input    mode (1) { step (1) | arguments }…
//     mode     b1: sessions are opened when they are missing; b2: the profile with extended length and S16,
//     T=1 step     b8 to b4: the channel; b3 to b1: what is done
//
// The steps that take a command take its instruction from a table, so that most inputs get past the dispatch.
#include <algorithm>
#include <array>

#include "base/byte_reader.h"
#include "cap/load_file.h"
#include "cap/test_package.h"
#include "card/testing.h"
#include "card/transmission.h"

namespace {

using namespace oti;
using iso7816::CommandApdu;

enum Step : std::uint8_t { kRaw, kPlain, kSecured, kPartsByP1, kPartsByClass, kSelect, kManage, kLoadFile };

constexpr std::array<std::uint8_t, 17> kInstructions{0xA4, 0x70, 0xC0, 0xCA, 0xCB, 0x50, 0x82, 0x88, 0x2A,
                                                     0xD8, 0xE2, 0xE4, 0xE6, 0xE8, 0xF0, 0xF2, 0x84};

std::vector<card::Aid> content(const card::SecureElement& se) {
    std::vector<card::Aid> aids;
    for (const auto& entry : se.registry().applications()) aids.push_back(entry.aid);
    for (const auto& entry : se.registry().load_files()) aids.push_back(entry.aid);
    return aids;
}

/// The card, and what a terminal knows of the session on each channel.
class Stream {
  public:
    Stream(card::SecureElement& se, bool opens_sessions)
        : se_(&se),
          line_(se),
          opens_sessions_(opens_sessions),
          size_(se.profile().extended_length ? 16 : 8) {}

    /// False at the end of the input.
    bool run(ByteReader& input) {
        auto step = input.u8();
        if (!step) return false;
        channel_ = static_cast<std::uint8_t>((*step >> 3) % 20);
        if ((*step & 7) == kRaw) {
            auto bytes = input.take_lv();
            if (!bytes) return false;
            // As it comes over the line; but without its channel, which the input has in the command itself.
            card::Exchange exchange;
            auto response = line_.process(*bytes, exchange);
            check(*bytes, response, exchange);
            return true;
        }
        auto command = next_command(input, *step & 7);
        if (!command) return false;
        switch (*step & 7) {
            case kSecured:
                secured(*command, {});
                break;
            case kPartsByP1:
            case kPartsByClass:
                secured(*command, (*step & 7) == kPartsByP1 ? CommandApdu{0, 0, 0x80} : CommandApdu{0x10});
                break;
            case kLoadFile:
                load_file(command->p1, command->p2);
                break;
            default:
                send(command->encode());
        }
        return true;
    }

  private:
    std::optional<CommandApdu> next_command(ByteReader& input, std::uint8_t step) {
        auto ins = input.u8(), p1 = input.u8(), p2 = input.u8();
        auto data = input.take_lv();
        if (!ins || !p1 || !p2 || !data) return std::nullopt;
        auto known = kInstructions[*ins % kInstructions.size()];
        if (step == kSelect) return CommandApdu{0x00, 0xA4, 0x04, *p2, to_bytes(*data), 256};
        if (step == kManage) return CommandApdu{0x00, 0x70, *p1, *p2, {}, 1};
        return CommandApdu{
            static_cast<std::uint8_t>(*ins < 0xC0 ? 0x80 : 0x00), known, *p1, *p2, to_bytes(*data), 256};
    }

    Bytes send(Bytes command) {
        if (!command.empty()) command[0] = iso7816::with_channel(command[0], channel_);
        card::Exchange exchange;
        auto response = se_->process(command, exchange);
        check(command, response, exchange);
        return response;
    }
    void check(BytesView command, BytesView response, const card::Exchange& exchange) const {
        // Nothing longer than what the short form of a command asks for, but where extended length is known.
        if (response.size() < 2 || (!se_->profile().extended_length && response.size() > 258))
            __builtin_trap();
        if (exchange.bytes_in != command.size() || exchange.bytes_out != response.size()) __builtin_trap();
        if (se_->bytes_used() > se_->profile().capacity) __builtin_trap();
    }

    std::optional<scp::Scp03Host>& host() {
        auto& host = hosts_[channel_];
        if (host || !opens_sessions_) return host;
        Bytes challenge(size_, 0xA5);
        auto response = send(scp::initialize_update(scp::KeyVersion(0), challenge).encode());
        response.resize(response.size() - 2);
        auto update = scp::InitializeUpdateResponse::parse(response);
        if (!update) return host;
        auto opened = scp::Scp03Host::open(card::testing::keys_of(card::testing::kTestKey), challenge,
                                           *update, scp::SecurityLevel::kFull);
        if (!opened) return host;
        host.emplace(std::move(*opened));
        if (to_hex(send(host->external_authenticate())) != "9000") host.reset();
        return host;
    }
    /// Under the session of the channel, in parts if bits of the header say how that is told.
    void secured(const CommandApdu& command, const CommandApdu& more) {
        constexpr std::size_t kPart = 60;
        auto& session = host();
        auto bytes = session ? session->wrap(command) : Result<Bytes>(command.encode());
        auto wrapped = bytes ? CommandApdu::parse(*bytes) : Result<CommandApdu>(command);
        if (!wrapped) return;
        bool in_parts = more.cla != 0 || more.p1 != 0;
        auto first = *wrapped;
        first.cla |= more.cla;
        first.p1 |= more.p1;
        BytesView rest = wrapped->data;
        for (; in_parts && rest.size() > kPart; rest = rest.subspan(kPart)) {
            first.data = to_bytes(rest.first(kPart));
            send(first.encode());
        }
        auto last = *wrapped;
        last.data = to_bytes(rest);
        auto response = send(last.encode());
        // A PUT KEY or a refusal may have changed what the terminal knows of its session.
        if (session && bytes && !session->unwrap(response)) session.reset();
    }
    /// A whole load, of a package that one byte may be wrong of.
    void load_file(std::uint8_t place, std::uint8_t change) {
        auto block = cap::TestPackage::make(2).block();
        block[place * block.size() / 256] ^= change;
        auto file = cap::load_file(block);
        secured({0x80, 0xE6, 0x02, 0x00, from_hex("06A00000000101 00 00 00 00"), 256}, {});
        for (std::size_t at = 0, number = 0; at < file.size(); at += 200, ++number) {
            auto part = BytesView(file).subspan(at, std::min<std::size_t>(200, file.size() - at));
            auto p1 = static_cast<std::uint8_t>(at + part.size() == file.size() ? 0x80 : 0x00);
            secured({0x80, 0xE8, p1, static_cast<std::uint8_t>(number), to_bytes(part), 256}, {});
        }
        secured({0x80, 0xE6, 0x0C, 0x00,
                 from_hex("06A00000000101 07A0000000010101 07A0000000010101 0100 02C900 00"), 256},
                {});
    }

    card::SecureElement* se_;
    card::Transmission line_;
    bool opens_sessions_;
    std::size_t size_;
    std::uint8_t channel_ = 0;
    std::array<std::optional<scp::Scp03Host>, 20> hosts_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    card::testing::CountingRandom random;
    auto medium = std::make_shared<card::MemoryMedium>();
    bool opens_sessions = (data[0] & 0x01) != 0, extended = (data[0] & 0x02) != 0;
    auto se = card::testing::make_se(random, extended ? "ese-2024" : "uicc-2024", medium);
    Stream stream(se, opens_sessions);
    ByteReader input({data + 1, size - 1}, "steps");
    for (int n = 0; n < 64 && stream.run(input); ++n) {
    }
    auto before = content(se);
    auto again = card::testing::reopen(random, medium);
    if (content(again) != before) __builtin_trap();
    return 0;
}
