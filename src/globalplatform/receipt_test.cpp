// SPDX-License-Identifier: Apache-2.0
#include "globalplatform/receipt.h"

#include <gtest/gtest.h>

#include "base/hex.h"
#include "globalplatform/commands.h"
#include "globalplatform/install.h"

namespace oti::globalplatform {
namespace {

using iso7816::Aid;

const Aid kPackage = Aid::constant("F04F544902"), kApplet = Aid::constant("F04F54490201"),
          kDomain = Aid::constant("F04F544900"), kOther = Aid::constant("F04F544999");

// A confirmation as tables 11-13 and 11-14 have it, with the length of all before it: a receipt of 4 bytes,
// counter 0102, the domain's numbers AABBCC.
constexpr std::string_view kConfirmation = "0C 04DEADBEEF 020102 03AABBCC";

TEST(Confirmation, IsReadFieldByField) {
    auto confirmation = Confirmation::parse(from_hex(kConfirmation)).value().value();
    EXPECT_EQ(to_hex(confirmation.receipt), "DEADBEEF");
    EXPECT_EQ(confirmation.counter, 0x0102);
    EXPECT_EQ(to_hex(confirmation.domain_unique_data), "AABBCC");
    EXPECT_EQ(to_hex(confirmation.data), "02010203AABBCC");
    auto with_token = Confirmation::parse(from_hex("0F 04DEADBEEF 020102 03AABBCC 024242")).value().value();
    EXPECT_EQ(to_hex(with_token.data), "02010203AABBCC024242") << "the token's identifier is signed too";
}

TEST(Confirmation, MayBeNothing) {
    EXPECT_FALSE(Confirmation::parse({}).value());
    EXPECT_FALSE(Confirmation::parse(from_hex("00")).value());
}

TEST(Confirmation, RefusesWhatIsNone) {
    for (std::string_view hex : {"01", "0100", "0C04DEADBEEF02010203AABB", "0D04DEADBEEF02010203AABBCC",
                                 "0C04DEADBEEF02010203AABBCC00", "0B04DEADBEEF010203AABBCC", "0520DEADBEEF"})
        EXPECT_FALSE(Confirmation::parse(from_hex(hex))) << hex;
}

TEST(ReceiptSubjects, OfLoadAndInstall) {
    Registry nothing;
    ReceiptSubjects subjects(kDomain, nothing);
    EXPECT_FALSE(subjects.of(install_for_load(kPackage, kOther, 1000)));
    auto blocks = load(Bytes(300), 200);
    ASSERT_EQ(blocks.size(), 2U);
    EXPECT_FALSE(subjects.of(blocks[0]));
    // Table C-11: load file, then domain.
    EXPECT_EQ(to_hex(subjects.of(blocks[1]).value()), "05F04F54490205F04F544999");
    // Table C-12: load file, then instance.
    EXPECT_EQ(to_hex(subjects.of(install_and_make_selectable(kPackage, kApplet, kOther, {})).value()),
              "05F04F54490205F04F544999");
    EXPECT_FALSE(subjects.of(install_for_personalization(kApplet)));
    EXPECT_FALSE(subjects.of(make_selectable(kApplet))) << "of what load file is not known";
}

TEST(ReceiptSubjects, NeedTheRegistryWhereTheCommandSaysTooLittle) {
    Registry registry;
    registry.applications.push_back({kApplet, kStateInstalled, {}, kPackage, kOther});
    ReceiptSubjects subjects(kDomain, registry);
    EXPECT_EQ(to_hex(subjects.of(make_selectable(kApplet)).value()), "05F04F54490206F04F54490201");
    // Table C-13: old domain, application, new domain.
    EXPECT_EQ(to_hex(subjects.of(extradite(kApplet, kDomain)).value()),
              "05F04F54499906F04F5449020105F04F544900");
    // Table C-14, without extradition: no domains, 3 bytes of privileges, no parameters.
    EXPECT_EQ(to_hex(subjects.of(registry_update(kApplet, Privileges{0x10})).value()),
              "0006F04F54490201000310000000");
}

TEST(ReceiptSubjects, OfDelete) {
    Registry nothing;
    ReceiptSubjects subjects(kDomain, nothing);
    // Table C-15.
    EXPECT_EQ(to_hex(subjects.of(delete_object(kPackage, true)).value()), "05F04F544902");
    EXPECT_FALSE(subjects.of(delete_key(scp::KeyVersion(0x30), std::nullopt)));
}

TEST(VerifyReceipt, TakesTheDataAndTheSubjectTogether) {
    auto confirmation = Confirmation::parse(from_hex(kConfirmation)).value().value();
    Bytes seen;
    auto verifier = [&](bool answer) {
        return [&seen, answer](BytesView message, BytesView) {
            seen = to_bytes(message);
            return answer;
        };
    };
    EXPECT_TRUE(verify_receipt(confirmation, from_hex("05F04F544902"), verifier(true)));
    EXPECT_EQ(to_hex(seen), "02010203AABBCC05F04F544902");
    EXPECT_EQ(verify_receipt(confirmation, {}, verifier(false)).error().code, "card.receipt");
}

}  // namespace
}  // namespace oti::globalplatform
