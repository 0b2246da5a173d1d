// SPDX-License-Identifier: Apache-2.0
// `oti card` on image files: the whole program, in this process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/card_testing.h"

namespace oti::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST_F(CardCommandsTest, TellsWhatACardSays) {
    auto info = card({"info"});
    ASSERT_EQ(info.status, 0) << info.text;
    EXPECT_EQ(info.data["security_domain"].as_string(), "A000000151000000");
    EXPECT_EQ(info.data["iin"].as_string(), "F04F5449");
    EXPECT_EQ(info.data["card_data"].at("globalplatform").as_string(), "2.3.1");
    EXPECT_EQ(info.data["keys"].as_array().size(), 3U);
    auto text = say({"info"}).text;
    EXPECT_THAT(text, HasSubstr("SCP03 i=70: S8, pseudo-random challenge, R-MAC, R-ENCRYPTION"));
    EXPECT_THAT(text, HasSubstr("version 30  identifier 01  AES-128  (SCP03)"));
}

TEST_F(CardCommandsTest, InstallsListsAndDeletes) {
    auto install = card({"install", cap("transit-1.0")});
    ASSERT_EQ(install.status, 0) << install.text;
    EXPECT_EQ(install.data["instance"].as_string(), kTransit);
    EXPECT_EQ(state_of(kTransit), "selectable");
    auto list = say({"list"}).text;
    EXPECT_THAT(list, HasSubstr("domain   A000000151000000"));
    EXPECT_THAT(list,
                HasSubstr("  package  F04F544902  1.0  loaded\n    module   F04F54490201\n      applet   "
                          "F04F54490201  selectable\n"));

    EXPECT_EQ(error_of(card({"delete", std::string(kPackage)})), "card.in_use");
    EXPECT_EQ(state_of(kTransit), "selectable") << "nothing was changed";
    auto remove = card({"delete", cap("transit-1.0"), "--related"});
    EXPECT_EQ(remove.status, 0) << remove.text;
    EXPECT_EQ(state_of(kTransit), "");
    EXPECT_EQ(error_of(card({"delete", std::string(kPackage)})), "card.not_there");
}

TEST_F(CardCommandsTest, ADryRunChangesNothing) {
    auto before = inspection();
    auto dry = card({"install", cap("transit-1.0"), "--dry-run"});
    ASSERT_EQ(dry.status, 0) << dry.text;
    EXPECT_TRUE(dry.data["dry_run"].as_bool());
    EXPECT_GT(dry.data["commands"].as_array().size(), 40U);
    EXPECT_EQ(dry.data["commands"].at(0).at("command").as_string(), "INSTALL [for load]");
    EXPECT_EQ(card({"create-sd", std::string(kDomain), "--dry-run"}).status, 0);
    EXPECT_EQ(card({"lock", "--card", "--dry-run"}).status, 0);
    auto key = card({"put-key", "--new-key", std::string(kOtherKey), "--new-key-version", "31", "--dry-run"});
    EXPECT_EQ(key.status, 0) << key.text;
    EXPECT_THAT(key.text, Not(HasSubstr("80D8"))) << "keys are not shown";
    EXPECT_EQ(inspection(), before);
}

TEST_F(CardCommandsTest, WhatIsThereIsNotReplacedUnasked) {
    ASSERT_EQ(card({"install", cap("transit-1.0")}).status, 0);
    auto again = card({"install", cap("transit-1.0")});
    EXPECT_EQ(again.status, 6);
    EXPECT_EQ(error_of(again), "card.exists");
    auto update = card({"update", cap("transit-1.1")});
    ASSERT_EQ(update.status, 0) << update.text;
    EXPECT_TRUE(update.data["changed"].as_bool());
    EXPECT_EQ(update.data["notes"].as_array().size(), 2U);
    auto nothing = card({"update", cap("transit-1.1")});
    EXPECT_FALSE(nothing.data["changed"].as_bool());
    EXPECT_EQ(card({"install", cap("transit-1.0"), "--force"}).status, 0);
    EXPECT_EQ(state_of(kTransit), "selectable");
}

