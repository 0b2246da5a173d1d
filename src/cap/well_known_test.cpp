// SPDX-License-Identifier: Apache-2.0
#include "cap/well_known.h"

#include <gmock/gmock.h>

#include "cap/test_package.h"

namespace oti::cap {
namespace {

using iso7816::Aid;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const Aid kLang = Aid::constant("A0000000620001");
const Aid kFramework = Aid::constant("A0000000620101");

/// Imports java.lang 1.0 and javacard.framework 1.3.
Package package() {
    return *Package::parse_load_file_data_block(TestPackage::make(2).block());
}

std::vector<std::string> missing(const std::vector<AvailablePackage>& available) {
    std::vector<std::string> aids;
    for (const auto& import : missing_imports(package().imports(), available))
        aids.push_back(import.aid.hex());
    return aids;
}

TEST(WellKnown, NamesStandardPackages) {
    EXPECT_EQ(describe(kFramework), "A0000000620101 (javacard.framework)");
    EXPECT_EQ(describe(Aid::constant("A00000015100")), "A00000015100 (org.globalplatform)");
    EXPECT_EQ(describe(Aid::constant("A0000000090005FFFFFFFF8912000000")),
              "A0000000090005FFFFFFFF8912000000 (uicc.toolkit)");
    EXPECT_EQ(describe(Aid::constant("A000000062010101")), "A000000062010101 (javacard.framework.service)");
    EXPECT_EQ(describe(Aid::constant("F04F544901")), "F04F544901");
}

TEST(WellKnown, AcceptsTheSameOrAHigherMinorVersion) {
    EXPECT_THAT(missing({{kLang, {1, 0}}, {kFramework, {1, 3}}}), IsEmpty());
    EXPECT_THAT(missing({{kLang, {1, 0}}, {kFramework, {1, 9}}}), IsEmpty());
    EXPECT_THAT(missing({{kLang, {1, 0}}, {kFramework, {1, 2}}, {kFramework, {1, 3}}}), IsEmpty());
}

TEST(WellKnown, RefusesALowerMinorAndAnotherMajorVersion) {
    EXPECT_THAT(missing({{kLang, {1, 0}}, {kFramework, {1, 2}}}), ElementsAre(kFramework.hex()));
    EXPECT_THAT(missing({{kLang, {1, 0}}, {kFramework, {2, 3}}}), ElementsAre(kFramework.hex()));
    EXPECT_THAT(missing({}), ElementsAre(kLang.hex(), kFramework.hex()));
}

TEST(WellKnown, SaysWhichImportIsMissing) {
    const std::vector<AvailablePackage> available{{kLang, {1, 0}}, {kFramework, {1, 2}}};
    auto status = require_imports(package().imports(), available);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, "cap.missing_import");
    EXPECT_THAT(status.error().message, AllOf(HasSubstr("(javacard.framework) 1.3"),
                                              HasSubstr("the card has 1.2"), Not(HasSubstr("java.lang"))));
    EXPECT_TRUE(require_imports(package().imports(),
                                std::vector<AvailablePackage>{{kLang, {1, 0}}, {kFramework, {1, 3}}}));
}

}  // namespace
}  // namespace oti::cap
