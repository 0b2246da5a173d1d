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

constexpr std::string_view kLibrary = "F04F544910", kUser = "F04F544911";

class ContentTest : public ContentFixture {
  protected:
    StatusWord load_library() { return load_cap(kLibrary, "tests/library.cap"); }
    /// A package that imports the library.
    StatusWord load_user() { return load_cap(kUser, "tests/user.cap"); }
};

TEST_F(ContentTest, AnImportedPackageStaysAsLongAsItIsImported) {
    open_issuer();
    EXPECT_EQ(load_user(), StatusWord::kWrongData) << "nothing to import yet";
    ASSERT_EQ(load_library(), StatusWord::kOk);
    ASSERT_EQ(load_user(), StatusWord::kOk);
    EXPECT_EQ(terminal_.sw("80E40080074F05F04F544910"), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(terminal_.sw("80E40000074F05F04F544911"), StatusWord::kOk);
    EXPECT_EQ(terminal_.sw("80E40000074F05F04F544910"), StatusWord::kOk);
    EXPECT_EQ(terminal_.sw("80E40080094F07A0000000620001"), StatusWord::kConditionsNotSatisfied)
        << "part of the card";
}

TEST_F(ContentTest, ADomainGoesWithPackagesThatImportEachOther) {
    create_personalized_domain();
    ASSERT_EQ(load_library(), StatusWord::kOk);
    ASSERT_EQ(load_user(), StatusWord::kOk);
    open_issuer();
    EXPECT_EQ(terminal_.sw("80E40000074F05F04F544900"), StatusWord::kConditionsNotSatisfied);
    EXPECT_EQ(terminal_.sw("80E40080074F05F04F544900"), StatusWord::kOk);
    EXPECT_FALSE(se_.registry().contains(Aid::constant(kLibrary)));
    EXPECT_FALSE(se_.registry().contains(Aid::constant(kUser)));
}

TEST_F(ContentTest, ADomainStaysAsLongAsSomebodyElseImportsItsPackages) {
    create_personalized_domain();
    ASSERT_EQ(load_library(), StatusWord::kOk);
    open_issuer();
    ASSERT_EQ(load_user(), StatusWord::kOk);
    EXPECT_EQ(terminal_.sw("80E40080074F05F04F544900"), StatusWord::kConditionsNotSatisfied);
    EXPECT_TRUE(se_.registry().contains(Aid::constant(kDomain))) << "nothing of it was deleted";
    EXPECT_FALSE(se_.keys().versions(Aid::constant(kDomain)).empty());
}

TEST_F(ContentTest, ListsAPackageWithMoreModulesThanAResponseHas) {
    // The package of hello with its module under so many names, each with the longest AID.
    auto with_modules = [hello = hello_block()](std::uint8_t count) {
        Bytes block;
        ByteReader reader(hello, "load file data block");
        for (std::uint16_t install = 0; !reader.empty();) {
            auto tag = must(reader.u8());
            auto info = to_bytes(must(reader.take(must(reader.u16()))));
            constexpr std::size_t kAppletSize = 4;
            if (tag == static_cast<std::uint8_t>(cap::ComponentTag::Directory)) {
                auto size = 1 + count * (1 + 16 + 2);
                info[kAppletSize] = static_cast<std::uint8_t>(size >> 8);
                info[kAppletSize + 1] = static_cast<std::uint8_t>(size);
                info[info.size() - 2] = count;
            }
            if (tag == static_cast<std::uint8_t>(cap::ComponentTag::Applet)) {
                install = static_cast<std::uint16_t>(info[info.size() - 2] << 8 | info.back());
                ByteWriter applets;
                applets.u8(count);
                for (unsigned n = 0; n < count; ++n) {
                    auto last = Bytes{static_cast<std::uint8_t>(n)};
                    applets.lv(concat(from_hex("F04F544901"), Bytes(10, 0x11), last)).u16(install);
                }
                info = applets.take();
            }
            append(block, ByteWriter().u8(tag).u16(static_cast<unsigned>(info.size())).put(info).take());
        }
        return cap::load_file(block);
    };
    open_issuer();
    ASSERT_EQ(announce(kHello), StatusWord::kOk);
    EXPECT_EQ(load_blocks(with_modules(60)), StatusWord::kOk);
    auto listed = terminal_.send("80F21002074F05F04F544901");
    EXPECT_EQ(listed.sw, StatusWord::kOk);
    EXPECT_GT(listed.data.size(), 60U * 18U);
    EXPECT_THAT(to_hex(listed.data), HasSubstr("8410F04F544901" + to_hex(Bytes(10, 0x11)) + "3B"));
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