TEST_F(CardCommandsTest, AnInstanceWithAnAidOfItsOwn) {
    ASSERT_EQ(card({"install", cap("transit-1.0"), "--load-only"}).status, 0);
    EXPECT_EQ(state_of(kTransit), "");
    auto instance = card({"install", "--package", std::string(kPackage), "--module", std::string(kTransit),
                          "--aid", "F04F5449AA01", "--params", "C1020304"});
    ASSERT_EQ(instance.status, 0) << instance.text;
    EXPECT_EQ(state_of("F04F5449AA01"), "selectable");
    EXPECT_EQ(error_of(card({"install", cap("transit-1.0"), "--aid", std::string(kPackage)})),
              "card.aid_in_use");
}

TEST_F(CardCommandsTest, AWrongKeyIsRefusedTheSecondTime) {
    auto wrong = card({"list", "--key", std::string(kOtherKey)});
    EXPECT_EQ(wrong.status, 3);
    EXPECT_EQ(error_of(wrong), "scp.card_cryptogram");
    EXPECT_THAT(wrong.text, Not(HasSubstr(std::string(kOtherKey))));
    auto again = card({"list", "--key", std::string(kOtherKey)});
    EXPECT_EQ(again.status, 6);
    EXPECT_EQ(error_of(again), "card.key_failed_before");
    EXPECT_EQ(error_of(card({"list", "--key", std::string(kOtherKey), "--force"})), "scp.card_cryptogram");
    EXPECT_EQ(card({"list"}).status, 0) << "the right key";
}

TEST_F(CardCommandsTest, ADomainWithKeysOfItsOwn) {
    std::string domain(kDomain), key(kOtherKey);
    auto create = card({"create-sd", domain, "--new-scp", "0370", "--allow-to", "--allow-from"});
    ASSERT_EQ(create.status, 0) << create.text;
    EXPECT_EQ(error_of(card({"create-sd", domain})), "card.aid_in_use");
    auto put = card({"put-key", "--sd", domain, "--new-key", key, "--new-key-version", "31"});
    ASSERT_EQ(put.status, 0) << put.text;
    EXPECT_EQ(state_of(domain), "personalized");
    auto replace = [&](const std::string& with) {
        return card({"put-key", "--sd", domain, "--key", with, "--new-key", with, "--new-key-version", "31"});
    };
    EXPECT_EQ(error_of(replace(key)), "card.key_exists");
    auto install = card({"install", cap("transit-1.0"), "--sd", domain, "--key", key});
    ASSERT_EQ(install.status, 0) << install.text;
    EXPECT_THAT(say({"list"}).text, HasSubstr("  domain   F04F544900"));
    EXPECT_EQ(error_of(card({"delete-sd", domain})), "card.in_use");
    EXPECT_EQ(card({"delete-sd", domain, "--related"}).status, 0);
    EXPECT_EQ(state_of(domain), "");
}

TEST_F(CardCommandsTest, ReplacesTheIssuersKeys) {
    std::string key = "101112131415161718191A1B1C1D1E1F";
    auto put = card({"put-key", "--new-key", key, "--new-key-version", "30", "--replace"});
    ASSERT_EQ(put.status, 0) << put.text;
    EXPECT_EQ(error_of(card({"list"})), "scp.card_cryptogram");
    EXPECT_EQ(card({"list", "--key", key}).status, 0);
    EXPECT_EQ(error_of(card({"delete-key", "31", "--key", key})), "card.no_key");
    EXPECT_EQ(error_of(card({"delete-key", "30", "--key", key})), "card.own_key");
}

