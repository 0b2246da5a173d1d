// SPDX-License-Identifier: Apache-2.0
// se new and se inspect.
#include <fmt/format.h>

#include <filesystem>
#include <regex>

#include "base/hex.h"
#include "card/disk_nvm_file.h"
#include "card/secure_element.h"
#include "cli/card_connection.h"
#include "cli/cli.h"
#include "cli/files.h"
#include "cli/se_inspection.h"

namespace oti::cli {
namespace {

struct NewOptions : CardOptions {
    std::string ota_kic, ota_kid, ota_dek, ota_version = "01", ota_key_type = "aes";
    unsigned ota_mac = 8;
    std::string file, profile = "uicc-2024", se_id, key_type, cplc, iin, cin, scp_i;
    std::uint64_t capacity = 0;
};

constexpr std::size_t kCplc = 42, kMinNumber = 1, kMaxNumber = 64;
constexpr std::uint8_t kFirstScp02Version = 0x20, kLastScp02Version = 0x2F, kScp03Version = 0x30;

/// The profile's text with another value for a setting: the image keeps the text.
Status change(card::ProfileSource& profile, const std::string& setting, const std::string& value) {
    std::regex line("(^|\n)" + setting + " *=[^\n]*");
    auto changed = std::regex_replace(profile.toml, line, "$1" + setting + " = " + value,
                                      std::regex_constants::format_first_only);
    OTI_TRY(profile.profile, card::Profile::parse(profile.profile.name, changed));
    profile.toml = std::move(changed);
    return {};
}

Result<card::ProfileSource> profile_of(const NewOptions& options) {
    OTI_TRY(auto profile, card::load_profile(options.profile));
    if (!options.scp_i.empty()) {
        auto i = parse_hex(options.scp_i);
        if (!i || i->size() != 1) {
            return fail(ErrorKind::kUsage, "usage.scp_i",
                        fmt::format("'{}' is no parameter i of SCP03", options.scp_i),
                        "give two hexadecimal digits, such as 70, or 71 for S16");
        }
        OTI_CHECK(change(profile, "scp03_i", fmt::format("0x{:02X}", i->front())));
    }
    if (options.capacity != 0) OTI_CHECK(change(profile, "capacity", std::to_string(options.capacity)));
    return profile;
}

/// Replaces data of the card's identity, if they are given.
Status take(Bytes& data, const std::string& hex, std::string_view option, std::size_t min, std::size_t max) {
    if (hex.empty()) return {};
    auto bytes = parse_hex(hex);
    if (!bytes || bytes->size() < min || bytes->size() > max) {
        auto size = min == max ? std::to_string(min) : fmt::format("{} to {}", min, max);
        return fail(ErrorKind::kUsage, "usage.identity", fmt::format("'{}' is no value for {}", hex, option),
                    fmt::format("give {} bytes in hexadecimal, two digits each", size));
    }
    data = std::move(*bytes);
    return {};
}

struct IssuerKeys {
    scp::KeySet keys;
    std::uint8_t version = 0;
    card::KeyType type = card::KeyType::kAes;
};

/// The kind of keys is that of the version, unless it is said.
Result<IssuerKeys> issuer_keys(const NewOptions& options, const card::Profile& profile) {
    constexpr bool kVirtual = true;
    OTI_TRY(auto keys, keys_of(options, kVirtual));
    bool old = profile.scp02_i.has_value();
    auto version = keys.version.value() != 0 ? keys.version.value()
                   : old                     ? kFirstScp02Version
                                             : kScp03Version;
    bool scp02_version = version >= kFirstScp02Version && version <= kLastScp02Version;
    if (!options.key_type.empty() && options.key_type != "aes" && options.key_type != "3des") {
        return fail(ErrorKind::kUsage, "usage.key_type",
                    fmt::format("there is no key type '{}'", options.key_type), "use aes or 3des");
    }
    bool des = options.key_type.empty() ? old && scp02_version : options.key_type == "3des";
    if (des && !old) {
        return fail(ErrorKind::kUsage, "usage.key_type",
                    fmt::format("the profile {} has no secure channel for triple DES keys", profile.name),
                    "use AES keys, or --profile legacy-scp02 to try old tools on");
    }
    return IssuerKeys{std::move(keys.keys), version, des ? card::KeyType::kTripleDes : card::KeyType::kAes};
}

/// The keys for secured packets, if they are given.
Result<std::optional<card::RemoteManagementKeys>> remote_keys(const NewOptions& options) {
    if (options.ota_kic.empty() && options.ota_kid.empty() && options.ota_dek.empty()) return std::nullopt;
    auto key = [&](const std::string& hex, std::string_view option) -> Result<crypto::SecretBytes> {
        auto bytes = parse_hex(hex);
        if (!bytes || bytes->empty()) {
            return fail(ErrorKind::kUsage, "usage.ota_keys", fmt::format("{} is missing, or no key", option),
                        "give --ota-kic, --ota-kid and --ota-dek, of one length, in hexadecimal");
        }
        return crypto::SecretBytes::take(std::move(*bytes));
    };
    card::RemoteManagementKeys keys;
    OTI_TRY(keys.keys.enc, key(options.ota_kic, "--ota-kic"));
    OTI_TRY(keys.keys.mac, key(options.ota_kid, "--ota-kid"));
    OTI_TRY(keys.keys.dek, key(options.ota_dek, "--ota-dek"));
    auto version = parse_hex(options.ota_version);
    if (!version || version->size() != 1) {
        return fail(ErrorKind::kUsage, "usage.ota_keys",
                    fmt::format("'{}' is no key version", options.ota_version),
                    "give two hexadecimal digits, 01 to 0F");
    }
    keys.version = version->front();
    if (options.ota_key_type != "aes" && options.ota_key_type != "3des") {
        return fail(ErrorKind::kUsage, "usage.key_type",
                    fmt::format("there is no key type '{}'", options.ota_key_type), "use aes or 3des");
    }
    if (options.ota_key_type == "3des") keys.type = card::KeyType::kTripleDes;
    keys.mac_size = static_cast<std::uint8_t>(options.ota_mac);
    return keys;
}

Result<json::object> make(const NewOptions& options, Output& output) {
    crypto::SystemRandom random;
    OTI_TRY(auto profile, profile_of(options));
    OTI_TRY(auto keys, issuer_keys(options, profile.profile));
    auto se_id = options.se_id.empty() ? to_hex(random.bytes(16)) : options.se_id;
    auto identity = card::Personalization::identity_for(se_id);
    OTI_CHECK(take(identity.cplc, options.cplc, "--cplc", kCplc, kCplc));
    OTI_CHECK(take(identity.iin, options.iin, "--iin", kMinNumber, kMaxNumber));
    OTI_CHECK(take(identity.cin, options.cin, "--cin", kMinNumber, kMaxNumber));
    card::Personalization personalization{std::move(keys.keys), keys.version, std::move(identity), keys.type};
    OTI_TRY(personalization.remote, remote_keys(options));
    OTI_TRY(auto file, card::DiskNvmFile::create(options.file));
    auto made = card::SecureElement::create(std::move(file), profile, personalization, random);
    if (!made) {
        std::error_code ignored;
        std::filesystem::remove(options.file, ignored);
        return std::unexpected(std::move(made).error());
    }
    output.say(fmt::format("made the secure element {} ({}) in {}", se_id, options.profile, options.file));
    return json::object{{"se_id", se_id},
                        {"profile", options.profile},
                        {"file", options.file},
                        {"key_version", fmt::format("{:02X}", keys.version)}};
}

Result<json::object> inspect(const std::string& path, Output& output) {
    crypto::SystemRandom random;
    OTI_TRY(auto file, card::DiskNvmFile::open(path));
    OTI_TRY(auto se, card::SecureElement::open(std::move(file), random));
    return inspect_secure_element(se, output);
}

void add_new_options(CLI::App& command, NewOptions& options) {
    command.add_option("FILE", options.file, "its image file")->required();
    command
        .add_option("--profile", options.profile,
                    "what sort: uicc-2014, uicc-2024, ese-2024, legacy-scp02 (weak), or a TOML file")
        ->capture_default_str();
    command.add_option("--id", options.se_id, "its identifier; random if left out");
    command
        .add_option("--key", options.key,
                    "the issuer's key, hexadecimal; the well-known test key if left out")
        ->envname("OTI_KEY");
    command.add_option("--key-enc", options.key_enc, "three keys instead of one: Key-ENC")
        ->envname("OTI_KEY_ENC");
    command.add_option("--key-mac", options.key_mac, "Key-MAC")->envname("OTI_KEY_MAC");
    command.add_option("--key-dek", options.key_dek, "Key-DEK")->envname("OTI_KEY_DEK");
    command.add_option("--key-version", options.key_version,
                       "of the issuer's keys, hexadecimal; 30 if left out, 20 for triple DES");
    command.add_option("--key-type", options.key_type, "aes, or 3des where the profile has SCP02");
    command
        .add_option("--ota-kic", options.ota_kic, "key that enciphers secured packets (SCP80), hexadecimal")
        ->envname("OTI_OTA_KIC");
    command.add_option("--ota-kid", options.ota_kid, "key that authenticates them")->envname("OTI_OTA_KID");
    command.add_option("--ota-dek", options.ota_dek, "key under which they bring keys")
        ->envname("OTI_OTA_DEK");
    command.add_option("--ota-key-version", options.ota_version, "of these three, 01 to 0F")
        ->capture_default_str();
    command.add_option("--ota-key-type", options.ota_key_type, "aes, or 3des for an old profile")
        ->capture_default_str();
    command.add_option("--ota-mac", options.ota_mac, "length of their MACs, 4 or 8")
        ->check(CLI::IsMember({4, 8}))
        ->capture_default_str();
    command.add_option("--cplc", options.cplc, "card production life cycle data, 42 bytes hexadecimal");
    command.add_option("--iin", options.iin, "issuer identification number, hexadecimal");
    command.add_option("--cin", options.cin, "card image number, hexadecimal");
    command.add_option("--scp-i", options.scp_i,
                       "options of the issuer's SCP03, two hexadecimal digits; the profile's if left out");
    command
        .add_option("--capacity", options.capacity, "bytes of memory for content; the profile's if left out")
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 30));
}

}  // namespace

void add_se_commands(Commands& commands) {
    auto& se = commands.noun("se", "the virtual secure element");
    auto options = std::make_shared<NewOptions>();
    auto* make_command = se.add_subcommand("new", "make a virtual secure element");
    add_new_options(*make_command, *options);
    commands.verb(*make_command, [options](Output& output) { return make(*options, output); });

    auto path = std::make_shared<std::string>();
    auto* inspect_command = se.add_subcommand("inspect", "what is in a virtual secure element");
    inspect_command->add_option("FILE", *path, "its image file")->required();
    commands.verb(*inspect_command, [path](Output& output) { return inspect(*path, output); });
}

}  // namespace oti::cli
