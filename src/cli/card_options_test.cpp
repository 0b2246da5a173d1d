// SPDX-License-Identifier: Apache-2.0
// What `oti card` offers for cards with owners, keys and rules of their own: DAP, tokens and receipts, kinds
// of keys, moving, privileges, and what is found before anything is sent.
#include "cli/card_testing.h"
#include "crypto/private_key.h"

namespace oti::cli {
namespace {

using crypto::Curve;
using crypto::PrivateKey;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const std::string kIssuer = "A000000151000000", kOwn(kDomain), kApplet(kTransit), kFile(kPackage);

class CardOptionsTest : public CardCommandsTest {
  protected:
    /// Writes both halves; gives the names of the files.
    struct KeyFiles {
        std::string secret, open;
    };
    KeyFiles write_key(const std::string& name, const PrivateKey& key) const {
        KeyFiles files{folder_ / (name + ".pem"), folder_ / (name + "-public.pem")};
        auto pem = key.to_pem();
        EXPECT_TRUE(
            write_text(files.secret, as_text(pem.view(crypto::SecretAccess::granted())), kSecretFile));
        EXPECT_TRUE(write_text(files.open, key.public_key().to_pem(), kPublicFile));
        return files;
    }

    /// A domain with channel keys of its own, opened by `in_domain`.
    void make_domain(const std::string& privileges) {
        auto made = card({"create-sd", kOwn, "--privs", privileges, "--allow-to", "--allow-from"});
        ASSERT_EQ(made.status, 0) << made.text;
        auto put =
            card({"put-key", "--sd", kOwn, "--new-key", std::string(kOtherKey), "--new-key-version", "31"});
        ASSERT_EQ(put.status, 0) << put.text;
    }
    Outcome in_domain(std::vector<std::string> words) const {
        words.insert(words.end(), {"--sd", kOwn, "--key", std::string(kOtherKey)});
        return card(std::move(words));
    }
    bool has_package() const { return say({"list"}).text.contains("package  " + kFile); }
};

// A domain that verifies signatures of load files takes no other; RSA and EC, by the key that it has.
TEST_F(CardOptionsTest, ALoadFileWithADap) {
    make_domain("security-domain,dap-verification,authorized-management");
    for (const auto& key : {PrivateKey::generate(Curve::kP256), PrivateKey::generate_rsa(1024).value(),
                            PrivateKey::generate_rsa(2048).value()}) {
        auto right = write_key("right", key), wrong = write_key("wrong", PrivateKey::generate(Curve::kP256));
        auto put = in_domain({"put-key", "--pem", right.open, "--new-key-version", "73"});
        ASSERT_EQ(put.status, 0) << put.text;
        EXPECT_EQ(in_domain({"install", cap("transit-1.0")}).status, 4) << "no signature";
        auto refused = in_domain({"install", cap("transit-1.0"), "--dap", wrong.secret});
        EXPECT_EQ(refused.status, 4) << refused.text;
        EXPECT_THAT(std::string(refused.error["message"].as_string()), HasSubstr("load "));
        EXPECT_FALSE(has_package());
        auto taken = in_domain({"install", cap("transit-1.0"), "--dap", right.secret});
        EXPECT_EQ(taken.status, 0) << taken.text;
        EXPECT_EQ(state_of(kTransit), "selectable");
        EXPECT_EQ(in_domain({"delete", kFile, "--related"}).status, 0);
        EXPECT_EQ(in_domain({"delete-key", "73"}).status, 0);
    }
}

TEST_F(CardOptionsTest, TheHashOfALoadFileIsAnnounced) {
    for (std::string hash : {"sha1", "sha256", "sha384", "sha512"}) {
        auto install = card({"install", cap("transit-1.0"), "--hash", hash});
        EXPECT_EQ(install.status, 0) << hash << ": " << install.text;
        EXPECT_EQ(card({"delete", kFile, "--related"}).status, 0);
    }
    EXPECT_EQ(error_of(card({"install", cap("transit-1.0"), "--hash", "md5"})), "usage.hash");
}

class Delegated : public CardOptionsTest {
  protected:
    void SetUp() override {
        CardOptionsTest::SetUp();
        auto receipt = card({"put-key", "--single", kReceiptKey, "--new-key-version", "71"});
        ASSERT_EQ(receipt.status, 0) << receipt.text;
        make_domain("security-domain,delegated-management");
    }
    const std::string kReceiptKey = "B0B1B2B3B4B5B6B7B8B9BABBBCBDBEBF";
    const std::string kTokenKey = "A0A1A2A3A4A5A6A7A8A9AAABACADAEAF";
};

TEST_F(Delegated, ContentIsManagedWithTokensAndReceiptsAreVerified) {
    auto put = card({"put-key", "--single", kTokenKey, "--new-key-version", "70"});
    ASSERT_EQ(put.status, 0) << put.text;
    auto without = in_domain({"install", cap("transit-1.0")});
    EXPECT_EQ(without.status, 4) << without.text;
    auto wrong = in_domain({"install", cap("transit-1.0"), "--token-key", kReceiptKey});
    EXPECT_EQ(wrong.status, 4) << wrong.text;
    EXPECT_FALSE(has_package());

    auto install =
        in_domain({"install", cap("transit-1.0"), "--token-key", kTokenKey, "--receipt-key", kReceiptKey});
    ASSERT_EQ(install.status, 0) << install.text;
    auto receipts = install.data["receipts"].as_array();
    ASSERT_EQ(receipts.size(), 2U) << "of the load, of the installation";
    for (std::size_t n = 0; n < receipts.size(); ++n) {
        EXPECT_TRUE(receipts[n].at("verified").as_bool());
        EXPECT_EQ(receipts[n].at("counter").to_number<std::size_t>(), n);
    }
    auto remove =
        in_domain({"delete", kFile, "--related", "--token-key", kTokenKey, "--receipt-key", kTokenKey});
    EXPECT_EQ(remove.status, 3) << "a receipt by another key";
    EXPECT_EQ(error_of(remove), "card.receipt");
    EXPECT_FALSE(has_package()) << "it was deleted all the same, as the message says";
}

TEST_F(Delegated, TokensOfPublicKeys) {
    for (const auto& key : {PrivateKey::generate(Curve::kP256), PrivateKey::generate_rsa(1024).value()}) {
        auto files = write_key("token", key);
        auto put = card({"put-key", "--pem", files.open, "--new-key-version", "70"});
        ASSERT_EQ(put.status, 0) << put.text;
        auto install = in_domain({"install", cap("transit-1.0"), "--token-key", files.secret});
        EXPECT_EQ(install.status, 0) << install.text;
        auto remove = in_domain({"delete", kFile, "--related", "--token-key", files.secret});
        EXPECT_EQ(remove.status, 0) << remove.text;
        EXPECT_EQ(card({"delete-key", "70"}).status, 0);
    }
    EXPECT_EQ(error_of(in_domain({"install", cap("transit-1.0"), "--token", "00", "--token-key", "00"})),
              "usage.token");
}

TEST_F(CardOptionsTest, KeysOfAllKinds) {
    auto put = [&](std::vector<std::string> words) {
        words.insert(words.begin(), "put-key");
        auto outcome = card(words);
        EXPECT_EQ(outcome.status, 0) << testing::PrintToString(words) << outcome.text;
    };
    std::string aes256 = "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F";
    put({"--new-key", aes256, "--new-key-version", "31"});
    put({"--new-key", aes256.substr(0, 48), "--new-key-version", "32"});
    put({"--single", std::string(kOtherKey), "--type", "3des", "--new-key-version", "71"});
    put({"--pem", write_key("rsa", PrivateKey::generate_rsa(2048).value()).open, "--new-key-version", "70"});
    put({"--pem", write_key("ec", PrivateKey::generate(Curve::kP256)).open, "--new-key-version", "73"});
    auto info = say({"info"}).text;
    for (const char* line : {"version 31  identifier 01  AES-256", "version 32  identifier 03  AES-192",
                             "version 71  identifier 01  triple DES",
                             "version 70  identifier 01  RSA public key", "version 73  identifier 01  P-256"})
        EXPECT_THAT(info, HasSubstr(line));
    EXPECT_EQ(card({"list", "--key", aes256, "--key-version", "31"}).status, 0);
    EXPECT_EQ(card({"delete-key", "31"}).status, 0);
    auto gone = card({"list", "--key", aes256, "--key-version", "31"});
    EXPECT_EQ(error_of(gone), "card.6a88");
    EXPECT_THAT(std::string(gone.error["hint"].as_string()), HasSubstr("version"));
    EXPECT_EQ(error_of(card({"put-key", "--single", "00", "--new-key-version", "71"})), "key.length");
    EXPECT_EQ(error_of(card({"put-key", "--new-key-version", "71"})), "usage.new_key");
    EXPECT_EQ(error_of(card({"put-key", "--single", std::string(kOtherKey), "--type", "rot13",
                             "--new-key-version", "72"})),
              "usage.key_type");
    EXPECT_EQ(error_of(card({"put-key", "--new-key", aes256, "--new-key-version", "39", "--replace"})),
              "card.no_key");
}

TEST_F(CardOptionsTest, KeysDerivedForTheCard) {
    auto put = card(
        {"put-key", "--new-key", std::string(kOtherKey), "--new-kdf", "kdf3", "--new-key-version", "31"});
    ASSERT_EQ(put.status, 0) << put.text;
    auto with = [&](std::string kdf) {
        return card({"list", "--key", std::string(kOtherKey), "--key-version", "31", "--kdf", kdf});
    };
    EXPECT_EQ(error_of(with("none")), "scp.card_cryptogram");
    EXPECT_EQ(with("kdf3").status, 0);
    EXPECT_EQ(with("rot13").status, 2);
}

TEST_F(CardOptionsTest, MovesAnAppletToAnotherDomain) {
    make_domain("security-domain,authorized-management");
    ASSERT_EQ(card({"install", cap("transit-1.0")}).status, 0);
    EXPECT_EQ(error_of(card({"move", "F000000000", "--to", kOwn})), "card.not_there");
    EXPECT_EQ(error_of(card({"move", kApplet, "--to", kIssuer})), "card.same_state");
    EXPECT_EQ(error_of(card({"move", kFile, "--to", kApplet})), "card.no_domain");
    auto dry = inspection();
    EXPECT_EQ(card({"move", kApplet, "--to", kOwn, "--dry-run"}).status, 0);
    EXPECT_EQ(inspection(), dry);
    auto move = card({"move", kApplet, "--to", kOwn});
    ASSERT_EQ(move.status, 0) << move.text;
    EXPECT_THAT(in_domain({"list"}).text, HasSubstr(kApplet)) << "the domain sees it now";
    auto nowhere = card({"move", kFile, "--to", "F011111111"});
    EXPECT_EQ(nowhere.status, 4) << nowhere.text;
    EXPECT_TRUE(has_package());
}

TEST_F(CardOptionsTest, ChangesPrivilegesAndSaysWhich) {
    ASSERT_EQ(card({"install", cap("transit-1.0")}).status, 0);
    EXPECT_EQ(error_of(card({"set-privileges", kApplet})), "usage.privileges");
    auto set = card({"set-privileges", kApplet, "--privs", "card-lock"});
    ASSERT_EQ(set.status, 0) << set.text;
    EXPECT_EQ(set.data["notes"].at(0).as_string(), kApplet + " gets card-lock");
    EXPECT_THAT(say({"list"}).text, HasSubstr("[card-lock]"));
    auto back = card({"set-privileges", kApplet, "--privs", "00"});
    EXPECT_EQ(back.status, 0) << back.text;
    EXPECT_EQ(back.data["notes"].at(0).as_string(), kApplet + " loses card-lock");
    EXPECT_THAT(say({"list"}).text, Not(HasSubstr("[card-lock]")));
    EXPECT_EQ(card({"set-privileges", "F000000000", "--privs", "00"}).status, 4);
}

TEST_F(CardOptionsTest, TheIssuersDomainGetsAnotherName) {
    auto rename = card({"rename-isd", "A00000000300000001"});
    ASSERT_EQ(rename.status, 0) << rename.text;
    EXPECT_EQ(card({"info"}).data["security_domain"].as_string(), "A00000000300000001");
    auto old = card({"list", "--sd", kIssuer});
    EXPECT_EQ(old.status, 4);
    EXPECT_EQ(error_of(old), "card.no_domain");
    EXPECT_EQ(error_of(card({"rename-isd", "A0"})), "aid.invalid");
}

TEST_F(CardOptionsTest, TooLittleMemoryIsFoundBeforeAnythingIsSent) {
    make_with("uicc-2024", "capacity = 524288", "capacity = 8192");
    auto before = inspection();
    auto install = card({"install", cap("transit-1.0")});
    EXPECT_EQ(install.status, 6) << install.text;
    EXPECT_EQ(error_of(install), "card.no_space");
    EXPECT_EQ(inspection(), before);
}

TEST_F(CardOptionsTest, WhatGoesWithADeletionIsSaidBefore) {
    ASSERT_EQ(card({"install", cap("transit-1.0")}).status, 0);
    auto refused = card({"delete", kFile});
    EXPECT_EQ(refused.status, 6);
    EXPECT_THAT(std::string(refused.error["message"].as_string()),
                AllOf(HasSubstr("with " + kFile), HasSubstr("applet " + kApplet)));
    auto dry = card({"delete", kFile, "--related", "--dry-run"});
    EXPECT_EQ(dry.data["notes"].at(0).as_string(), "applet " + kApplet + " goes with " + kFile);
    auto update = card({"update", cap("transit-1.1"), "--dry-run"});
    EXPECT_THAT(json::serialize(update.data["notes"]), HasSubstr("is made anew"));
    EXPECT_EQ(state_of(kTransit), "selectable");
}

// Everything that changes a card has a dry run that does not.
TEST_F(CardOptionsTest, DryRunsOfAllVerbs) {
    make_domain("security-domain,authorized-management");
    ASSERT_EQ(card({"install", cap("transit-1.0")}).status, 0);
    auto before = inspection();
    const std::vector<std::vector<std::string>> all{
        {"update", cap("transit-1.1")},
        {"delete", kApplet},
        {"create-sd", "F04F544999"},
        {"delete-sd", kOwn},
        {"move", kApplet, "--to", kOwn},
        {"set-privileges", kApplet, "--privs", "card-lock"},
        {"put-key", "--new-key", std::string(kOtherKey), "--new-key-version", "32"},
        {"lock", kApplet},
        {"lock", "--card"},
        {"set-card-state", "terminated"},
        {"store-data", "--iin", "424242"},
        {"rename-isd", "A000000003000000"}};
    for (auto words : all) {
        words.emplace_back("--dry-run");
        auto outcome = card(words);
        EXPECT_EQ(outcome.status, 0) << words.front() << ": " << outcome.text;
        EXPECT_TRUE(outcome.data["dry_run"].as_bool()) << words.front();
        EXPECT_GE(outcome.data["commands"].as_array().size(), 1U) << words.front();
        EXPECT_EQ(inspection(), before) << words.front();
    }
}

}  // namespace
}  // namespace oti::cli
