// SPDX-License-Identifier: Apache-2.0
// The network with handsets that are here.
#include "ota/mobile_network.h"

#include "ota/mobile_network_testing.h"

namespace oti::ota {
namespace {

TEST_F(MobileNetworkTest, CarriesMessagesToTheHandsetTheyAreForAndAnswersBack) {
    open({.down = {.forwarding = 2s}, .up = {.forwarding = 1s}});
    connect(esme);
    submit(esme, "02700001", kOther);
    submit(esme, "02700002");
    run_for(2s);
    EXPECT_EQ(seen, (Lines{"491701 02700002", "491702 02700001"}));
    EXPECT_EQ(esme.happened, (Lines{"bound", "accepted 1", "accepted 2"})) << "the answers are on their way";
    run_for(1s);
    EXPECT_EQ(esme.happened, (Lines{"bound", "accepted 1", "accepted 2", "message 491701 027100AA",
                                    "message 491702 027100AA"}));
}

TEST_F(MobileNetworkTest, CarriesWhatTheCardWantsSent) {
    open({});
    connect(esme);
    wanted = {message_to("12345", "027100BB"), message_to("12345", "027100BB")};
    answer = {0x9000, {}};
    submit(esme, "027000");
    run_for(1s);
    EXPECT_EQ(esme.happened,
              (Lines{"bound", "accepted 1", "message 491701 027100BB", "message 491701 027100BB"}));
}

TEST_F(MobileNetworkTest, GivesReceipts) {
    open({.down = {.transfer = 4s, .validity = 6s}});
    receipts = true;
    answer = {0x6F00, {}};
    connect(esme);
    submit(esme, "02700001");
    submit(esme, "02700002");
    run_for(3s);
    EXPECT_EQ(esme.happened, (Lines{"bound", "accepted 1", "accepted 2", "receipt EXPIRED"}))
        << "the second one would take 8 s";
    run_for(2s);
    answer = {0x9000, {}};
    submit(esme, "02700003", kOther);
    run_for(5s);
    EXPECT_EQ(esme.happened, (Lines{"bound", "accepted 1", "accepted 2", "receipt EXPIRED", "receipt UNDELIV",
                                    "accepted 3", "receipt DELIVRD"}));
    EXPECT_EQ(network->counts().undelivered, 2U);
}

TEST_F(MobileNetworkTest, NeverGivesAReceiptForWhatIsLost) {
    open({.down = {.loss = 1}});
    receipts = true;
    connect(esme);
    submit(esme, "027000");
    run_for(3600s);
    EXPECT_EQ(esme.happened, (Lines{"bound", "accepted 1"}));
}

TEST_F(MobileNetworkTest, TriesAgainWhatAHandsetCouldNotTake) {
    open({.down = {.validity = 60s}});
    receipts = true;
    connect(esme);
    int tries = 0;
    on_delivery = [&](const auto& delivery) {
        if (++tries == 1) return network->failed(delivery.msisdn, now);
        answer.sw = tries == 2 ? 0x9300 : 0x9000;
        network->delivered(delivery.msisdn, answer, now);
    };
    submit(esme, "027000");
    run_for(9s);
    EXPECT_EQ(tries, 2);
    run_for(1s);
    EXPECT_EQ(esme.happened, (Lines{"bound", "accepted 1", "receipt DELIVRD", "message 491701 027100AA"}));
    on_delivery = [&](const auto& delivery) { network->failed(delivery.msisdn, now); };
    submit(esme, "027000");
    run_for(61s);
    EXPECT_EQ(esme.happened.back(), "receipt EXPIRED");
}

TEST_F(MobileNetworkTest, KeepsAnswersUntilTheirReceiverIsBackAndHasTakenThem) {
    open({});
    connect(esme);
    submit(esme, "027000");
    on_delivery = [&](const auto& delivery) {
        cut(esme);
        network->delivered(delivery.msisdn, answer, now);
    };
    run_for(1s);
    Esme other("me", "wrong");
    esmes.push_back(&other);
    connect(other);
    run_for(60s);
    EXPECT_EQ(other.happened, Lines{"smpp.bind"});
    EXPECT_EQ(esme.happened, (Lines{"bound", "accepted 1"}));

    // A connection that is lost before the answer to a message: it comes again.
    esme.session = network->connected(now);
    SmppBind bind{"me", "secret", {}, 0x34, 0, 0, {}};
    network->received(*esme.session, *SmppPdu{SmppCommand::kBindTransceiver, 0, 1, bind}.encode(), now);
    EXPECT_GT(network->take_output(*esme.session).size(), 60U) << "the response, and the message";
    network->disconnected(*esme.session, now);
    connect(esme);
    run_for(1s);
    EXPECT_EQ(esme.happened, (Lines{"bound", "accepted 1", "bound", "message 491701 027100AA"}));
    cut(esme);
    connect(esme);
    run_for(1s);
    EXPECT_EQ(esme.happened.size(), 5U) << "but only once more";
}

TEST_F(MobileNetworkTest, RefusesWhatItCannotDeliver) {
    open({.down = {.forwarding = 1s}, .capacity = 2});
    connect(esme);
    submit(esme, "027000", "491709");
    submit(esme, std::string(2 * 141, '0').c_str());
    run_for(1s);
    EXPECT_EQ(esme.happened, (Lines{"bound", "refused 1: invalid destination address (status 0B)",
                                    "refused 2: invalid length of the message (status 01)"}));
    for (int n = 0; n < 4; ++n) submit(esme, "027000");
    run_for(0s);
    EXPECT_EQ(network->counts().refused, 4U) << "the queue is full";
    run_for(10s);
    EXPECT_EQ(seen.size(), 4U) << "the others were sent again";
}

TEST_F(MobileNetworkTest, ThrottlesWhoSendsTooFast) {
    open({.rate = 3});
    connect(esme);
    for (int n = 0; n < 10; ++n) submit(esme, "027000");
    run_for(0s);
    EXPECT_EQ(seen.size(), 3U);
    run_for(30s);
    EXPECT_EQ(seen.size(), 10U);
    EXPECT_GT(network->counts().refused, 0U);
}

TEST_F(MobileNetworkTest, DropsWhoSaysNothing) {
    open({});
    auto stranger = network->connected(now);
    now += 29s;
    network->tick(now);
    EXPECT_FALSE(network->is_over(stranger));
    EXPECT_EQ(*network->next_deadline(), now + 1s);
    now += 1s;
    network->tick(now);
    EXPECT_TRUE(network->is_over(stranger));
    connect(esme);
    run_for(3600s);
    EXPECT_EQ(esme.happened, Lines{"bound"}) << "enquire_link keeps it";
}

TEST_F(MobileNetworkTest, ShowsWhatIsNoCardsAndHandsOverWhatHasNoClass) {
    open({});
    connect(esme);
    SmppMessage message;
    message.source.digits = "12";
    message.destination.digits = kNumber;
    message.short_message = to_bytes(as_bytes("good morning"));
    ASSERT_TRUE(esme.client.submit(message, now));
    message.protocol = kDataDownload;
    message.coding = 0x04;
    ASSERT_TRUE(esme.client.submit(message, now));
    run_for(1s);
    EXPECT_EQ(seen.size(), 1U);
    EXPECT_EQ(network->counts().delivered, 2U);
}

}  // namespace
}  // namespace oti::ota
