// SPDX-License-Identifier: Apache-2.0
// setup-scp11: gives a security domain what it needs to be opened by SCP11.
#include <fmt/format.h>

#include "base/tlv.h"
#include "cli/card_commands.h"
#include "cli/card_scp11.h"
#include "cli/card_work.h"
#include "cli/files.h"
#include "globalplatform/commands.h"
#include "globalplatform/put_key.h"

namespace oti::cli {
namespace {

namespace gp = globalplatform;

constexpr Tag kControlReference = 0xA6, kKeyReference = 0x83, kCertificateStore = 0xBF21,
              kCaIdentifier = 0x42;
constexpr auto kBerTlv = static_cast<std::uint8_t>(gp::DataStructure::kBerTlv);

struct SetupOptions : CardOptions {
    std::string folder, variant = "11a", version = "03";
};

struct Material {
    crypto::PrivateKey key;
    std::vector<crypto::GpCertificate> certificates;
    std::optional<crypto::PublicKey> host_authority;  ///< not for SCP11b
    Bytes host_authority_name;
};

/// Everything is read, and held against each other, before the card is.
Result<Material> read_material(const SetupOptions& options, scp::Scp11Variant variant) {
    using namespace scp11_files;
    std::filesystem::path folder(options.folder);
    OTI_TRY(auto key, read_private_key(folder / kCardKey));
    OTI_TRY(auto certificates, read_certificates(folder / kCardCertificate));
    OTI_TRY(auto authority, read_public_key(folder / kCardAuthority));
    OTI_TRY(auto certified, crypto::verify_chain(certificates, authority, today()));
    if (certified != key.public_key()) {
        return fail(ErrorKind::kUsage, "usage.scp11",
                    fmt::format("{} is for another key than {}", kCardCertificate, kCardKey));
    }
    Material material{std::move(key), std::move(certificates), {}, {}};
    if (variant == scp::Scp11Variant::kB) return material;
    OTI_TRY(material.host_authority, read_public_key(folder / kHostAuthority));
    // By this name of its authority the card finds the key for a certificate.
    OTI_TRY(auto host, read_certificates(folder / kHostCertificate));
    material.host_authority_name = host.front().ca_identifier();
    return material;
}

Status add_key(CardWork& work, const manager::CardSession& session, gp::NewKey key, scp::KeyVersion version,
               std::uint8_t identifier, std::string step) {
    std::vector<gp::NewKey> keys;
    keys.push_back(std::move(key));
    OTI_TRY(auto put, gp::put_keys(scp::KeyVersion(0), version, identifier, keys, session.channel()));
    work.add_key(std::move(put.command), std::move(step), {});
    return {};
}

void add_object(CardWork& work, const manager::CardSession& session, const Bytes& object,
                const std::string& step) {
    auto blocks = gp::cut_into_blocks(object, session.block_size());
    for (auto& command : gp::store_data(blocks, kBerTlv)) work.add(std::move(command), step);
}

Result<json::object> setup(const SetupOptions& options, Output& output) {
    OTI_TRY(auto protocol, parse_protocol(options.variant));
    if (!protocol.variant) {
        return fail(ErrorKind::kUsage, "usage.scp", "SCP11 has no variant '" + options.variant + "'",
                    "use 11a, 11b or 11c");
    }
    auto variant = *protocol.variant;
    OTI_TRY(auto version, parse_key_version(options.version));
    OTI_TRY(auto material, read_material(options, variant));
    OTI_TRY(auto card, open_domain(options));
    auto& session = card.session;
    auto identifier = scp::scp11_key_identifier(variant);
    CardWork work;
    auto curve = static_cast<std::uint8_t>(*material.key.curve());
    OTI_CHECK(add_key(work, session, gp::NewKey::ec_private(material.key.number(), curve), version,
                      identifier, "put the domain's own key"));
    Bytes certificates;
    for (const auto& certificate : material.certificates) append(certificates, certificate.encoded());
    auto own_reference = encode_tlv(kKeyReference, Bytes{identifier, version.value()});
    add_object(
        work, session,
        concat(encode_tlv(kControlReference, own_reference), encode_tlv(kCertificateStore, certificates)),
        "store its certificate");
    if (material.host_authority) {
        OTI_CHECK(add_key(work, session, gp::NewKey::ec_public(material.host_authority->point(), curve),
                          version, scp::kCaKlocKeyIdentifier, "put the key of the authority over us"));
        auto reference = concat(encode_tlv(kCaIdentifier, material.host_authority_name),
                                encode_tlv(kKeyReference, Bytes{scp::kCaKlocKeyIdentifier, version.value()}));
        add_object(work, session, encode_tlv(kControlReference, reference), "store the authority's name");
    }
    OTI_TRY(auto result, work.run(session, options, output));
    result["key_version"] = fmt::format("{:02X}", version.value());
    result["variant"] = options.variant;
    if (!options.dry_run)
        output.say(fmt::format("{} can be opened with --scp {} --scp11 {}", session.domain().hex(),
                               options.variant, options.folder));
    return result;
}

}  // namespace

void add_card_scp11_command(Commands& commands) {
    auto options = std::make_shared<SetupOptions>();
    auto& command =
        add_card_verb(commands, "setup-scp11", "let a security domain be opened by SCP11", options, setup);
    command.add_option("FOLDER", options->folder, "keys and certificates, as 'oti ca scp11' makes them")
        ->required();
    command.add_option("--variant", options->variant, "11a, 11b or 11c")->capture_default_str();
    command.add_option("--new-key-version", options->version, "of the keys, hexadecimal, 01 to 7F")
        ->capture_default_str();
    add_card_options(command, *options);
    add_dry_run_option(command, *options);
}

}  // namespace oti::cli
