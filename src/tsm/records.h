// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/json.h"
#include "crypto/sealer.h"
#include "manager/domain_session.h"
#include "manager/handover.h"
#include "ota_server/packet_domains.h"
#include "storage/database.h"

namespace oti::tsm {

/// The issuer's domain of a secure element.
struct Issuer {
    std::string se_id;
    iso7816::Aid aid;
    manager::DomainKeys keys;
    std::optional<manager::DomainMemory> memory;
    std::optional<ota_server::PacketDomain> packets = {};  ///< where it is reached by short messages, too

    manager::DomainAccess access() const;
};

/// A provider's domain on a secure element, as far as it is made.
struct Domain {
    std::string se_id;
    std::string provider;
    iso7816::Aid aid;
    manager::DomainKeys keys;
    std::optional<manager::Handover> handover = {};  ///< once it is made
    bool was_handed_over = false;  ///< an earlier one, of which its owner says that it is gone
};

/// Error `domain.exists`: nothing was made, since the domain was there, under keys that are not ours.
std::unexpected<Error> is_its_owners(const Domain& domain);

/// What the TSM knows: secure elements with their issuers' keys, providers, and the domains it has made.
class Records {
  public:
    static constexpr std::string_view kMigration = R"sql(
        CREATE TABLE secure_element(
            se_id TEXT PRIMARY KEY,
            aid TEXT NOT NULL,             -- of the issuer's domain
            key_version INTEGER NOT NULL,
            kdf TEXT NOT NULL,             -- how the card's keys come from these
            keys BLOB NOT NULL,            -- sealed
            memory BLOB);
        CREATE TABLE provider(
            name TEXT PRIMARY KEY,         -- common name of its certificate
            aid TEXT NOT NULL UNIQUE);     -- of its domains
        CREATE TABLE domain(
            se_id TEXT NOT NULL REFERENCES secure_element(se_id),
            provider TEXT NOT NULL REFERENCES provider(name),
            state TEXT NOT NULL,           -- creating, created, handed_over
            key_version INTEGER NOT NULL,
            keys BLOB,                     -- sealed; none once the provider has its own
            handover BLOB,                 -- before it is encrypted for the provider, sealed
            PRIMARY KEY(se_id, provider));
    )sql";

    Records(storage::Database& database, const crypto::Sealer& sealer, ota_server::PacketDomains& packets,
            crypto::Random& random)
        : database_(&database), sealer_(&sealer), packets_(&packets), random_(&random) {}

    // What operators say. Errors `api.invalid`, `provider.taken`.
    Status import_secure_element(const api::json::object& body);
    Status add_provider(const api::json::object& body);
    Result<api::json::array> list_domains() const;

    /// Errors `secure_element.unknown`, `provider.unknown`.
    Result<Issuer> issuer(const std::string& se_id) const;
    Result<iso7816::Aid> aid_of(const std::string& provider, std::string hint) const;
    /// What is known of a domain. A new one gets its keys here, and they are recorded before they are used.
    Result<Domain> domain(const Issuer& issuer, const std::string& provider);

    Status record_memory(Issuer& issuer, const manager::DomainMemory& memory);
    Status record_created(const Domain& domain);
    /// The provider has keys of its own: those that are here are forgotten.
    Status record_handed_over(const std::string& se_id, const std::string& provider);
    /// The same, as the provider says it; nothing of a domain that is being made.
    Status confirm_handover(const std::string& se_id, const std::string& provider);
    Status remove_domain(const std::string& se_id, const std::string& provider);

  private:
    Bytes seal(const crypto::SecretBytes& secret, std::string_view context) const;
    Result<Domain> begin_domain(const Issuer& issuer, const std::string& provider, const iso7816::Aid& aid);
    Result<ota_server::PacketDomain> parse_packets(const std::string& se_id, const iso7816::Aid& aid,
                                                   const api::json::object& body) const;

    storage::Database* database_;
    const crypto::Sealer* sealer_;
    ota_server::PacketDomains* packets_;
    crypto::Random* random_;
};

}  // namespace oti::tsm
