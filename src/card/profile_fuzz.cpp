// SPDX-License-Identifier: Apache-2.0
// A profile that parses can be put into a secure element, which then opens and answers.
#include "card/testing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace oti;
    std::string text(data, data + size);
    auto profile = card::Profile::parse("fuzz", text);
    if (!profile) return 0;
    crypto::SystemRandom random;
    auto medium = std::make_shared<card::MemoryMedium>();
    card::Personalization personalization{card::testing::keys_of(card::testing::kTestKey), 0x30,
                                          card::Personalization::identity_for("fuzz")};
    auto se = card::SecureElement::create(std::make_unique<card::MemoryNvmFile>(medium),
                                          card::ProfileSource{*profile, text}, personalization, random);
    if (!se) __builtin_trap();
    auto again = card::testing::reopen(random, medium);
    card::Exchange exchange;
    if (again.process(from_hex("00A4040000"), exchange).size() < 2) __builtin_trap();
    if (again.profile().pacing.time_of(exchange).count() < 0) __builtin_trap();
    return 0;
}
