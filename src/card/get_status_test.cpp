// SPDX-License-Identifier: Apache-2.0
// GET STATUS (GPCS 2.3.1, 11.4). Expected lists are written out from tables 11-36 and 11-37.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "card/content_fixture.h"

namespace oti::card {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::string kIssuerEntry =
    "E326 4F08A000000151000000 9F70010F C5039EFE80 C407A0000001515350 CC08A000000151000000";
const std::string kDomainEntry =
    "E323 4F05F04F544900 9F70010F C50380C000 C407A0000001515350 CC08A000000151000000";
const std::string kAppletEntry = "E31F 4F06F04F54490101 9F700107 C503000000 C405F04F544901 CC05F04F544900";
const std::string kFileEntry = "E316 4F05F04F544901 9F700101 CE020100 CC05F04F544900";
const std::string kFileWithModulesEntry =
    "E31E 4F05F04F544901 9F700101 CE020100 8406F04F54490101 CC05F04F544900";

class GetStatusTest : public ContentFixture {
  protected:
    void SetUp() override {
        add_domain(kDomain, "80C000");
        open_domain(kDomain);
        load_hello();
    }
    std::string get(std::uint8_t p1, std::string_view criteria = "4F00", std::uint8_t p2 = 0x02) {
        auto response = terminal_.send(CommandApdu{0x80, 0xF2, p1, p2, from_hex(criteria), 256});
        return to_hex(response.data) + "/" + to_hex(ByteWriter().u16(value(response.sw)).view());
    }
    static std::string ok(const std::string& entries) { return to_hex(from_hex(entries)) + "/9000"; }
};

TEST_F(GetStatusTest, ListsOneSortOrSeveral) {
    EXPECT_EQ(get(0x40), ok(kDomainEntry + kAppletEntry));
    EXPECT_EQ(get(0x20), ok(kFileEntry));
    EXPECT_EQ(get(0x10), ok(kFileWithModulesEntry));
    EXPECT_EQ(get(0x30), ok(kFileWithModulesEntry));
    EXPECT_EQ(get(0x60), ok(kDomainEntry + kAppletEntry + kFileEntry));
    EXPECT_EQ(get(0x5F), ok(kDomainEntry + kAppletEntry + kFileWithModulesEntry)) << "reserved bits";
    EXPECT_EQ(get(0x40, "4F00", 0xFE), ok(kDomainEntry + kAppletEntry)) << "reserved bits";
    EXPECT_EQ(get(0x0F), "/6A86");
    EXPECT_EQ(get(0x80), "/6A88") << "for the issuer's domain, and for Global Registry";
    open_issuer();
    EXPECT_EQ(get(0x80), ok(kIssuerEntry));
    EXPECT_EQ(get(0x80, "4F05F04F544900"), ok(kIssuerEntry)) << "whatever is searched for";
    EXPECT_EQ(get(0xC0, "4F05F04F544900"), ok(kDomainEntry));
    EXPECT_THAT(get(0xF0), StartsWith(to_hex(from_hex(kIssuerEntry + kDomainEntry + kAppletEntry))));
}

TEST_F(GetStatusTest, SearchesByNameAndByItsBeginning) {
    EXPECT_EQ(get(0x40, "4F06F04F54490101"), ok(kAppletEntry));
    EXPECT_EQ(get(0x40, "4F05F04F544901"), ok(kAppletEntry)) << "by the beginning";
    EXPECT_EQ(get(0x40, "4F05F04F544900"), ok(kDomainEntry));
    EXPECT_EQ(get(0x20, "4F06F04F54490101"), "/6A88");
    EXPECT_EQ(get(0x40, "4F05F04F544999"), "/6A88");
    EXPECT_EQ(get(0x40, "4F00 C50101"), ok(kDomainEntry + kAppletEntry)) << "other criteria are ignored";
    EXPECT_EQ(get(0x40, ""), "/6A80");
    EXPECT_EQ(get(0x40, "5C014F"), "/6A80") << "nothing is searched for";
    EXPECT_EQ(get(0x40, "4F1100000000000000000000000000000000 00"), "/6A80");
    EXPECT_EQ(get(0x40, "4F05F04F"), "/6A80") << "cut short";
}

TEST_F(GetStatusTest, GivesWhatTheTagListNames) {
    EXPECT_EQ(get(0x40, "4F00 5C03 4F9F70"),
              ok("E30B 4F05F04F544900 9F70010F  E30C 4F06F04F54490101 9F700107"));
    EXPECT_EQ(get(0x20, "4F00 5C02 4FCC"), ok("E30E 4F05F04F544901 CC05F04F544900"));
    EXPECT_EQ(get(0x10, "4F00 5C02 C584"), ok("E308 8406F04F54490101")) << "what an entry lacks is left out";
    EXPECT_EQ(get(0x40, "4F00 5C01 9F"), "/6A80") << "half a tag";
}

TEST_F(GetStatusTest, ACardOfVersion221SaysWhatIsMissing) {
    make("uicc-2014");
    SetUp();
    EXPECT_EQ(get(0x40, "4F00 5C03 4F9F70"),
              ok("E30B 4F05F04F544900 9F70010F  E30C 4F06F04F54490101 9F700107"));
    EXPECT_EQ(get(0x40, "4F00 5C02 4FCF"), "/6A88") << "nothing is implicitly selected";
    EXPECT_EQ(get(0x20, "4F00 5C02 4FC5"), "/6A88") << "load files have no privileges";
    EXPECT_EQ(get(0x10), ok(kFileWithModulesEntry)) << "else it is the same";
}

TEST_F(GetStatusTest, HasTheFormWithoutTagsToo) {
    EXPECT_EQ(get(0x40, "4F00", 0x00), ok("05F04F544900 0F 80  06F04F54490101 07 00"));
    EXPECT_EQ(get(0x20, "4F00", 0x00), ok("05F04F544901 01 00"));
    EXPECT_EQ(get(0x10, "4F00", 0x00), ok("05F04F544901 01 00 01 06F04F54490101"));
    EXPECT_EQ(get(0x60, "4F00", 0x00), "/6A86") << "nobody could tell them apart";
}

TEST_F(GetStatusTest, ShowsImplicitSelectionsAndLocks) {
    ASSERT_EQ(sw(install(0x40, {"", "", kHelloModule, ""}, "EF06CF0141CF0182")), StatusWord::kOk);
    ASSERT_EQ(sw("80F0408006F04F54490101"), StatusWord::kOk);
    EXPECT_EQ(get(0x40, "4F06F04F54490101"),
              ok("E325 4F06F04F54490101 9F700187 C503000000 CF0141 CF0182 C405F04F544901 CC05F04F544900"));
}

TEST_F(GetStatusTest, ADomainSeesWhatIsBelowIt) {
    add_domain("F04F544908", "808400");  // Global Registry
    add_domain("F04F544907", "808000");
    open_domain("F04F544907");
    EXPECT_THAT(get(0x40), StartsWith("E3234F05F04F544907"));
    EXPECT_THAT(get(0x40), Not(HasSubstr("F04F544908")));
    EXPECT_EQ(get(0x20), "/6A88");
    open_domain("F04F544908");
    EXPECT_THAT(get(0x40), HasSubstr("F04F54490101"));
    EXPECT_EQ(get(0x80), ok(kIssuerEntry));
    EXPECT_THAT(get(0x20, "4F07A0000001515350"), HasSubstr("A0000001515350"));
    open_issuer();
    EXPECT_THAT(get(0x40), HasSubstr("F04F54490101")) << "below a domain below it";
}

TEST_F(GetStatusTest, GoesOnWhereItStopped) {
    open_issuer();
    EXPECT_EQ(get(0x20, "4F00", 0x03), "/6985") << "nothing was begun";
    EXPECT_EQ(get(0x80, "4F00", 0x03), "/6A86") << "there is one only";
    auto first = get(0xF0);
    ASSERT_THAT(first, HasSubstr("/6310"));
    EXPECT_EQ(get(0x40, "4F00", 0x03), "/6985") << "of another list";
    auto all = get(0xF0);
    for (int n = 0; n < 10 && all.ends_with("/6310"); ++n) {
        all.resize(all.size() - 5);
        all += get(0xF0, "4F00", 0x03);
    }
    EXPECT_THAT(all, HasSubstr(to_hex(from_hex(kFileWithModulesEntry)))) << "once all parts are there";
    EXPECT_TRUE(all.ends_with("/9000"));
    EXPECT_EQ(get(0xF0, "4F00", 0x03), "/6985") << "that was all";
    get(0xF0);
    EXPECT_EQ(terminal_.plain("00A4040000").sw, StatusWord::kOk);
    open_issuer();
    EXPECT_EQ(get(0xF0, "4F00", 0x03), "/6985") << "another session of the application";
}

}  // namespace
}  // namespace oti::card
