// SPDX-License-Identifier: Apache-2.0
// A card that is told by short message to call its server, which then installs an applet.
#include <gtest/gtest.h>

#include "compare/administration_testing.h"

namespace oti::compare {
namespace {

constexpr std::size_t kMaxScript = 2048, kBlock = 240;
const auto kHello = iso7816::Aid::constant("F04F54490101"), kPackage = iso7816::Aid::constant("F04F544901");

class Administration : public testing::Test, public AdministrationSite {
  protected:
    Administration() : applet_(must(read_applet(OTI_SOURCE_DIR "/applets/hello.cap"))) { install(); }

    void install() {
        work_ = std::make_unique<manager::RemoteReconciliation>(
            issuer, globalplatform::DesiredState{{applet_.application}, {}}, kBlock);
        job.emplace(*work_, kMaxScript);
    }
    void list(std::initializer_list<std::string_view> commands) {
        std::vector<ota::RemoteCommand> all;
        for (auto hex : commands) all.push_back({must(iso7816::CommandApdu::parse(from_hex(hex))), true});
        list_ = std::make_unique<ota::CommandList>(std::move(all));
        job.emplace(*list_, kMaxScript);
    }
    std::string error() const { return job->error() ? job->error()->code : ""; }
    /// The card is where it was before, or it is done.
    bool is_whole() const { return !has(kHello) || has(kPackage); }

