// SPDX-License-Identifier: Apache-2.0
#include "crypto/gp_certificate.h"

// What can be read keeps its bytes, and nobody signed it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace oti;
    static const auto ca = crypto::PrivateKey::generate(crypto::Curve::kP256).public_key();
    auto chain = crypto::GpCertificate::parse_all({data, size});
    if (!chain) return 0;
    Bytes all;
    for (const auto& certificate : *chain) {
        append(all, certificate.encoded());
        if (certificate.verify(ca)) __builtin_trap();
        static_cast<void>(certificate.is_valid_on(std::chrono::year(2026) / 1 / 1));
    }
    if (!same(all, {data, size})) __builtin_trap();
    return 0;
}
