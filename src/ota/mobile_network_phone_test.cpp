// SPDX-License-Identifier: Apache-2.0
// The network with phones that are somewhere else, and what handsets want sent at any time.
#include "ota/mobile_network_testing.h"
#include "ota/smpp_sms.h"

namespace oti::ota {
namespace {

class MobileNetworkPhoneTest : public MobileNetworkTest {
  protected:
    void SetUp() override { esmes = {&esme, &phone}; }

    /// What a phone says of its own accord.
    std::uint64_t say(const char* number, std::string_view text) {
        return phone.client
            .submit(smpp_message_of({1, 1, "somebody"}, {1, 1, number}, message_to(number, text).content),
                    now)
            .value();
    }

    Esme phone{kPhone, "secret"};
};

TEST_F(MobileNetworkPhoneTest, DeliversToAPhoneAsItWasSent) {
    open({.down = {.forwarding = 2s}});
    connect(esme);
    connect(phone);
    SmppMessage message;
    message.source = {0, 1, "12"};
    message.destination = {1, 1, std::string("+") + kPhone};
    message.esm_class = 0x03;  // store and forward
    message.coding = 0x04;
    message.registered_delivery = 1;
    message.validity = "000001000000000R";
    message.optional = {{smpp_tag::kMessagePayload, from_hex("010203")}};
    ASSERT_TRUE(esme.client.submit(message, now));
    run_for(1s);
    EXPECT_EQ(phone.happened, Lines{"bound"});
    network->tick(now += 1s);
    SmppStream stream;
    stream.add(network->take_output(*phone.session));
    auto pdu = SmppPdu::parse(**stream.next()).value();
    EXPECT_EQ(pdu.command, SmppCommand::kDeliver);
    SmppMessage expected;
    expected.source = {0, 1, "12"};
    expected.destination = {1, 1, kPhone};
    expected.coding = 0x04;
    expected.short_message = from_hex("010203");
    EXPECT_EQ(std::get<SmppMessage>(pdu.body), expected);
}

TEST_F(MobileNetworkPhoneTest, KeepsMessagesForAPhoneUntilItBindsAndHandsThemOverOneByOne) {
    open({});
    receipts = true;
    connect(esme);
    submit(esme, "01", kPhone);
    submit(esme, "02", kPhone);
    run_for(60s);
    EXPECT_EQ(esme.happened, (Lines{"bound", "accepted 1", "accepted 2"}));
    phone.says.reset();
    connect(phone);
    run_for(60s);
    EXPECT_EQ(phone.happened, (Lines{"bound", "message 12345 01"})) << "the other waits";
    cut(phone);
    phone.says = smpp_status::kOk;
    connect(phone);
    run_for(1s);
    EXPECT_EQ(phone.happened,
              (Lines{"bound", "message 12345 01", "bound", "message 12345 01", "message 12345 02"}));
    EXPECT_EQ(esme.happened,
              (Lines{"bound", "accepted 1", "accepted 2", "receipt DELIVRD", "receipt DELIVRD"}));
    EXPECT_EQ(network->counts().delivered, 2U);
    cut(phone);
    connect(phone);
    run_for(1s);
    EXPECT_EQ(phone.happened.size(), 6U) << "but only once more";
}

TEST_F(MobileNetworkPhoneTest, TriesAgainWhatAPhoneWouldRatherHaveLater) {
    open({.down = {.validity = 60s}});
    receipts = true;
    connect(esme);
    connect(phone);
    phone.says = smpp_status::kReceiverBusy;
    submit(esme, "01", kPhone);
    run_for(2s);
    EXPECT_EQ(phone.happened.size(), 4U) << "bound, and once a second";
    EXPECT_EQ(esme.happened.size(), 2U);
    phone.says = smpp_status::kOk;
    run_for(2s);
    EXPECT_EQ(phone.happened.size(), 5U);
    EXPECT_EQ(esme.happened.back(), "receipt DELIVRD");
    phone.says = smpp_status::kReceiverBusy;
    submit(esme, "02", kPhone);
    run_for(61s);
    EXPECT_EQ(esme.happened.back(), "receipt EXPIRED");
    auto times = phone.happened.size();
    run_for(60s);
    EXPECT_EQ(phone.happened.size(), times);
}

TEST_F(MobileNetworkPhoneTest, SaysThatAPhoneRefusedAMessage) {
    open({});
    receipts = true;
    connect(esme);
    connect(phone);
    phone.says = smpp_status::kSystemError;
    submit(esme, "01", kPhone);
    submit(esme, "02", kPhone);
    run_for(1s);
    EXPECT_EQ(phone.happened, (Lines{"bound", "message 12345 01", "message 12345 02"}));
    EXPECT_EQ(esme.happened,
              (Lines{"bound", "accepted 1", "accepted 2", "receipt UNDELIV", "receipt UNDELIV"}));
    EXPECT_EQ(network->counts().undelivered, 2U);
}

TEST_F(MobileNetworkPhoneTest, GivesUpWhatAPhoneThatIsGoneDoesNotFetch) {
    open({.down = {.validity = 60s}});
    receipts = true;
    connect(esme);
    submit(esme, "01", kPhone);
    run_for(30s);
    submit(esme, "02", kPhone);
    run_for(31s);
    EXPECT_EQ(esme.happened, (Lines{"bound", "accepted 1", "accepted 2", "receipt EXPIRED"}));
    connect(phone);
    run_for(0s);
    EXPECT_EQ(phone.happened, (Lines{"bound", "message 12345 02"}));

    // Nor is one waited for that has it and says nothing, or goes with it.
    phone.says.reset();
    submit(esme, "03", kPhone);
    run_for(1s);
    cut(phone);
    run_for(60s);
    EXPECT_EQ(esme.happened.back(), "receipt EXPIRED");
    connect(phone);
    submit(esme, "04", kPhone);
    run_for(61s);
    EXPECT_EQ(phone.happened.back(), "message 12345 04");
    EXPECT_EQ(network->counts().undelivered, 3U);
}

TEST_F(MobileNetworkPhoneTest, LetsAPhoneBindByItsNumberAndThePasswordOnly) {
    open({});
    for (auto [name, password] :
         {std::pair(kPhone, "wrong"), {kNumber, "secret"}, {"491709", "secret"}, {"+491703", "secret"}}) {
        Esme stranger(name, password);
        esmes = {&stranger};
        connect(stranger);
        run_for(1s);
        EXPECT_EQ(stranger.happened, Lines{"smpp.bind"}) << name;
    }
    EXPECT_EQ(network->add_phone(kNumber).error().code, "sms.address") << "it is here";
    EXPECT_EQ(network->add_handset(kPhone).error().code, "sms.address") << "it is there";
    EXPECT_EQ(network->add_phone("1234567890123456").error().code, "sms.address") << "more than a system_id";
}

TEST_F(MobileNetworkPhoneTest, HasOneSessionOfAPhone) {
    open({});
    connect(esme);
    connect(phone);
    phone.says.reset();
    submit(esme, "01", kPhone);
    run_for(1s);
    // Its connection is lost, and nobody tells the network.
    Esme again(kPhone, "secret");
    esmes.push_back(&again);
    connect(again);
    run_for(1s);
    EXPECT_EQ(again.happened, (Lines{"bound", "message 12345 01"}));
    EXPECT_FALSE(phone.session) << "the one before is ended";
    EXPECT_TRUE(again.session);
}

TEST_F(MobileNetworkPhoneTest, CarriesWhatAPhoneSubmitsToWhoWroteToIt) {
    open({.up = {.forwarding = 1s}});
    connect(esme);
    connect(phone);
    say("12345", "0A");
    run_for(2s);
    EXPECT_EQ(phone.happened, (Lines{"bound", "accepted 1"}));
    EXPECT_EQ(network->counts().dropped, 1U) << "nobody has written to it";
    submit(esme, "01", kPhone);
    run_for(1s);
    say("12345", "0B");
    say(kNumber, "0C");
    run_for(2s);
    EXPECT_EQ(phone.happened, (Lines{"bound", "accepted 1", "message 12345 01", "accepted 2", "accepted 3"}));
    EXPECT_EQ(esme.happened, (Lines{"bound", "accepted 1", "message 491703 0B", "message 491703 0C"}));
    EXPECT_TRUE(seen.empty()) << "no handset gets it";
    EXPECT_EQ(network->counts().submitted, 1U);
    EXPECT_EQ(network->counts().returned, 2U);
    say("12345", std::string(2 * 141, '0'));
    run_for(1s);
    EXPECT_EQ(phone.happened.back(), "refused 4: invalid length of the message (status 01)");
}

TEST_F(MobileNetworkPhoneTest, HandsOnWhatAPhoneSubmitsBeforeItSaysGoodbye) {
    open({});
    connect(esme);
    connect(phone);
    submit(esme, "01", kPhone);
    run_for(1s);
    say("12345", "0A");
    phone.client.unbind(now);
    run_for(1s);
    EXPECT_EQ(esme.happened, (Lines{"bound", "accepted 1", "message 491703 0A"}));
}

TEST_F(MobileNetworkPhoneTest, RoutesWhatAHandsetWantsSentByTheNumberThatItIsFor) {
    MobileNetwork::Options open_to_all;
    network.emplace(open_to_all);
    ASSERT_TRUE(network->add_handset(kNumber));
    Esme first("first", ""), second("second", "");
    esmes = {&first, &second};
    connect(first);
    connect(second);
    answer = {0x9000, {}};
    network->sent(kNumber, message_to("1001", "0A"), now);
    submit(first, "01", kNumber, "1001");
    run_for(1s);
    submit(second, "02", kNumber, "1002");
    run_for(1s);
    network->sent(kNumber, message_to("1001", "0B"), now);
    network->sent(kNumber, message_to("1002", "0C"), now);
    network->sent(kNumber, message_to("1003", "0D"), now);
    run_for(1s);
    submit(second, "03", kNumber, "1001");
    run_for(1s);
    network->sent(kNumber, message_to("1001", "0E"), now);
    run_for(1s);
    EXPECT_EQ(first.happened, (Lines{"bound", "accepted 1", "message 491701 0B"}));
    EXPECT_EQ(second.happened, (Lines{"bound", "accepted 1", "message 491701 0C", "message 491701 0D",
                                      "accepted 2", "message 491701 0E"}));
    EXPECT_EQ(network->counts().dropped, 1U);
}

}  // namespace
}  // namespace oti::ota
