// SPDX-License-Identifier: Apache-2.0
// Response packets from somebody who does not know the keys: none is taken for the card's.
#include "base/byte_reader.h"
#include "scp/scp80_host.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace oti;
    using namespace oti::scp;
    static constexpr std::uint8_t kSpis[][2] = {{0x16, 0x19}, {0x12, 0x09}, {0x12, 0x01}, {0x11, 0x05}};
    static const auto hosts = [] {
        std::vector<Scp80Host> all;
        Scp80Keys keys{Scp80Algorithm::kAes, crypto::SecretBytes::take(Bytes(16, 0x5A)),
                       crypto::SecretBytes::take(Bytes(16, 0xA5)), 8};
        for (const auto& spi : kSpis)
            all.push_back(Scp80Host::create(keys, 1, Spi::parse(spi[0], spi[1]).value(), {}).value());
        return all;
    }();
    for (const auto& host : hosts) {
        auto proof = host.response(1, {data, size});
        if (!proof) continue;
        bool is_signed = host.spi().proof_integrity == PacketIntegrity::kChecksum;
        if (proof->authenticated || proof->data.size() > size) __builtin_trap();
        if (is_signed && proof->status == ResponseStatus::kOk) __builtin_trap();
    }
    return 0;
}
