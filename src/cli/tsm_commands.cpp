// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "cli/card_connection.h"
#include "cli/remote.h"

namespace oti::cli {
namespace {

constexpr const char* kServer = "OTI_TSM";

struct ImportOptions : RemoteOptions {
    std::string se_id, aid = "A000000151000000", kdf = "none", key, key_enc, key_mac, key_dek;
    int key_version = 0x30;
    std::string msisdn, ota_kic, ota_kid, ota_dek, ota_version = "01";
    std::int64_t ota_counter = 1;
};

/// How the issuer's domain is reached by short messages.
Result<json::object> packets_of(const ImportOptions& options) {
    if (options.ota_kic.empty() || options.ota_kid.empty() || options.ota_dek.empty()) {
        return fail(ErrorKind::kUsage, "key.missing", "no keys for short messages",
                    "give --ota-kic, --ota-kid and --ota-dek with --msisdn");
    }
    OTI_TRY(auto version, parse_key_version(options.ota_version));
    return json::object{{"msisdn", options.msisdn},
                        {"key_version", version.value()},
                        {"next_counter", options.ota_counter},
                        {"keys", options.ota_kic + options.ota_kid + options.ota_dek}};
}

Result<json::object> import_se(const ImportOptions& options, Output& output) {
    auto one = [&](const std::string& own) { return own.empty() ? options.key : own; };
    auto keys = one(options.key_enc) + one(options.key_mac) + one(options.key_dek);
    if (keys.empty()) {
        return fail(ErrorKind::kUsage, "key.missing", "no keys",
                    "give --key, or --key-enc, --key-mac and --key-dek");
    }
    OTI_TRY(auto tsm, Remote::connect(options));
    json::object body{{"se_id", options.se_id},
                      {"aid", options.aid},
                      {"key_version", options.key_version},
                      {"kdf", options.kdf},
                      {"keys", keys}};
    if (!options.msisdn.empty()) {
        OTI_TRY(body["packets"], packets_of(options));
    }
    OTI_CHECK(tsm.call("POST", "/api/v1/secure-elements", std::move(body)));
    output.say("the TSM holds the issuer keys of " + options.se_id);
    return json::object{{"se_id", options.se_id}};
}

}  // namespace

void add_tsm_commands(Commands& commands) {
    auto& se = commands.noun("tsm se", "secure elements whose issuer keys the TSM holds");
    auto import_options = std::make_shared<ImportOptions>();
    auto* import = se.add_subcommand("import", "give the TSM the issuer keys of a secure element");
    add_remote_options(*import, *import_options, kServer);
    import->add_option("--id", import_options->se_id, "identifier of the secure element")->required();
    import->add_option("--aid", import_options->aid, "AID of the issuer's domain")->capture_default_str();
    import->add_option("--key", import_options->key, "one key for all three, hexadecimal")
        ->envname("OTI_KEY");
    import->add_option("--key-enc", import_options->key_enc, "Key-ENC, hexadecimal")->envname("OTI_KEY_ENC");
    import->add_option("--key-mac", import_options->key_mac, "Key-MAC, hexadecimal")->envname("OTI_KEY_MAC");
    import->add_option("--key-dek", import_options->key_dek, "Key-DEK, hexadecimal")->envname("OTI_KEY_DEK");
    import->add_option("--key-version", import_options->key_version, "key version number")
        ->check(CLI::Range(1, 127));
    import->add_option("--kdf", import_options->kdf, "how the card's keys come from these")
        ->check(CLI::IsMember({"none", "visa2", "emv", "kdf3"}))
        ->capture_default_str();
    import->add_option("--msisdn", import_options->msisdn,
                       "telephone number, where it is to be reached by short messages, too");
    import->add_option("--ota-kic", import_options->ota_kic, "key that enciphers packets, hexadecimal")
        ->envname("OTI_OTA_KIC");
    import->add_option("--ota-kid", import_options->ota_kid, "key that authenticates them")
        ->envname("OTI_OTA_KID");
    import->add_option("--ota-dek", import_options->ota_dek, "key under which keys are put")
        ->envname("OTI_OTA_DEK");
    import->add_option("--ota-version", import_options->ota_version, "their version, 01 to 0F")
        ->capture_default_str();
    import->add_option("--ota-counter", import_options->ota_counter, "the packet counter to begin with")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    commands.verb(*import, [import_options](Output& output) { return import_se(*import_options, output); });

    struct ProviderOptions : RemoteOptions {
        std::string name, aid;
    };
    auto provider_options = std::make_shared<ProviderOptions>();
    auto* provider = commands.noun("tsm provider", "service providers")
                         .add_subcommand("add", "allow a provider its domains");
    add_remote_options(*provider, *provider_options, kServer);
    provider->add_option("NAME", provider_options->name, "common name of its certificate")->required();
    provider->add_option("--aid", provider_options->aid, "AID of its security domains")->required();
    commands.verb(*provider, [provider_options](Output& output) -> Result<json::object> {
        const auto& options = *provider_options;
        OTI_TRY(auto tsm, Remote::connect(options));
        OTI_CHECK(tsm.call("POST", "/api/v1/providers",
                           json::object{{"name", options.name}, {"aid", options.aid}}));
        output.say("the provider " + options.name + " may have domains " + options.aid);
        return json::object{{"name", options.name}, {"aid", options.aid}};
    });

    auto& sd = commands.noun("tsm sd", "security domains of providers");
    add_list(commands, "tsm sd", "domains that the TSM has made", kServer, "/api/v1/security-domains",
             "security_domains", {"se_id", "aid", "provider", "state"});

    struct DeleteOptions : RemoteOptions {
        std::string se_id, provider, bearer = "oti";
    };
    auto delete_options = std::make_shared<DeleteOptions>();
    auto* remove = sd.add_subcommand("delete", "delete a provider's domain with all that is in it");
    add_remote_options(*remove, *delete_options, kServer);
    remove->add_option("--se", delete_options->se_id, "identifier of the secure element")->required();
    remove->add_option("--provider", delete_options->provider, "name of the provider")->required();
    remove->add_option("--bearer", delete_options->bearer, "oti, or ota: by short messages")
        ->check(CLI::IsMember({"oti", "ota"}))
        ->capture_default_str();
    commands.verb(*remove, [delete_options](Output& output) -> Result<json::object> {
        const auto& options = *delete_options;
        OTI_TRY(auto tsm, Remote::connect(options));
        auto target =
            fmt::format("/api/v1/security-domains/{}/{}?bearer={}", net::percent_encode(options.se_id),
                        net::percent_encode(options.provider), options.bearer);
        OTI_TRY(auto answer, tsm.call("DELETE", target));
        output.say(fmt::format("the domain of {} on {} is gone", options.provider, options.se_id));
        return answer;
    });
}

}  // namespace oti::cli
