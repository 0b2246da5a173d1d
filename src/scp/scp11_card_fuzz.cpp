// SPDX-License-Identifier: Apache-2.0
#include "base/byte_reader.h"
#include "scp/scp11_card.h"

// Two bytes `i`, then commands with a length byte before each, as a security domain would take them. Nobody
// has a certificate, so nobody opens a session but SCP11b's, and in that nobody knows the keys.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace oti;
    using crypto::PrivateKey;
    static crypto::SystemRandom random;
    static const auto sd = PrivateKey::generate(crypto::Curve::kP256);
    static const auto ca = PrivateKey::generate(crypto::Curve::kP256).public_key();
    ByteReader reader({data, size}, "fuzz");
    auto first = reader.u8();
    auto second = reader.u8();
    if (!first || !second) return 0;
    auto options = scp::Scp11Options::from_i(*first, *second);
    Bytes name{0x42};
    scp::Scp11Certificates certificates;
    std::optional<scp::Scp03Card> session;
    while (!reader.empty()) {
        auto bytes = reader.take_lv();
        if (!bytes) return 0;
        auto command = iso7816::CommandApdu::parse(*bytes);
        if (!command) continue;
        if (command->ins == 0x2A) {
            static_cast<void>(certificates.perform_security_operation(
                options, *command, [&](auto, auto) { return scp::Scp11Authority{ca}; }));
            if (certificates.oce()) __builtin_trap();
        } else if (auto card = scp::Scp11Card::read(options, *command)) {
            auto opening =
                card->open({.sk_sd = sd, .sin = name, .sdin = name, .card_group_id = name}, nullptr, random);
            if (opening && card->variant() != scp::Scp11Variant::kB) __builtin_trap();
            if (opening) session = std::move(opening->session);
        } else if (session && session->unwrap(*command)) {
            __builtin_trap();
        }
    }
    return 0;
}
