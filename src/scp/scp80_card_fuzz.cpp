// SPDX-License-Identifier: Apache-2.0
#include "scp/scp80_card.h"
#include "scp/scp80_host.h"

// Nobody who does not know the keys is authenticated, or gets anything signed; nor does anybody pass for the
// card.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace oti;
    auto key = [](std::uint8_t byte) { return crypto::SecretBytes::take(Bytes(16, byte)); };
    scp::Scp80Keys keys{scp::Scp80Algorithm::kAes, key(0x40), key(0x52), 8};
    BytesView packet(data, size);
    if (auto card = scp::Scp80Card::receive(packet)) {
        auto status = card->open(keys, 0);
        if (card->is_authenticated()) __builtin_trap();
        if (status == scp::PacketStatus::kOk && card->meets(0x02)) __builtin_trap();
        constexpr std::size_t kUnsigned = 13 + 4;  // with a redundancy check
        auto answer = card->response(status, {}, &keys);
        if (answer && answer->size() > kUnsigned) __builtin_trap();
    }
    auto host = scp::Scp80Host::create(keys, 1, scp::Spi{}, {});
    auto proof = host->response(1, packet);
    if (proof && (proof->authenticated || proof->status == scp::ResponseStatus::kOk)) __builtin_trap();
    return 0;
}