TEST_F(CardCommandsTest, LocksAndUnlocks) {
    ASSERT_EQ(card({"install", cap("transit-1.0")}).status, 0);
    std::string transit(kTransit);
    EXPECT_EQ(card({"lock", transit}).status, 0);
    EXPECT_EQ(state_of(transit), "locked (was selectable)");
    EXPECT_EQ(error_of(card({"lock", transit})), "card.same_state");
    EXPECT_EQ(card({"unlock", transit}).status, 0);
    EXPECT_EQ(state_of(transit), "selectable");
    EXPECT_EQ(card({"lock", "--card"}).status, 0);
    EXPECT_EQ(card({"unlock", "--card"}).status, 0);
    EXPECT_EQ(error_of(card({"lock"})), "usage.lock");
    EXPECT_EQ(error_of(card({"set-card-state", "terminated"})), "usage.confirm");
}

TEST_F(CardCommandsTest, StoresData) {
    auto store = card({"store-data", "--iin", "42424242"});
    ASSERT_EQ(store.status, 0) << store.text;
    EXPECT_EQ(card({"info"}).data["iin"].as_string(), "42424242");
    auto refused = card({"store-data", "DEADBEEF"});
    EXPECT_EQ(refused.status, 4);
    EXPECT_EQ(error_of(refused), "card.6a80");
    EXPECT_EQ(error_of(card({"store-data"})), "usage.data");
}

TEST_F(CardCommandsTest, SendsApdus) {
    auto raw = card({"send", "00A4040000", "80CA006600"});
    ASSERT_EQ(raw.status, 0) << raw.text;
    EXPECT_EQ(raw.data["responses"].as_array().size(), 2U);
    auto refused = card({"send", "80F28002024F0000"});
    EXPECT_EQ(refused.status, 4) << "not without a secure channel";
    EXPECT_EQ(card({"send", "80F28002024F0000", "--any-status"}).status, 0);
    auto secure = card({"send", "--secure", "80F28002024F0000"});
    ASSERT_EQ(secure.status, 0) << secure.text;
    EXPECT_EQ(secure.data["responses"].at(0).at("sw").as_string(), "9000");
    EXPECT_EQ(card({"send", "00A4"}).status, 2);
}

TEST_F(CardCommandsTest, ATraceShowsApdusAndNoKeys) {
    auto trace = say({"put-key", "--new-key", std::string(kOtherKey), "--new-key-version", "31", "--trace"});
    EXPECT_EQ(trace.status, 0) << trace.text;
    EXPECT_THAT(trace.text, HasSubstr("> 00A4040000  SELECT"));
    EXPECT_THAT(trace.text, HasSubstr("PUT KEY"));
    EXPECT_THAT(trace.text, Not(HasSubstr(std::string(kOtherKey))));
    EXPECT_THAT(trace.text, Not(HasSubstr("404142434445464748494A4B4C4D4E4F")));
}

TEST_F(CardCommandsTest, BadInputIsUsage) {
    EXPECT_EQ(card({"install"}).status, 2);
    EXPECT_EQ(error_of(card({"install", cap("transit-1.0"), "--privs", "everything"})), "privileges.unknown");
    EXPECT_EQ(error_of(card({"list", "--key", "4041"})), "key.length");
    EXPECT_EQ(error_of(card({"list", "--level", "high"})), "scp.level");
    EXPECT_EQ(error_of(card({"list", "--reader", "x"})), "usage.card");
    EXPECT_EQ(card({"install", folder_ / "nothing.cap"}).status, 5) << "a file that is not there";
}

TEST_F(CardCommandsTest, AMissingImportIsFoundBeforeAnythingIsSent) {
    make_with("uicc-2014", "A0000000620101 = \"1.3\"", "A0000000620101 = \"1.0\"");
    auto before = inspection();
    auto install = card({"install", cap("transit-1.0")});
    EXPECT_EQ(install.status, 6) << install.text;
    EXPECT_EQ(error_of(install), "cap.missing_import");
    EXPECT_EQ(inspection(), before);
}

}  // namespace
}  // namespace oti::cli
