// SPDX-License-Identifier: Apache-2.0
// For tests only: both ends of SMPP against each other, in virtual time: ESMEs' engines, the message centre
// with its handsets, and cards that answer what they are told to.
#pragma once

#include <gtest/gtest.h>

#include <functional>

#include "base/hex.h"
#include "ota/mobile_network.h"
#include "ota/smpp_client.h"

namespace oti::ota {

using namespace std::chrono_literals;

inline constexpr const char *kNumber = "491701", *kOther = "491702", *kPhone = "491703";
using Lines = std::vector<std::string>;

/// One ESME, or a phone, with its connection or without.
struct Esme {
    Esme(const std::string& name, const std::string& password)
        : client({name, password, {}, 0x34, 0, 0, {}}, {.silence = 60s}) {}

    SmppClient client;
    std::optional<EsmeSessions::Id> session;
    /// What it says to each message; nothing: it does not answer.
    std::optional<std::uint32_t> says = smpp_status::kOk;
    /// "accepted 1", "refused 2 0B", "message 491701 0271…", "receipt DELIVRD", …
    std::vector<std::string> happened;
};

class MobileNetworkTest : public testing::Test {
  protected:
    void open(MobileNetwork::Options options) {
        options.system_id = "me";
        options.password = "secret";
        network.emplace(options);
        ASSERT_TRUE(network->add_handset(std::string("+") + kNumber));
        ASSERT_TRUE(network->add_handset(kOther));
        ASSERT_TRUE(network->add_phone(std::string("+") + kPhone));
    }
    void connect(Esme& who) {
        who.session = network->connected(now);
        ASSERT_TRUE(who.client.connected(now));
    }
    void cut(Esme& who) {
        network->disconnected(*std::exchange(who.session, std::nullopt), now);
        who.client.disconnected();
    }
    std::uint64_t submit(Esme& who, std::string_view text, const char* number = kNumber,
                         const char* source = "12345") {
        SmppMessage message;
        message.source = {1, 1, source};
        message.destination = {1, 1, number};
        message.esm_class = SmppMessage::kHasHeader;
        message.protocol = kDataDownload;
        message.coding = kClass2Data;
        message.registered_delivery = receipts ? 1 : 0;
        message.short_message = from_hex(text);
        return who.client.submit(std::move(message), now).value();
    }
    static SmsSubmit message_to(const char* number, std::string_view text) {
        SmsSubmit message;
        message.destination.digits = number;
        message.content.user_data = from_hex(text);
        return message;
    }
    void record(Esme& who) {
        struct Visitor {
            Esme& who;
            std::string operator()(const SmppClient::Bound&) const { return "bound"; }
            std::string operator()(const SmppClient::Accepted& it) const {
                return "accepted " + std::to_string(it.ticket);
            }
            std::string operator()(const SmppClient::Refused& it) const {
                return "refused " + std::to_string(it.ticket) + ": " + smpp_status::meaning(it.status);
            }
            std::string operator()(const SmppClient::Arrived& it) const {
                return "message " + it.message.source.digits + " " + to_hex(it.message.text());
            }
            std::string operator()(const SmppReceipt& it) const { return "receipt " + it.state; }
            std::string operator()(const SmppClient::Closed& it) const { return it.why.code; }
        };
        while (auto event = who.client.next_event()) {
            const auto* arrived = std::get_if<SmppClient::Arrived>(&*event);
            if (arrived != nullptr && who.says) who.client.answer(arrived->delivery, *who.says);
            who.happened.push_back(std::visit(Visitor{who}, *event));
            if (std::holds_alternative<SmppClient::Closed>(*event)) cut(who);
        }
    }
    /// All octets that are on their way, and all messages that are due.
    void exchange() {
        for (bool busy = true; busy;) {
            busy = false;
            network->tick(now);
            while (auto delivery = network->next_delivery(now)) {
                busy = true;
                on_delivery(*delivery);
            }
            for (auto* each : esmes) {
                if (!each->session) continue;
                each->client.tick(now);
                auto up = each->client.take_output();
                network->received(*each->session, up, now);
                auto down = network->take_output(*each->session);
                each->client.received(down, now);
                busy |= !up.empty() || !down.empty();
                bool over = network->is_over(*each->session);
                record(*each);
                if (over && each->session) cut(*each);
            }
        }
    }
    void run_for(std::chrono::seconds time) {
        auto end = now + time;
        while (true) {
            exchange();
            auto next = network->next_deadline().value_or(EsmeSessions::Time::max());
            for (auto* each : esmes)
                if (each->session)
                    next = std::min(next, each->client.next_deadline().value_or(EsmeSessions::Time::max()));
            if (next > end) break;
            ASSERT_GT(next, now) << "time does not pass";
            now = next;
        }
        now = end;
    }

    EsmeSessions::Time now{1h};
    std::optional<MobileNetwork> network;
    Esme esme{"me", "secret"};
    std::vector<Esme*> esmes{&esme};
    bool receipts = false;
    std::vector<std::string> seen;  ///< by the handsets that are here
    Handset::Report answer{0x9000, from_hex("027100AA")};
    std::vector<SmsSubmit> wanted;  ///< by the card, after its answer
    std::function<void(const MobileNetwork::Delivery&)> on_delivery = [this](const auto& delivery) {
        seen.push_back(delivery.msisdn + " " + to_hex(delivery.message.content.user_data));
        network->delivered(delivery.msisdn, answer, now);
        for (const auto& message : wanted) network->sent(delivery.msisdn, message, now);
    };
};

}  // namespace oti::ota
