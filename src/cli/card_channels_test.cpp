// SPDX-License-Identifier: Apache-2.0
// `oti card` through secure channels other than SCP03: certificates (SCP11), and old cards (SCP02).
#include "cli/card_testing.h"

namespace oti::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

class CardScp11Test : public CardCommandsTest {
  protected:
    void SetUp() override {
        CardCommandsTest::SetUp();
        ASSERT_EQ(run_program({"ca", "scp11", keys()}).status, 0);
    }
    std::string keys() const { return folder_ / "keys"; }
    void set_up(const std::string& variant) {
        auto done = card({"setup-scp11", keys(), "--variant", variant});
        ASSERT_EQ(done.status, 0) << done.text;
        EXPECT_EQ(done.data["variant"].as_string(), variant);
    }
    Outcome by(const std::string& variant, std::vector<std::string> words) const {
        words.insert(words.end(), {"--scp", variant, "--scp11", keys()});
        return card(std::move(words));
    }
};

TEST_F(CardScp11Test, InstallsAndDeletesByCertificatesAlone) {
    EXPECT_THAT(say({"info"}).text, Not(HasSubstr("secure channel         SCP11")));
    EXPECT_THAT(say({"info"}).text, HasSubstr("can do                 SCP11 i=1B"));
    EXPECT_EQ(error_of(by("11a", {"list"})), "card.no_key");
    for (const auto* variant : {"11a", "11c"}) {
        SCOPED_TRACE(variant);
        set_up(variant);
        EXPECT_THAT(say({"info"}).text, HasSubstr("secure channel         SCP11 i=1B"));
        auto install = by(variant, {"install", cap("transit-1.0")});
        ASSERT_EQ(install.status, 0) << install.text;
        EXPECT_EQ(state_of(kTransit), "selectable");
        EXPECT_EQ(by(variant, {"delete", cap("transit-1.0"), "--related"}).status, 0);
        EXPECT_EQ(state_of(kTransit), "");
        ASSERT_EQ(card({"delete-key", "03"}).status, 0);
    }
}

TEST_F(CardScp11Test, ADomainIsGivenKeysByCertificates) {
    set_up("11a");
    auto put = by("11a", {"put-key", "--new-key", std::string(kOtherKey), "--new-key-version", "31"});
    ASSERT_EQ(put.status, 0) << put.text;
    EXPECT_EQ(card({"list", "--key", std::string(kOtherKey), "--key-version", "31"}).status, 0);
}

TEST_F(CardScp11Test, ADomainObeysItsOwnerAlone) {
    std::string domain(kDomain), key(kOtherKey);
    ASSERT_EQ(card({"create-sd", domain, "--owner", "50564401"}).status, 0);
    ASSERT_EQ(card({"put-key", "--sd", domain, "--new-key", key, "--new-key-version", "31"}).status, 0);
    std::string owners = folder_ / "owners";
    ASSERT_EQ(run_program({"ca", "scp11", owners, "--owner", "50564401"}).status, 0);
    for (const auto& folder : {keys(), owners}) {
        SCOPED_TRACE(folder);
        auto done = card({"setup-scp11", folder, "--sd", domain, "--key", key});
        ASSERT_EQ(done.status, 0) << done.text;
        auto list = card({"list", "--sd", domain, "--scp", "11a", "--scp11", folder});
        EXPECT_EQ(list.status, folder == owners ? 0 : 4) << list.text;
        ASSERT_EQ(card({"delete-key", "03", "--sd", domain, "--key", key}).status, 0);
    }
}

TEST_F(CardScp11Test, AVariantThatProvesTheCardAloneManagesNothing) {
    set_up("11b");
    auto before = inspection();
    auto install = by("11b", {"install", cap("transit-1.0")});
    EXPECT_EQ(install.status, 4) << install.text;
    EXPECT_EQ(error_of(install), "card.6982");
    EXPECT_EQ(inspection(), before);
}

TEST_F(CardScp11Test, KeysOfAnotherAuthorityAreRefused) {
    set_up("11a");
    auto before = inspection();
    std::string others = folder_ / "others";
    ASSERT_EQ(run_program({"ca", "scp11", others}).status, 0);
    auto not_ours = card({"list", "--scp", "11a", "--scp11", others});
    EXPECT_EQ(not_ours.status, 3) << "the card's certificate is of another authority";
    auto strangers = card({"list", "--scp", "11a", "--scp11", others, "--ca-klcc", keys() + "/ca-klcc.pem"});
    EXPECT_EQ(strangers.status, 3) << "and the card does not take ours";
    EXPECT_EQ(error_of(card({"setup-scp11", folder_ / "none"})), "file.missing");
    EXPECT_EQ(inspection(), before);
}

TEST_F(CardCommandsTest, AnOldCardIsManagedThroughScp02) {
    // With packages that are new enough for the applet.
    make_with("legacy-scp02",
              "A0000000620101 = \"1.2\"     # javacard.framework, Java Card 2.2.1\n"
              "A0000000620102 = \"1.2\"     # javacard.security\n"
              "A0000000620201 = \"1.2\"",
              "A0000000620101 = \"1.3\"\nA0000000620102 = \"1.3\"\nA0000000620201 = \"1.3\"");
    EXPECT_THAT(say({"info"}).text, HasSubstr("secure channel         SCP02"));
    auto install = card({"install", cap("transit-1.0"), "--scp", "02"});
    ASSERT_EQ(install.status, 0) << install.text;
    EXPECT_EQ(state_of(kTransit), "selectable");
    EXPECT_EQ(card({"delete", cap("transit-1.0"), "--related", "--scp", "02"}).status, 0);
    EXPECT_EQ(state_of(kTransit), "");
    EXPECT_EQ(error_of(card({"list", "--scp", "02", "--key", std::string(kOtherKey)})),
              "scp.card_cryptogram");
    std::string key = "101112131415161718191A1B1C1D1E1F";
    auto put = card({"put-key", "--new-key", key, "--type", "3des", "--new-key-version", "21"});
    ASSERT_EQ(put.status, 0) << put.text;
    EXPECT_EQ(card({"list", "--scp", "02", "--key", key, "--key-version", "21"}).status, 0);
}

}  // namespace
}  // namespace oti::cli
