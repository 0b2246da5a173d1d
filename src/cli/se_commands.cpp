// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/hex.h"
#include "card/disk_nvm_file.h"
#include "card/secure_element.h"
#include "cli/cli.h"
#include "cli/files.h"

namespace oti::cli {
namespace {

/// The well-known test key, for virtual secure elements only.
constexpr std::string_view kTestKey = "404142434445464748494A4B4C4D4E4F";

struct NewOptions {
    std::string file, profile = "uicc-2024", se_id, key = std::string(kTestKey);
    unsigned key_version = 0x30;
};

Result<json::object> make(const NewOptions& options, Output& output) {
    crypto::SystemRandom random;
    OTI_TRY(auto profile, card::load_profile(options.profile));
    OTI_TRY(auto key, parse_hex(options.key));
    auto joined = crypto::SecretBytes::take(concat(key, key, key));
    OTI_TRY(auto keys, scp::KeySet::split(joined));
    auto se_id = options.se_id.empty() ? to_hex(random.bytes(16)) : options.se_id;
    card::Personalization personalization{std::move(keys), static_cast<std::uint8_t>(options.key_version),
                                          card::Personalization::identity_for(se_id)};
    OTI_TRY(auto file, card::DiskNvmFile::create(options.file));
    OTI_CHECK(card::SecureElement::create(std::move(file), profile, personalization, random));
    output.say(fmt::format("made the secure element {} ({}) in {}", se_id, options.profile, options.file));
    return json::object{{"se_id", se_id}, {"profile", options.profile}, {"file", options.file}};
}

Result<json::object> inspect(const std::string& path, Output& output) {
    crypto::SystemRandom random;
    OTI_TRY(auto file, card::DiskNvmFile::open(path));
    OTI_TRY(auto se, card::SecureElement::open(std::move(file), random));
    json::array applications, load_files;
    output.say(fmt::format("{}  {}  {} of {} bytes used", se.identity().se_id, se.profile().name,
                           se.bytes_used(), se.profile().capacity));
    for (const auto& entry : se.registry().applications()) {
        json::array versions;
        std::string keys;
        for (auto version : se.keys().versions(entry.aid)) {
            versions.emplace_back(fmt::format("{:02X}", version));
            keys += fmt::format(" {:02X}", version);
        }
        output.say(fmt::format("{}  {:<32} state {:02X}  privileges {:06X}  in {}{}",
                               entry.is_security_domain() ? "domain" : "applet", entry.aid.hex(),
                               entry.life_cycle, entry.privileges.bits(), entry.security_domain.hex(),
                               keys.empty() ? "" : "  keys" + keys));
        applications.emplace_back(json::object{{"aid", entry.aid.hex()},
                                               {"security_domain", entry.security_domain.hex()},
                                               {"load_file", entry.load_file.hex()},
                                               {"life_cycle", fmt::format("{:02X}", entry.life_cycle)},
                                               {"privileges", fmt::format("{:06X}", entry.privileges.bits())},
                                               {"key_versions", std::move(versions)}});
    }
    for (const auto& entry : se.registry().load_files()) {
        auto version = fmt::format("{}.{}", entry.version.major, entry.version.minor);
        output.say(fmt::format("file    {:<32} version {}  in {}", entry.aid.hex(), version,
                               entry.security_domain.hex()));
        load_files.emplace_back(json::object{{"aid", entry.aid.hex()},
                                             {"version", version},
                                             {"security_domain", entry.security_domain.hex()},
                                             {"preloaded", entry.preloaded}});
    }
    return json::object{{"se_id", se.identity().se_id},
                        {"profile", se.profile().name},
                        {"bytes_used", se.bytes_used()},
                        {"capacity", se.profile().capacity},
                        {"applications", std::move(applications)},
                        {"load_files", std::move(load_files)}};
}

}  // namespace

void add_se_commands(Commands& commands) {
    auto& se = commands.noun("se", "the virtual secure element");
    auto options = std::make_shared<NewOptions>();
    auto* make_command = se.add_subcommand("new", "make a virtual secure element");
    make_command->add_option("FILE", options->file, "its image file")->required();
    make_command
        ->add_option("--profile", options->profile,
                     "what sort: uicc-2014, uicc-2024, ese-2024, or a TOML file")
        ->capture_default_str();
    make_command->add_option("--id", options->se_id, "its identifier; random if left out");
    make_command
        ->add_option("--key", options->key,
                     "the issuer's key, hexadecimal; the well-known test key if left out")
        ->envname("OTI_KEY");
    make_command->add_option("--key-version", options->key_version, "of the issuer's keys")
        ->check(CLI::Range(1, 127));
    commands.verb(*make_command, [options](Output& output) { return make(*options, output); });

    auto path = std::make_shared<std::string>();
    auto* inspect_command = se.add_subcommand("inspect", "what is in a virtual secure element");
    inspect_command->add_option("FILE", *path, "its image file")->required();
    commands.verb(*inspect_command, [path](Output& output) { return inspect(*path, output); });
}

}  // namespace oti::cli
