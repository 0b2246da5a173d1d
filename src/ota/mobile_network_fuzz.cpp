// SPDX-License-Identifier: Apache-2.0
// An ESME that sends anything, to a network with one handset.
#include "ota/mobile_network.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace oti;
    using namespace oti::ota;
    using namespace std::chrono_literals;
    MobileNetwork network({});
    if (!network.add_handset("1")) std::abort();
    EsmeSessions::Time now{};
    auto esme = network.connected(now);
    SmppBind bind{"me", "", {}, 0x34, 0, 0, {}};
    network.received(esme, *SmppPdu{SmppCommand::kBindTransceiver, 0, 1, bind}.encode(), now);
    for (BytesView rest(data, size); !rest.empty();) {
        // As it may come: in pieces.
        auto piece = std::min<std::size_t>(rest.size(), 1 + rest.front());
        network.received(esme, rest.first(piece), now);
        rest = rest.subspan(piece);
        while (auto delivery = network.next_delivery(now)) {
            SmsHandset::Answer answer{0x9000, delivery->message.content.user_data, {}};
            network.delivered(delivery->msisdn, answer, now);
        }
        (void)network.take_output(esme);
        network.tick(now += 1ms);
        (void)network.next_deadline();
    }
    network.disconnected(esme, now);
    return 0;
}
