// SPDX-License-Identifier: Apache-2.0
// The rules of content management, and of several channels at once.
#include <gmock/gmock.h>

#include "card/content_fixture.h"

namespace oti::card {
namespace {

using ::testing::HasSubstr;
using testing::keys_of;
using testing::kTestKey;
using testing::must;
using testing::Terminal;

constexpr std::string_view kLibrary = "A00000000101", kUser = "A00000000102";

class ContentTest : public ContentFixture {
  protected:
    static cap::TestPackage library() { return cap::TestPackage::make_library(2); }
    /// A package that imports the library.
    static cap::TestPackage user() {
        auto package = cap::TestPackage::make(2);
        package.info[cap::ComponentTag::Header][15] = 0x02;
        package.info[cap::ComponentTag::Import] = from_hex("02 0001 07A0000000620001 0301 06A00000000101");
        return package;
    }
};

TEST_F(ContentTest, AnImportedPackageStaysAsLongAsItIsImported) {
    open_issuer();
    EXPECT_EQ(load_package(kUser, user()), StatusWord::kWrongData) << "nothing to import yet";
    ASSERT_EQ(load_package(kLibrary, library()), StatusWord::kOk);
    ASSERT_EQ(load_package(kUser, user()), StatusWord::kOk);
    EXPECT_EQ(terminal_.sw("80E40080084F06A00000000101"), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(terminal_.sw("80E40000084F06A00000000102"), StatusWord::kOk);
    EXPECT_EQ(terminal_.sw("80E40000084F06A00000000101"), StatusWord::kOk);
    EXPECT_EQ(terminal_.sw("80E40080094F07A0000000620001"), StatusWord::kConditionsNotSatisfied)
        << "part of the card";
}

TEST_F(ContentTest, ADomainGoesWithPackagesThatImportEachOther) {
    create_personalized_domain();
    ASSERT_EQ(load_package(kLibrary, library()), StatusWord::kOk);
    ASSERT_EQ(load_package(kUser, user()), StatusWord::kOk);
    open_issuer();
    EXPECT_EQ(terminal_.sw("80E40000074F05F04F544900"), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(terminal_.sw("80E40080074F05F04F544900"), StatusWord::kOk);
    EXPECT_FALSE(se_.registry().contains(Aid::constant(kLibrary)));
    EXPECT_FALSE(se_.registry().contains(Aid::constant(kUser)));
}

TEST_F(ContentTest, ADomainStaysAsLongAsSomebodyElseImportsItsPackages) {
    create_personalized_domain();
    ASSERT_EQ(load_package(kLibrary, library()), StatusWord::kOk);
    open_issuer();
    ASSERT_EQ(load_package(kUser, user()), StatusWord::kOk);
    EXPECT_EQ(terminal_.sw("80E40080074F05F04F544900"), StatusWord::kConditionsNotSatisfied);
    EXPECT_TRUE(se_.registry().contains(Aid::constant(kDomain))) << "nothing of it was deleted";
    EXPECT_FALSE(se_.keys().versions(Aid::constant(kDomain)).empty());
}

TEST_F(ContentTest, TakesAPackageOnlyIfItsModulesCanBeListed) {
    auto package = cap::TestPackage::make(2);
    auto modules = [&](std::uint8_t count) {
        ByteWriter applets;
        applets.u8(count);
        for (unsigned n = 0; n < count; ++n) {
            applets.lv(concat(from_hex("A000000001"), Bytes(10, 0x11), Bytes{static_cast<std::uint8_t>(n)}));
            applets.u16(9);
        }
        package.info.erase(cap::ComponentTag::Directory);
        package.info[cap::ComponentTag::Applet] = applets.take();
        auto directory = package.directory();
        directory[directory.size() - 2] = count;
        package.info[cap::ComponentTag::Directory] = directory;
    };
    open_issuer();
    modules(12);
    EXPECT_EQ(load_package(kLibrary, package), StatusWord::kWrongData);
    modules(11);
    EXPECT_EQ(load_package(kLibrary, package), StatusWord::kOk);
    auto listed = terminal_.send("80F21002084F06A00000000101");
    EXPECT_EQ(listed.sw, StatusWord::kOk);
    EXPECT_THAT(to_hex(listed.data), HasSubstr("8410A000000001" + to_hex(Bytes(10, 0x11)) + "0A"));
}

TEST_F(ContentTest, RefusesWhatIsMoreThanTheMemoryHolds) {
    auto small = must(load_profile("uicc-2024"));
    {
        auto probe = testing::make_se(random_);
        small.profile.capacity = probe.bytes_used() + 700;
    }
    Personalization personalization{keys_of(kTestKey), 0x30, Personalization::identity_for("small")};
    auto se = must(SecureElement::create(std::make_unique<MemoryNvmFile>(), small, personalization, random_));
    terminal_ = Terminal(se);
    open_issuer();
    auto before = se.bytes_used();
    auto file = load_file("transit-1.0.cap");
    ASSERT_EQ(announce("F04F544902"), StatusWord::kOk);
    EXPECT_EQ(load_blocks(file), StatusWord::kNoSpace);
    EXPECT_EQ(se.bytes_used(), before);
    EXPECT_EQ(terminal_.sw("80E8000401C4"), StatusWord::kConditionsNotSatisfied) << "the load is over";
    StatusWord sw = StatusWord::kOk;
    for (int n = 0x10; n < 0x30 && sw == StatusWord::kOk; ++n) {
        sw = create_domain("81020370", "F04F5449" + to_hex(Bytes{static_cast<std::uint8_t>(n)}));
    }
    EXPECT_EQ(sw, StatusWord::kNoSpace);
    EXPECT_LE(se.bytes_used(), small.profile.capacity);
}

TEST_F(ContentTest, NothingIsDeletedThatIsSelectedOnAnotherChannel) {
    open_issuer();
    load_hello();
    ASSERT_EQ(create_domain(), StatusWord::kOk);
    ASSERT_EQ(terminal_.plain("0070000001").sw, StatusWord::kOk);
    ASSERT_EQ(on_channel(1, "00A4040006F04F54490101").sw, StatusWord::kOk);
    EXPECT_EQ(terminal_.sw("80E40080074F05F04F544901"), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(terminal_.sw("80E40000084F06F04F54490101"), StatusWord::kConditionsNotSatisfied);
    ASSERT_EQ(on_channel(1, "00A4040005F04F544900").sw, StatusWord::kOk);
    EXPECT_EQ(terminal_.sw("80E40080074F05F04F544900"), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(terminal_.sw("80E40080074F05F04F544901"), StatusWord::kOk);
    ASSERT_EQ(on_channel(1, "00A4040000").sw, StatusWord::kOk);
    EXPECT_EQ(terminal_.sw("80E40080074F05F04F544900"), StatusWord::kOk);
}

TEST_F(ContentTest, TheSlowerOfTwoLoadsIsRefused) {
    open_issuer();
    auto file = load_file("hello.cap");
    ASSERT_EQ(announce("F04F544901"), StatusWord::kOk);
    ASSERT_EQ(terminal_.send({0x80, 0xE8, 0x00, 0x00, to_bytes(BytesView(file).first(200)), 256}).sw,
              StatusWord::kOk);

    // The same on channel 1, from beginning to end.
    auto host = open_on_channel_1();
    auto send = [&](const CommandApdu& command) {
        return on_channel(1, to_hex(must(host.wrap(command)))).sw;
    };
    ASSERT_EQ(send({0x80, 0xE6, 0x02, 0x00, from_hex("05F04F54490100000000"), 256}), StatusWord::kOk);
    ASSERT_EQ(send({0x80, 0xE8, 0x00, 0x00, to_bytes(BytesView(file).first(200)), 256}), StatusWord::kOk);
    ASSERT_EQ(send({0x80, 0xE8, 0x80, 0x01, to_bytes(BytesView(file).subspan(200)), 256}), StatusWord::kOk);

    EXPECT_EQ(terminal_.send({0x80, 0xE8, 0x80, 0x01, to_bytes(BytesView(file).subspan(200)), 256}).sw,
              StatusWord::kConditionsNotSatisfied);
}

TEST_F(ContentTest, ADomainIsLockedWithAllBelowIt) {
    create_personalized_domain();
    load_hello();
    open_issuer();
    EXPECT_EQ(terminal_.sw("80F0608006F04F54490101"), StatusWord::kReferencedDataNotFound) << "no domain";
    EXPECT_EQ(terminal_.sw("80F0608005F04F544900"), StatusWord::kOk);
    EXPECT_EQ(terminal_.plain("00A4040005F04F544900").sw, StatusWord::kNotFound);
    EXPECT_EQ(terminal_.plain("00A4040006F04F54490101").sw, StatusWord::kNotFound);
    open_issuer();
    EXPECT_EQ(terminal_.sw("80F0608005F04F544900"), StatusWord::kOk) << "twice is no error";
    EXPECT_EQ(terminal_.sw("80F0400005F04F544900"), StatusWord::kOk) << "the domain alone";
    EXPECT_EQ(terminal_.sw("80F0400005F04F544900"), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(terminal_.plain("00A4040005F04F544900").sw, StatusWord::kOk);
    EXPECT_EQ(terminal_.plain("00A4040006F04F54490101").sw, StatusWord::kNotFound);
    open_issuer();
    EXPECT_EQ(terminal_.sw("80F0600005F04F544900"), StatusWord::kOk);
    EXPECT_EQ(terminal_.plain("00A4040006F04F54490101").sw, StatusWord::kOk);
}

TEST_F(ContentTest, ADomainWithoutManagementPrivilegesManagesNothing) {
    open_issuer();
    ASSERT_EQ(create_domain("81020370", kDomain, "800000"), StatusWord::kOk);
    ASSERT_EQ(terminal_.open(kDomain, keys_of(kTestKey)), StatusWord::kOk);
    EXPECT_EQ(announce("F04F544901"), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(terminal_.sw("80E40080074F05F04F544900"), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(terminal_.sw("80F0807F00"), StatusWord::kConditionsNotSatisfied) << "no Card Lock";
    EXPECT_THAT(list("40"), HasSubstr("4F05F04F5449009F700107C503800000"));
}

}  // namespace
}  // namespace oti::card
