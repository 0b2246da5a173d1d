// SPDX-License-Identifier: Apache-2.0
#include "ota/administration_server.h"

#include "base/hex.h"

namespace {

using namespace oti;

crypto::SecretBytes key() {
    return crypto::SecretBytes::take(Bytes(16, 0x11));
}

/// Goes on whatever becomes of it.
class Patient final : public ota::AdministrationWork {
  public:
    Result<std::vector<ota::RemoteCommand>> next() override {
        ota::RemoteCommand read{iso7816::CommandApdu{0x80, 0xCA, 0x00, 0x42, {}, 256}, true};
        return std::vector(3, read);
    }
    Status on_response(std::size_t, const iso7816::ResponseApdu&) override { return {}; }
    Status interrupted() override { return {}; }
};

}  // namespace

// What a card says that has the key, or (first byte odd) somebody who has not.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    BytesView input(data + 1, size - 1);
    Patient work;
    ota::AdministrationJob job(work, 256);
    ota::AdministrationServer server([&](std::string_view) {
        std::optional<ota::AdministrationServer::Card> card;
        card.emplace(key(), &job);
        return card;
    });
    if ((data[0] & 1) != 0) {
        (void)server.receive(input);
        return 0;
    }
    auto card = crypto::PskTls::client({"card", key()}, {}).value();
    net::HttpResponseReader responses;
    auto exchange = [&] {
        for (int n = 0; n < 8; ++n) {
            auto octets = card.take_outgoing();
            if (octets.empty()) return;
            (void)server.receive(octets);
            auto plain = card.receive(server.take_outgoing());
            auto response = plain ? responses.take(*plain) : std::unexpected(plain.error());
            while (response && *response) response = responses.take({});
            if (!response) __builtin_trap();
        }
    };
    exchange();
    if (!card.is_open()) __builtin_trap();
    std::size_t half = input.size() * (data[0] >> 1) / 128;
    for (auto part : {input.first(half), input.subspan(half)}) {
        if (!card.send(part)) return 0;
        exchange();
    }
    return 0;
}
