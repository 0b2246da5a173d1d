// SPDX-License-Identifier: Apache-2.0
// An ESME and a phone that send anything, to a network with one handset and that phone.
#include "ota/mobile_network.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace oti;
    using namespace oti::ota;
    using namespace std::chrono_literals;
    MobileNetwork network({});
    if (!network.add_handset("1") || !network.add_phone("2")) std::abort();
    EsmeSessions::Time now{};
    auto bound = [&](const char* system_id) {
        auto session = network.connected(now);
        SmppBind bind{system_id, "", {}, 0x34, 0, 0, {}};
        network.received(session, *SmppPdu{SmppCommand::kBindTransceiver, 0, 1, bind}.encode(), now);
        return session;
    };
    auto esme = bound("me"), phone = bound("2");
    for (BytesView rest(data, size); !rest.empty();) {
        // As it may come: in pieces.
        auto piece = std::min<std::size_t>(rest.size(), 1 + rest.front());
        network.received(esme, rest.first(piece), now);
        network.received(phone, rest.first(piece), now);
        rest = rest.subspan(piece);
        while (auto delivery = network.next_delivery(now)) {
            const auto& content = delivery->message.content;
            network.delivered(delivery->msisdn, {0x9000, content.user_data}, now);
            SmsSubmit wanted;
            wanted.destination = delivery->message.originator;
            wanted.content = content;
            network.sent(delivery->msisdn, wanted, now);
        }
        (void)network.take_output(esme);
        (void)network.take_output(phone);
        network.tick(now += 1ms);
        (void)network.next_deadline();
    }
    network.disconnected(esme, now);
    network.disconnected(phone, now);
    return 0;
}
