// SPDX-License-Identifier: Apache-2.0
// A card, its handset and its server over sockets of this machine.
#include "bearer/handset_driver.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

#include "base/hex.h"
#include "bearer/administration_listener.h"
#include "bearer/virtual_channel.h"
#include "card/memory_nvm_file.h"
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
    auto listener = must(AdministrationListener::create({"127.0.0.1", 0}));
    int stop[2];
    ASSERT_EQ(pipe(stop), 0);
    Descriptor stop_read(stop[0]), stop_write(stop[1]);
    std::thread server([&] {
        listener.serve(
            [&](std::string_view) {
                std::optional<ota::AdministrationServer::Card> card;
                card.emplace(psk(), &job);
                return card;
            },
            stop_read.get());
    });

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
    auto centre = must(ota::SmsAddress::of_number("123"));
    HandsetDriver driver(channel, centre);
    driver.start();
    driver.deliver({.originator = centre, .content = {.user_data = concat(from_hex("027000"), packet)}});
    auto ran = driver.run(std::chrono::seconds(20));
    stop_write.reset();
    server.join();
    EXPECT_TRUE(ran) << ran.error().message;
    EXPECT_TRUE(job.is_over());
    EXPECT_FALSE(job.error()) << job.error()->message;
    ASSERT_EQ(list.responses().size(), 1U);
    EXPECT_EQ(to_hex(list.responses()[0].response.data), "4204F04F5449");
}

}  // namespace
}  // namespace oti::bearer
