// SPDX-License-Identifier: Apache-2.0
// What the TSM does where the phone has no data connection.
#include <fmt/format.h>

#include "manager/preflight.h"
#include "tsm/tsm.h"

namespace oti::tsm {

using manager::PacketGoal;
using manager::PacketSession;

namespace {

std::unexpected<Error> no_keys(const Issuer& issuer) {
    return fail(ErrorKind::kUsage, "ota.no_keys",
                fmt::format("the TSM has no keys for short messages to {}", issuer.se_id),
                "import them: oti tsm se import --msisdn NUMBER --ota-kic KEY --ota-kid KEY --ota-dek KEY");
}

}  // namespace

net::Task<Result<std::unique_ptr<PacketSession>>> Tsm::run_by_messages(const Issuer& issuer,
                                                                       PacketGoal goal) {
    if (!issuer.packets) co_return no_keys(issuer);
    auto& ota = service_->ota();
    std::unique_ptr<PacketSession> session;
    auto make = [&]() -> Result<PacketSession*> {
        OTI_TRY(auto packets, ota.domains().find(issuer.se_id, issuer.aid));
        if (!packets) return no_keys(issuer);
        session = std::make_unique<PacketSession>(packets->access(ota.messages()), std::move(goal));
        return session.get();
    };
    auto delivery = co_await ota.run(*issuer.packets, make);
    if (!delivery.status) co_return std::unexpected(delivery.status.error());
    co_return std::move(session);
}

/// As over the internet: the issuer's domain gets the new one, and with the issuer's keys, which it inherits,
/// the new one gets its own; two sets, one for packets and one for the channels of later.
net::Task<Result<manager::Handover>> Tsm::create_by_messages(Issuer issuer, const Domain& domain,
                                                             const std::vector<cap::Import>& imports) {
    OTI_CO_TRY(auto read, co_await run_by_messages(issuer, {}));
    OTI_CO_CHECK(manager::check_imports(imports, read->registry()));
    auto tar = manager::tar_of(domain.aid);
    OTI_CO_TRY(auto created,
               co_await run_by_messages(issuer, {{{manager::provider_domain(domain.aid, tar)}, {}}}));
    if (domain.was_handed_over && !created->changed()) {
        OTI_CO_CHECK(records_.record_handed_over(domain.se_id, domain.provider));
        co_return is_its_owners(domain);
    }

    auto& domains = service_->ota().domains();
    OTI_CO_TRY(auto packets, domains.find(domain.se_id, domain.aid));
    if (!packets) {
        auto version = ota_server::next_packet_version(issuer.packets->keys.back().version);
        packets = ota_server::PacketDomain{domain.se_id, domain.aid, issuer.packets->msisdn, tar, {}};
        packets->keys.push_back({version, scp::KeySet::random(service_->random())});
        OTI_CO_CHECK(domains.put(*packets));
    }
    OTI_CO_CHECK(co_await personalize_by_messages(issuer, *packets, domain.keys));
    OTI_CO_TRY(packets, domains.find(domain.se_id, domain.aid));
    manager::Handover handover{domain.aid, domain.keys.clone(), {}, created->registry().load_files};
    handover.packets = manager::PacketHandover{packets->msisdn, tar, packets->keys.back().clone()};
    co_return handover;
}

net::Task<Status> Tsm::personalize_by_messages(const Issuer& issuer, const ota_server::PacketDomain& packets,
                                               const manager::DomainKeys& channel_keys) {
    auto& ota = service_->ota();
    std::optional<PacketSession> session;
    auto make = [&]() -> Result<PacketSession*> {
        OTI_TRY(auto own, ota.domains().find(packets.se_id, packets.aid));
        OTI_TRY(auto above, ota.domains().find(issuer.se_id, issuer.aid));
        if (!own || !above) return no_keys(issuer);
        auto access = own->access(ota.messages());
        access.keys.insert(access.keys.begin(), above->keys.back().clone());
        access.keys.front().inherited_from = issuer.aid;
        session.emplace(std::move(access), PacketGoal{{}, own->keys.back().clone(), channel_keys.clone()});
        return &*session;
    };
    auto delivery = co_await ota.run(packets, make);
    co_return delivery.status;
}

}  // namespace oti::tsm
