// SPDX-License-Identifier: Apache-2.0
// A card, its handset and its server over sockets of this machine.
#include "bearer/handset_driver.h"

#include <gtest/gtest.h>

#include "base/hex.h"
#include "bearer/administration_listener.h"
#include "bearer/virtual_channel.h"
#include "card/memory_nvm_file.h"
#include "net/net_testing.h"
#include "ota/administration_trigger.h"
#include "scp/scp80_host.h"

namespace oti::bearer {
namespace {

template <typename T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().message);
    return std::move(*result);
}

crypto::SecretBytes psk() {
    return crypto::SecretBytes::take(Bytes(16, 0x11));
}

TEST(HandsetDriver, CarriesASessionOverTcp) {
    crypto::SystemRandom random;
    auto medium = std::make_shared<card::MemoryMedium>();
    auto remote = scp::KeySet::random(random);
    scp::Scp80Keys keys{scp::Scp80Algorithm::kAes, remote.enc.clone(), remote.mac.clone(), 8};
    card::Personalization personalization{scp::KeySet::random(random), 0x30,
                                          card::Personalization::identity_for("8901")};
    personalization.remote = card::RemoteManagementKeys{1, std::move(remote), card::KeyType::kAes, 8};
    (void)must(card::SecureElement::create(std::make_unique<card::MemoryNvmFile>(medium),
                                           must(card::load_profile("uicc-2024")), personalization, random));
    {
        auto nvm = must(card::Nvm::open(std::make_unique<card::MemoryNvmFile>(medium)));
        for (auto id : {std::uint8_t{1}, std::uint8_t{2}}) {
            card::StoredKey key{{0x40, id}, {}};
            key.components.push_back({id == 1 ? card::KeyType::kPskTls : card::KeyType::kAes, psk()});
            card::KeyStore(nvm).put(iso7816::Aid::constant(card::kIssuerDomainAid), key);
        }
        ASSERT_TRUE(nvm.commit());
    }
    auto se = must(card::SecureElement::open(std::make_unique<card::MemoryNvmFile>(medium), random));

    ota::CommandList list({{must(iso7816::CommandApdu::parse(from_hex("80CA004200"))), true}});
    ota::AdministrationJob job(list, 1024);
    net::TestLoop loop;
    auto find = [&](std::string_view) {
        std::optional<ota::AdministrationServer::Card> card;
        card.emplace(psk(), &job);
        return card;
    };
    auto listener =
        must(AdministrationListener::start(loop.io, {"127.0.0.1", 0}, find, [](const Status&) {}));

    ota::AdministrationParameters parameters{.server = ota::ChannelTarget{{127, 0, 0, 1}, listener.port()},
                                             .identity = "card",
                                             .key_version = 0x40,
                                             .key_id = 1,
                                             .retry = ota::RetryPolicy{1, std::chrono::seconds(0)},
                                             .host = "h",
                                             .agent = "a",
                                             .uri = "/u"};
    auto host = must(scp::Scp80Host::create(keys, 1, {}, {0xB2, 0x01, 0x00}));
    auto packet = must(host.command(1, ota::encode_trigger(parameters)));
    VirtualChannel channel(se);
    boost::asio::thread_pool card_thread(1);
    auto card = std::make_shared<OwnCard>(channel, card_thread);
    auto centre = must(ota::SmsAddress::of_number("123"));
    std::vector<std::string> events;
    HandsetDriver driver(loop.io.get_executor(), card,
                         {.on_event = [&](std::string_view event) { events.emplace_back(event); }});
    auto bring = [&]() -> net::Task<Status> {
        OTI_CO_CHECK(co_await driver.start());
        OTI_CO_CHECK(co_await driver.deliver(
            {.originator = centre, .content = {.user_data = concat(from_hex("027000"), packet)}}));
        co_return co_await driver.finish(std::chrono::seconds(20));
    };
    auto ran = loop.run(bring());
    card_thread.join();
    EXPECT_TRUE(ran) << ran.error().message;
    EXPECT_EQ(events, std::vector{"connected to 127.0.0.1:" + std::to_string(listener.port())});
    EXPECT_TRUE(job.is_over());
    EXPECT_FALSE(job.error()) << job.error()->message;
    ASSERT_EQ(list.responses().size(), 1U);
    EXPECT_EQ(to_hex(list.responses()[0].response.data), "4204F04F5449");
}

}  // namespace
}  // namespace oti::bearer
