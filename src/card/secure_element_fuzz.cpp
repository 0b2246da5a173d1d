// SPDX-License-Identifier: Apache-2.0
// A stream of commands, plain or in an open session; afterwards the image opens again and tells the same.
//
//     input    mode (1) { length (1) | command }…
//     mode     b1: session with the issuer's domain open from the start; b2: extended length and S16
#include "base/byte_reader.h"
#include "card/testing.h"

namespace {

using namespace oti;

/// Bytes that repeat, so that every input does the same each time.
class FixedRandom final : public crypto::Random {
  public:
    void fill(std::span<std::uint8_t> out) override {
        for (auto& byte : out) byte = next_++;
    }

  private:
    std::uint8_t next_ = 0;
};

std::vector<card::Aid> content(const card::SecureElement& se) {
    std::vector<card::Aid> aids;
    for (const auto& entry : se.registry().applications()) aids.push_back(entry.aid);
    for (const auto& entry : se.registry().load_files()) aids.push_back(entry.aid);
    return aids;
}

/// The command under the session, which is opened again when something ended it.
Bytes wrapped(card::testing::Terminal& terminal, const scp::KeySet& keys, BytesView bytes,
              std::size_t challenge) {
    auto command = iso7816::CommandApdu::parse(bytes);
    if (!command) return to_bytes(bytes);
    if (!terminal.host_) {
        terminal.plain(from_hex("00A4040000"));
        if (terminal.authenticate(keys, scp::SecurityLevel::kFull, 0, challenge) != card::StatusWord::kOk) {
            terminal.host_.reset();
            return to_bytes(bytes);
        }
    }
    auto secured = terminal.host_->wrap(*command);
    return secured ? std::move(*secured) : to_bytes(bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    FixedRandom random;
    auto medium = std::make_shared<card::MemoryMedium>();
    bool in_session = (data[0] & 0x01) != 0, s16 = (data[0] & 0x02) != 0;
    auto se = card::testing::make_se(random, s16 ? "ese-2024" : "uicc-2024", medium);
    auto keys = card::testing::keys_of(card::testing::kTestKey);
    card::testing::Terminal terminal(se);

    ByteReader reader({data + 1, size - 1}, "commands");
    for (int n = 0; n < 64 && !reader.empty(); ++n) {
        auto bytes = reader.take_lv();
        if (!bytes) break;
        auto command = in_session ? wrapped(terminal, keys, *bytes, s16 ? 16 : 8) : to_bytes(*bytes);
        card::Exchange exchange;
        auto response = se.process(command, exchange);
        // Nothing longer than what the short form of a command asks for, but where extended length is known.
        if (response.size() < 2 || (!s16 && response.size() > 258)) __builtin_trap();
        // A PUT KEY or a refusal may have changed what the terminal knows of its session.
        if (in_session && terminal.host_ && !terminal.host_->unwrap(response)) terminal.host_.reset();
        if (exchange.bytes_in != command.size() || exchange.bytes_out != response.size()) __builtin_trap();
        if (se.bytes_used() > se.profile().capacity) __builtin_trap();
    }
    auto before = content(se);
    auto again = card::testing::reopen(random, medium);
    if (content(again) != before) __builtin_trap();
    return 0;
}
