// SPDX-License-Identifier: Apache-2.0
#include "base/byte_reader.h"
#include "base/tlv.h"
#include "card/testing.h"

// SMS-DELIVER TPDUs with a length byte before each, and commands of the toolkit in between: nobody who does
// not know the keys changes anything.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace oti;
    static crypto::SystemRandom random;
    static auto medium = std::make_shared<card::MemoryMedium>();
    static auto se = [] {
        card::Personalization personalization{card::testing::keys_of(card::testing::kTestKey), 0x30,
                                              card::Personalization::identity_for("fuzz")};
        personalization.remote =
            card::RemoteManagementKeys{1, card::testing::keys_of("101112131415161718191A1B1C1D1E1F")};
        return card::testing::must(card::SecureElement::create(
            std::make_unique<card::MemoryNvmFile>(medium),
            card::testing::must(card::load_profile("uicc-2024")), personalization, random));
    }();
    auto written = medium->bytes_written;
    se.reset();
    ByteReader reader({data, size}, "fuzz");
    while (!reader.empty()) {
        auto bytes = reader.take_lv();
        if (!bytes) return 0;
        auto content = concat(from_hex("82028381"), encode_tlv(0x8B, *bytes));
        iso7816::CommandApdu command{0x80, 0xC2, 0, 0, encode_tlv(0xD1, content), 256};
        // A message that begins with FF is what the ENVELOPE has in all.
        if (!bytes->empty() && bytes->front() == 0xFF) command.data = to_bytes(bytes->subspan(1));
        card::Exchange exchange;
        (void)se.process(command.encode(), exchange);
        (void)se.process(from_hex("8012000000"), exchange);
    }
    if (medium->bytes_written != written) __builtin_trap();
    return 0;
}
