// SPDX-License-Identifier: Apache-2.0
// oti ca scp11: what SCP11 needs on both sides (Amendment F 1.4, 3.2), for a card of one's own.
#include <chrono>

#include "base/hex.h"
#include "cli/card_scp11.h"
#include "cli/files.h"
#include "crypto/random.h"

namespace oti::cli {
namespace {

using crypto::GpCertificate;
using crypto::PrivateKey;

struct Scp11Options {
    std::string folder, curve = "P-256", owner = "F04F5449";
    unsigned years = 10;
};

constexpr std::size_t kSerialNumberSize = 16;

/// An authority, and a key that it certifies.
struct Certified {
    PrivateKey authority, key;
    GpCertificate certificate;
};

Result<Certified> certify(crypto::Curve curve, std::string_view authority_name, BytesView subject,
                          std::chrono::year_month_day until, crypto::Random& random) {
    auto authority = PrivateKey::generate(curve), key = PrivateKey::generate(curve);
    crypto::GpCertificateFields fields;
    fields.serial_number = random.bytes(kSerialNumberSize);
    fields.ca_identifier = to_bytes(as_bytes(authority_name));
    fields.subject_identifier = to_bytes(subject);
    fields.effective = today();
    fields.expires = until;
    OTI_TRY(auto certificate, GpCertificate::sign(fields, key.public_key(), authority));
    return Certified{std::move(authority), std::move(key), std::move(certificate)};
}

Status write_key(const std::filesystem::path& path, const PrivateKey& key) {
    return write_text(path, as_text(key.to_pem().view(crypto::SecretAccess::granted())), kSecretFile);
}

Status write(const Certified& side, const std::filesystem::path& folder, std::string_view authority,
             std::string_view authority_key, std::string_view key, std::string_view certificate) {
    OTI_CHECK(write_text(folder / authority, side.authority.public_key().to_pem(), kPublicFile));
    OTI_CHECK(write_key(folder / authority_key, side.authority));
    OTI_CHECK(write_key(folder / key, side.key));
    return write_text(folder / certificate, to_hex(side.certificate.encoded()) + "\n", kPublicFile);
}

Result<json::object> make(const Scp11Options& options, Output& output) {
    using namespace scp11_files;
    auto curve = crypto::curve_of_name(options.curve);
    if (!curve)
        return fail(ErrorKind::kUsage, "usage.curve", "there is no curve '" + options.curve + "' here",
                    "use P-256, P-384, P-521, brainpoolP256r1, brainpoolP384r1 or brainpoolP512r1");
    OTI_TRY(auto owner, parse_hex(options.owner));
    if (owner.empty())
        return fail(ErrorKind::kUsage, "usage.owner", "an owner has an identifier of 1 to 127 bytes");
    std::filesystem::path folder(options.folder);
    std::error_code error;
    if (std::filesystem::exists(folder / kHostKey, error)) {
        return fail(ErrorKind::kPolicy, "ca.exists", "there are keys in " + options.folder + " already",
                    "name another folder");
    }
    crypto::SystemRandom random;
    auto until = today() + std::chrono::years(options.years);
    // The 29th of February is not in every year.
    if (!until.ok()) until = until.year() / until.month() / std::chrono::last;
    OTI_TRY(auto host, certify(*curve, "OTI CA-KLOC", owner, until, random));
    OTI_TRY(auto card, certify(*curve, "OTI CA-KLCC", as_bytes("OTI SD"), until, random));
    OTI_CHECK(make_folder(folder));
    OTI_CHECK(write(host, folder, kHostAuthority, kHostAuthorityKey, kHostKey, kHostCertificate));
    OTI_CHECK(write(card, folder, kCardAuthority, kCardAuthorityKey, kCardKey, kCardCertificate));
    output.say("made keys and certificates for SCP11 in " + options.folder +
               "; the files with -key in their names are secret");
    output.say("give them to a card with 'oti card setup-scp11 " + options.folder + "'");
    return json::object{{"folder", options.folder}, {"curve", options.curve}};
}

}  // namespace

void add_ca_scp11_command(Commands& commands) {
    auto options = std::make_shared<Scp11Options>();
    auto* command = commands.noun("ca", "").add_subcommand(
        "scp11", "make keys and certificates for SCP11: of two authorities, a card and ourselves");
    command->add_option("FOLDER", options->folder, "where")->required();
    command->add_option("--curve", options->curve, "of all keys")->capture_default_str();
    command
        ->add_option(
            "--owner", options->owner,
            "identifier of ourselves: a domain obeys the owner that 'create-sd --owner' gave it, the "
            "issuer's domain the one of its IIN (hexadecimal)")
        ->capture_default_str();
    command->add_option("--years", options->years, "how long the certificates are valid")
        ->check(CLI::Range(1, 50))
        ->capture_default_str();
    commands.verb(*command, [options](Output& output) { return make(*options, output); });
}

}  // namespace oti::cli