    Applet applet_;
    std::unique_ptr<manager::RemoteReconciliation> work_;
    std::unique_ptr<ota::CommandList> list_;
};

TEST_F(Administration, InstallsAnApplet) {
    EXPECT_EQ(push(), "0:");
    EXPECT_TRUE(job->is_over());
    EXPECT_EQ(error(), "");
    EXPECT_TRUE(has(kHello));
    EXPECT_EQ(target, (ota::ChannelTarget{{127, 0, 0, 1}, 8443}));
    EXPECT_EQ(connections, 1U);
    EXPECT_EQ(server_error, "");
    EXPECT_NE(work_->registry().application(kHello), nullptr);
    EXPECT_FALSE(server) << "the card has closed its channel";
    // Nothing is left that the card would do after a reset.
    switch_on();
    EXPECT_EQ(connections, 1U);
    // And again, with nothing to do.
    install();
    EXPECT_EQ(push(), "0:");
    EXPECT_TRUE(job->is_over());
    EXPECT_EQ(work_->progress().total, 0U) << "the registry was read";
}

TEST_F(Administration, TheApplicationsOfACardAreListed) {
    list({"80F24002024F0000", "80CA004200", "80F28002024F0000"});
    EXPECT_EQ(push(), "0:");
    ASSERT_EQ(error(), "card.6a88") << "there is no application";
    list({"80CA004200", "80F28002024F0000"});
    EXPECT_EQ(push(), "0:");
    ASSERT_EQ(error(), "");
    ASSERT_EQ(list_->responses().size(), 2U);
    EXPECT_EQ(to_hex(list_->responses()[0].response.data), "4204F04F5449");
    EXPECT_NE(to_hex(list_->responses()[1].response.data).find("A000000151000000"), std::string::npos);
}

TEST_F(Administration, OnlyWhatContentManagementIsFor) {
    // No session inside of this one (Amendment B, 3.3.3.2), no other channel, no SELECT.
    for (auto command : {"8050000008000102030405060700", "81CA004200", "00A4040008A000000151000000"}) {
        list({command});
        EXPECT_EQ(push(), "0:");
        EXPECT_NE(error(), "");
        EXPECT_EQ(list_->responses().size(), 1U);
    }
    EXPECT_EQ(list_->responses()[0].response.sw, iso7816::StatusWord::kInsNotSupported);
}

TEST_F(Administration, ParametersMayBeOnTheCard) {
    ota::AdministrationParameters all = parameters();
    auto stored = encode_tlv(0x85, all.encode());
    auto command = concat(Bytes{0x80, 0xE2, 0x90, 0x00, static_cast<std::uint8_t>(stored.size())}, stored);
    list({to_hex(command), "80CA008500"});
    EXPECT_EQ(push(), "0:");
    ASSERT_EQ(error(), "");
    EXPECT_EQ(list_->responses().back().response.data, stored);
    install();
    EXPECT_EQ(push(ota::encode_trigger({})), "0:");
    EXPECT_TRUE(has(kHello));
    // A single one is removed with an empty object (3.8), and then is missing.
    list({"80E29000 04 A5028900", "80CA008500"});
    EXPECT_EQ(push(ota::encode_trigger({})), "0:");
    ASSERT_EQ(error(), "");
    EXPECT_EQ(push(ota::encode_trigger({})), "0:AB06800101900102");
}

TEST_F(Administration, RefusesATriggerThatLacksSomething) {
    auto lacks = [&](auto&& change) {
        auto some = parameters();
        change(some);
        return push(ota::encode_trigger(some));
    };
    const std::string kRefused = "0:AB06800101900102";
    EXPECT_EQ(lacks([](auto& p) { p.server.reset(); }), kRefused);
    EXPECT_EQ(lacks([](auto& p) { p.identity.clear(); }), kRefused);
    EXPECT_EQ(lacks([](auto& p) { p.key_version = 0x41; }), kRefused);
    EXPECT_EQ(lacks([](auto& p) { p.key_id = 2; }), kRefused) << "the DEK is no pre-shared key";
    EXPECT_EQ(lacks([](auto& p) { p.host.clear(); }), kRefused);
    EXPECT_EQ(lacks([](auto& p) { p.uri = "/a b"; }), kRefused);
    EXPECT_EQ(push(from_hex("8103 83018F")), kRefused);
    // The format of compact scripts knows no such message.
    EXPECT_EQ(push(ota::encode_trigger(parameters()), {0, 0, 0}).substr(0, 4), "0:01");
    EXPECT_EQ(connections, 0U);
}

TEST_F(Administration, APhoneWithoutChannelsCannot) {
    handset = ota::Handset(ota::SmsAddress::of_number("+4917000000").value(), {.channels = false});
    switch_on();
    EXPECT_EQ(push(), "0:AB06800101900102");
}

TEST_F(Administration, AnotherKeyIsFatalAtOnce) {
    server_psk = "FFA1A2A3A4A5A6A7A8A9AAABACADAEAF";
    EXPECT_EQ(push(), "0:");
    EXPECT_EQ(server_error, "tls.failed");
    EXPECT_EQ(connections, 1U) << "no retry (3.3.4)";
    EXPECT_FALSE(has(kPackage));
    EXPECT_FALSE(job->is_over()) << "the job may be begun again";
    server_psk = kPsk;
    EXPECT_EQ(push(), "0:");
    EXPECT_TRUE(has(kHello));
}

TEST_F(Administration, AServerThatDoesNotKnowTheCard) {
    find = [](std::string_view) -> std::optional<ota::AdministrationServer::Card> { return std::nullopt; };
    EXPECT_EQ(push(), "0:");
    EXPECT_EQ(server_error, "tls.identity");
    EXPECT_EQ(connections, 1U);
}

TEST_F(Administration, AServerWithoutWorkEndsTheSession) {
    job.reset();
    EXPECT_EQ(push(), "0:");
    EXPECT_EQ(connections, 1U);
    install();
    auto nothing = ota::CommandList({});
    job.emplace(nothing, kMaxScript);
    EXPECT_EQ(push(), "0:");
    EXPECT_EQ(connections, 2U);
    EXPECT_FALSE(server);
}

TEST_F(Administration, AnUnreachableServerIsTriedAsOftenAsToldAndNoMore) {
    reachable = false;
    EXPECT_EQ(push(), "0:");
    EXPECT_EQ(connections, 4U);
    EXPECT_EQ(waits, std::vector<std::chrono::seconds>(3, std::chrono::seconds(10)));
    switch_on();
    EXPECT_EQ(connections, 4U);
}

// The connection is lost at every place, in either direction: what the lost answer would have said is read
// from the card, and what is missing is done.
TEST_F(Administration, ConnectionLostAnywhere) {
    push();
    auto all = std::exchange(flights, 0);
    ASSERT_GT(all, 20U);
    for (std::size_t n = 1; n <= all; ++n) {
        AdministrationSite site;
        manager::RemoteReconciliation work(site.issuer, {{applet_.application}, {}}, kBlock);
        site.job.emplace(work, kMaxScript);
        site.cut_at = n;
        EXPECT_EQ(site.push(), "0:");
        EXPECT_TRUE(site.job->is_over()) << n;
        EXPECT_FALSE(site.job->error()) << n << ": " << site.job->error()->code;
        EXPECT_TRUE(site.has(kHello)) << n;
        // After the last answer there is nothing more that could be lost.
        EXPECT_EQ(site.connections, n == all ? 1U : 2U) << n;
        site.switch_on();
        EXPECT_EQ(site.connections, n == all ? 1U : 2U) << n;
    }
}

// A list of commands cannot know what became of them.
TEST_F(Administration, ALostAnswerLeavesAListUnknown) {
    list({"80CA004200"});
    bool armed = false;
    on_up = [&](Bytes&) { armed = armed || job->is_awaiting(); };
    cut_at = 7;  // handshake, first request and its answer; then the report
    push();
    EXPECT_EQ(error(), "ota.outcome_unknown");
}

// Power is lost at every write of the card.
TEST_F(Administration, PowerCutAtEveryWrite) {
    bool cut = true;
    for (int writes = 0; cut; ++writes) {
        ASSERT_LT(writes, 200);
        AdministrationSite site;
        manager::RemoteReconciliation work(site.issuer, {{applet_.application}, {}}, kBlock);
        site.job.emplace(work, kMaxScript);
        site.medium->writes_until_cut = writes;
        site.push();
        cut = !site.medium->powered;
        bool half = site.has(kHello) && !site.has(kPackage);
        EXPECT_FALSE(half) << writes;
        site.switch_on();
        // The trigger itself may have been lost; a session that was begun goes on by itself.
        if (!site.job->is_over()) EXPECT_EQ(site.push(), "0:") << writes;
        EXPECT_TRUE(site.job->is_over()) << writes;
        EXPECT_FALSE(site.job->error()) << writes << ": " << site.job->error()->code;
        EXPECT_TRUE(site.has(kHello)) << writes;
    }
}

// Whoever carries the octets changes one bit: TLS notices, and nothing is half done.
TEST_F(Administration, OctetsThatAreChangedOnTheWay) {
    for (std::size_t flight : {2U, 5U, 9U}) {
        AdministrationSite site;
        manager::RemoteReconciliation work(site.issuer, {{applet_.application}, {}}, kBlock);
        site.job.emplace(work, kMaxScript);
        std::size_t n = 0;
        site.on_down = [&](Bytes& octets) {
            if (!octets.empty() && ++n == flight) octets.back() ^= 1;
        };
        site.push();
        EXPECT_EQ(site.connections, 1U);
        EXPECT_FALSE(site.has(kHello) && !site.has(kPackage));
        site.on_down = {};
        site.push();
        EXPECT_TRUE(site.has(kHello)) << flight;
    }
}

TEST_F(Administration, WhatIsAskedForInBetweenWaits) {
    // The server is told to push while the card is in a session: the second one follows the first.
    bool pushed = false;
    std::string second;
    on_up = [&](Bytes&) {
        if (std::exchange(pushed, true)) return;
        auto host = must(scp::Scp80Host::create(remote_keys, kRemoteVersion, {}, {0xB2, 0x01, 0x00}));
        auto packet = must(host.command(++counter, ota::encode_trigger(parameters())));
        auto first = BytesView(packet).first(132), rest = BytesView(packet).subspan(132);
        for (auto part :
             {concat(from_hex("07 0003BB0201 7000"), first), concat(from_hex("05 0003BB0202"), rest)}) {
            handset.deliver(
                {.originator = ota::SmsAddress::of_number("12345").value(), .content = {.user_data = part}});
        }
    };
    push();
    EXPECT_EQ(connections, 2U);
    EXPECT_TRUE(has(kHello));
}

}  // namespace
}  // namespace oti::compare
