// SPDX-License-Identifier: Apache-2.0
// For tests: a card, its handset and its administration server, each the real one, with nothing between them
// but this.
#pragma once

#include <functional>
#include <stdexcept>

#include "base/hex.h"
#include "card/memory_nvm_file.h"
#include "card/secure_element.h"
#include "compare/applet.h"
#include "compare/seeded_random.h"
#include "manager/remote_reconciliation.h"
#include "ota/administration_server.h"
#include "ota/administration_trigger.h"
#include "ota/handset.h"
#include "scp/scp80_host.h"

namespace oti::compare {

class AdministrationSite {
  public:
    static constexpr std::uint8_t kRemoteVersion = 1, kTlsVersion = 0x40, kTlsKey = 1;
    static constexpr std::string_view kIdentity = "8901@oti.example",
                                      kPsk = "A0A1A2A3A4A5A6A7A8A9AAABACADAEAF";

    AdministrationSite() : handset(ota::SmsAddress::of_number("+4917000000").value(), {.channels = true}) {
        card::Personalization personalization{scp::KeySet::random(random), 0x30,
                                              card::Personalization::identity_for("89001")};
        auto keys = scp::KeySet::random(random);
        remote_keys = {scp::Scp80Algorithm::kAes, keys.enc.clone(), keys.mac.clone(), 8};
        personalization.remote =
            card::RemoteManagementKeys{kRemoteVersion, std::move(keys), card::KeyType::kAes, 8};
        (void)must(card::SecureElement::create(std::make_unique<card::MemoryNvmFile>(medium),
                                               must(card::load_profile("uicc-2024")), personalization,
                                               random));
        auto nvm = must(card::Nvm::open(std::make_unique<card::MemoryNvmFile>(medium)));
        card::KeyStore store(nvm);
        auto put = [&](std::uint8_t id, card::KeyType type, std::string_view value) {
            card::StoredKey key{{kTlsVersion, id}, {}};
            key.components.push_back({type, crypto::SecretBytes::take(from_hex(value))});
            store.put(issuer, key);
        };
        put(kTlsKey, card::KeyType::kPskTls, kPsk);
        put(kTlsKey + 1, card::KeyType::kAes, "B0B1B2B3B4B5B6B7B8B9BABBBCBDBEBF");
        (void)nvm.commit();
        switch_on();
    }

    template <typename T>
    static T must(Result<T> result) {
        if (!result) throw std::runtime_error(result.error().code + ": " + result.error().message);
        return std::move(*result);
    }

    /// Power off, if it was not, and on.
    void switch_on() {
        server.reset();
        medium->restore_power();
        se.emplace(must(card::SecureElement::open(std::make_unique<card::MemoryNvmFile>(medium), random)));
        handset.start();
        (void)handset.take_wishes();
        run();
    }

    ota::AdministrationParameters parameters() const {
        return {.server = ota::ChannelTarget{{127, 0, 0, 1}, 8443},
                .identity = std::string(kIdentity),
                .key_version = kTlsVersion,
                .key_id = kTlsKey,
                .retry = ota::RetryPolicy{retries, std::chrono::seconds(10)},
                .host = "ras.oti.example",
                .agent = "//se-id/89001",
                .uri = "/administration"};
    }

    /// A triggering message in a secured packet; the additional data of its proof of receipt.
    std::string push(BytesView trigger, scp::Tar tar = {0xB2, 0x01, 0x00}) {
        auto host = must(scp::Scp80Host::create(remote_keys, kRemoteVersion, {}, tar));
        auto packet = must(host.command(++counter, trigger));
        // In two parts, since it is longer than a message.
        constexpr std::size_t kFirst = 132;
        auto first = BytesView(packet).first(std::min(packet.size(), kFirst));
        bool two = packet.size() > kFirst;
        auto deliver = [&](Bytes user_data) {
            ota::SmsDeliver message{.originator = ota::SmsAddress::of_number("12345").value(),
                                    .content = {.user_data = std::move(user_data)}};
            handset.deliver(message);
        };
        if (two) {
            auto rest = BytesView(packet).subspan(kFirst);
            deliver(concat(from_hex("07 0003AA0201 7000"), first));
            deliver(concat(from_hex("05 0003AA0202"), rest));
        } else {
            deliver(concat(from_hex("027000"), first));
        }
        run();
        constexpr std::size_t kHeader = 3;
        if (report.size() < kHeader) return "nothing";
        auto proof = host.response(counter, BytesView(report).subspan(kHeader));
        if (!proof) return proof.error().code;
        return std::to_string(static_cast<int>(proof->status)) + ":" + to_hex(proof->data);
    }
    std::string push() { return push(ota::encode_trigger(parameters())); }

    /// Until nobody has anything to say.
    void run() {
        while (auto command = handset.next()) {
            card::Exchange exchange;
            last_command = *command;
            auto response = se->process(*command, exchange);
            if (!handset.answer(response))
                throw std::runtime_error("the handset does not understand the card");
            for (auto& wish : handset.take_wishes()) serve(wish);
        }
    }

    void serve(ota::Handset::Wish& wish) {
        using ota::Handset;
        if (auto* said = std::get_if<Handset::Report>(&wish)) report = std::move(said->data);
        if (auto* open = std::get_if<Handset::OpenChannel>(&wish)) {
            ++connections;
            target = open->target;
            if (reachable) server.emplace(find);
            handset.opened(open->channel, reachable);
        }
        if (std::get_if<Handset::CloseChannel>(&wish)) server.reset();
        if (auto* timer = std::get_if<Handset::StartTimer>(&wish)) {
            waits.push_back(timer->duration);
            handset.expired(timer->timer);
        }
        auto* sent = std::get_if<Handset::SendData>(&wish);
        if (sent == nullptr || !server) return;
        if (is_cut()) return lose(sent->channel);
        if (on_up) on_up(sent->octets);
        auto taken = server->receive(sent->octets);
        if (!taken) server_error = taken.error().code;
        auto answer = server->take_outgoing();
        if (on_down) on_down(answer);
        if (answer.empty()) return;
        if (is_cut()) return lose(sent->channel);
        handset.received(sent->channel, answer);
    }

    /// Counts what goes either way.
    bool is_cut() { return ++flights == cut_at; }
    void lose(std::uint8_t channel) {
        server.reset();
        handset.lost(channel);
    }

    bool has(const iso7816::Aid& aid) const { return se->registry().contains(aid); }

    SeededRandom random{1, "administration"};
    iso7816::Aid issuer = iso7816::Aid::constant(card::kIssuerDomainAid);
    std::shared_ptr<card::MemoryMedium> medium = std::make_shared<card::MemoryMedium>();
    scp::Scp80Keys remote_keys;
    std::uint64_t counter = 0;
    std::optional<card::SecureElement> se;
    ota::Handset handset;
    std::optional<ota::AdministrationServer> server;
    ota::AdministrationServer::FindCard find = [this](std::string_view identity) {
        std::optional<ota::AdministrationServer::Card> found;
        if (identity == kIdentity)
            found.emplace(crypto::SecretBytes::take(from_hex(server_psk)), job ? &*job : nullptr);
        return found;
    };
    std::string server_psk{kPsk};
    std::optional<ota::AdministrationJob> job;

    std::uint16_t retries = 3;
    bool reachable = true;
    std::size_t cut_at = 0, flights = 0;
    std::function<void(Bytes&)> on_up, on_down;

    Bytes report, last_command;
    ota::ChannelTarget target;
    std::size_t connections = 0;
    std::vector<std::chrono::seconds> waits;
    std::string server_error;
};

}  // namespace oti::compare
