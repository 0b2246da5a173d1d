// SPDX-License-Identifier: Apache-2.0
// put-key and delete-key.
#include <fmt/format.h>

#include "cli/card_commands.h"
#include "cli/card_work.h"
#include "cli/files.h"
#include "crypto/public_key.h"
#include "globalplatform/commands.h"
#include "globalplatform/key_information.h"
#include "globalplatform/put_key.h"

namespace oti::cli {
namespace {

namespace gp = globalplatform;
using crypto::SecretBytes;

constexpr std::uint8_t kScp02 = 0x02;

struct PutOptions : CardOptions {
    std::string new_key, new_enc, new_mac, new_dek, new_kdf = "none", single, pem;
    std::string new_version, identifier = "01", type;
    bool replace = false;
};

/// AES where the channel is SCP03, triple DES where it is SCP02, unless the type is named.
Result<gp::NewKey> symmetric(const SecretBytes& key, const PutOptions& options, std::uint8_t protocol) {
    if (options.type == "psk") return gp::NewKey::psk(key);
    if (options.type != "" && options.type != "aes" && options.type != "3des")
        return fail(ErrorKind::kUsage, "usage.key_type", "there is no key type '" + options.type + "'",
                    "use aes, 3des, or psk for a pre-shared key of TLS");
    bool des = options.type.empty() ? protocol == kScp02 : options.type == "3des";
    return des ? gp::NewKey::des(key) : gp::NewKey::aes(key);
}

/// A public key; or a private one of a curve, such as a domain has for SCP11.
Result<gp::NewKey> key_in(const std::string& path) {
    OTI_TRY(auto text, read_text(path));
    if (text.contains("PRIVATE KEY")) {
        OTI_TRY(auto key, read_private_key(path));
        if (auto curve = key.curve())
            return gp::NewKey::ec_private(key.number(), static_cast<std::uint8_t>(*curve));
        return fail(ErrorKind::kUsage, "usage.key_type",
                    path + " is a private RSA key, which cards do not take here",
                    "give the public key, or a key of an elliptic curve");
    }
    OTI_TRY(auto key, read_public_key(path));
    if (auto curve = key.curve())
        return gp::NewKey::ec_public(key.point(), static_cast<std::uint8_t>(*curve));
    return gp::NewKey::rsa_public(key.modulus(), key.exponent());
}

/// The keys in the order of their identifiers: one, or the three of a secure channel.
Result<std::vector<gp::NewKey>> new_keys(const PutOptions& options, const manager::ChannelOffer& offer) {
    std::vector<gp::NewKey> keys;
    bool channel_keys = !options.new_key.empty() || !options.new_enc.empty();
    if (channel_keys + !options.single.empty() + !options.pem.empty() != 1) {
        return fail(ErrorKind::kUsage, "usage.new_key", "which key is to be put is not clear",
                    "give --new-key (or --new-key-enc, -mac, -dek) for a secure channel, --single for one "
                    "symmetric key, or --pem for a public key");
    }
    if (!options.pem.empty()) {
        OTI_TRY(auto key, key_in(options.pem));
        keys.push_back(std::move(key));
        return keys;
    }
    if (!options.single.empty()) {
        OTI_TRY(auto bytes, parse_key(options.single, "the new key"));
        OTI_TRY(auto key, symmetric(bytes, options, offer.protocol));
        keys.push_back(std::move(key));
        return keys;
    }
    CardOptions fresh;
    fresh.key = options.new_key;
    fresh.key_enc = options.new_enc;
    fresh.key_mac = options.new_mac;
    fresh.key_dek = options.new_dek;
    fresh.kdf = options.new_kdf;
    OTI_TRY(auto masters, keys_of(fresh, false));
    OTI_TRY(auto set, scp::diversify(masters.keys, masters.diversification, offer.key_diversification_data));
    for (const auto* bytes : {&set.enc, &set.mac, &set.dek}) {
        OTI_TRY(auto key, symmetric(*bytes, options, offer.protocol));
        keys.push_back(std::move(key));
    }
    return keys;
}

/// What the domain says of its keys; nothing where it does not.
Result<std::optional<std::vector<gp::KeyInformation>>> known_keys(manager::CardSession& session) {
    OTI_TRY(auto data, session.read_data(0xE0));
    if (!data) return std::nullopt;
    auto keys = gp::parse_key_information(*data);
    return keys ? std::optional(std::move(*keys)) : std::nullopt;
}

bool has_version(const std::vector<gp::KeyInformation>& keys, scp::KeyVersion version) {
    return std::ranges::any_of(keys, [&](const auto& key) { return key.version == version.value(); });
}

/// `first`: the identifier of the first of the keys that are put.
Status check_version(const std::optional<std::vector<gp::KeyInformation>>& known, scp::KeyVersion version,
                     std::uint8_t first, std::size_t count, bool replace) {
    if (!known) return {};
    bool there = std::ranges::any_of(*known, [&](const auto& key) {
        return key.version == version.value() && key.identifier >= first && key.identifier < first + count;
    });
    if (there && !replace) {
        return fail(ErrorKind::kPolicy, "card.key_exists",
                    fmt::format("the domain has such keys of version {:02X}", version.value()),
                    "replace them with --replace, or choose another --new-key-version");
    }
    if (!there && replace) {
        return fail(ErrorKind::kPolicy, "card.no_key",
                    fmt::format("the domain has no such keys of version {:02X} to replace", version.value()),
                    "add them without --replace");
    }
    return {};
}

CardWork::Check confirms(Bytes expected) {
    return [expected = std::move(expected)](BytesView response) -> Status {
        // Some cards answer with nothing, or with the version only (2.1.1).
        bool fits = response.size() <= 1 || same(response, expected) ||
                    (response.size() <= expected.size() &&
                     same(response, BytesView(expected).first(response.size())));
        if (fits) return {};
        return fail(ErrorKind::kCard, "card.key_check", "the card confirms another key than was sent",
                    "do not lose the old key: try both");
    };
}

Result<json::object> put(const PutOptions& options, Output& output) {
    OTI_TRY(auto version, parse_key_version(options.new_version));
    OTI_TRY(auto identifier, parse_key_version(options.identifier));
    OTI_TRY(auto card, open_domain(options));
    auto& session = card.session;
    OTI_TRY(auto keys, new_keys(options, session.offer()));
    OTI_TRY(auto known, known_keys(session));
    // The factory's keys (FF) are replaced by the first ones that come, whatever is said (7.5).
    bool initial = session.offer().key_version == 0xFF;
    if (!initial) OTI_CHECK(check_version(known, version, identifier.value(), keys.size(), options.replace));
    auto replaced = options.replace ? version : scp::KeyVersion(0);
    OTI_TRY(auto command, gp::put_keys(replaced, version, identifier.value(), keys, session.channel()));
    CardWork work;
    if (options.replace && version.value() == session.offer().key_version)
        work.note("the keys of this very session are replaced: note the new ones before");
    if (initial) work.note("the card's initial keys (version FF) are gone afterwards");
    work.add_key(std::move(command.command), fmt::format("put the keys of version {:02X}", version.value()),
                 confirms(std::move(command.expected_response)));
    OTI_TRY(auto result, work.run(session, options, output));
    result["key_version"] = fmt::format("{:02X}", version.value());
    if (!options.dry_run)
        output.say(fmt::format("{} {} key{} of version {:02X}", options.replace ? "replaced" : "added",
                               keys.size(), keys.size() == 1 ? "" : "s", version.value()));
    return result;
}

struct DeleteOptions : CardOptions {
    std::string version, identifier;
};

Result<json::object> remove(const DeleteOptions& options, Output& output) {
    std::optional<scp::KeyVersion> version;
    std::optional<std::uint8_t> identifier;
    if (!options.version.empty()) {
        OTI_TRY(version, parse_key_version(options.version));
    }
    if (!options.identifier.empty()) {
        OTI_TRY(auto number, parse_key_version(options.identifier));
        identifier = number.value();
    }
    if (!version && !identifier)
        return fail(ErrorKind::kUsage, "usage.key_version", "which key is meant is not clear",
                    "give its version, --id, or both");
    OTI_TRY(auto card, open_domain(options));
    OTI_TRY(auto known, known_keys(card.session));
    if (version && known && !has_version(*known, *version)) {
        return fail(ErrorKind::kPolicy, "card.no_key",
                    fmt::format("the domain has no keys of version {:02X}", version->value()),
                    "'oti card info' shows what it has");
    }
    auto own = version && version->value() == card.session.offer().key_version;
    if (own && !options.force) {
        return fail(ErrorKind::kPolicy, "card.own_key",
                    "these are the keys of this very session: without them the domain may be lost",
                    "open the domain with other keys, or insist with --force");
    }
    CardWork work;
    work.add(gp::delete_key(version, identifier),
             version ? fmt::format("delete the keys of version {:02X}", version->value()) : "delete keys");
    OTI_TRY(auto result, work.run(card.session, options, output));
    if (!options.dry_run) output.say("deleted");
    return result;
}

}  // namespace

void add_card_key_commands(Commands& commands) {
    auto put_options = std::make_shared<PutOptions>();
    auto& put_command = add_card_verb(commands, "put-key", "add keys to a security domain, or replace them",
                                      put_options, put);
    put_command.add_option("--new-key", put_options->new_key,
                           "for a secure channel, where its three keys are one; hexadecimal");
    put_command.add_option("--new-key-enc", put_options->new_enc, "its Key-ENC");
    put_command.add_option("--new-key-mac", put_options->new_mac, "its Key-MAC");
    put_command.add_option("--new-key-dek", put_options->new_dek, "its Key-DEK");
    put_command
        .add_option("--new-kdf", put_options->new_kdf, "derive them for this card: none, visa2, emv, kdf3")
        ->capture_default_str();
    put_command.add_option("--single", put_options->single, "one symmetric key, such as for tokens or DAP");
    put_command.add_option("--pem", put_options->pem,
                           "a public key or certificate, RSA or EC; or a private EC key");
    put_command.add_option("--new-key-version", put_options->new_version, "hexadecimal, 01 to 7F")
        ->required();
    put_command.add_option("--id", put_options->identifier, "identifier of the first key, hexadecimal")
        ->capture_default_str();
    put_command.add_option("--type", put_options->type,
                           "aes, 3des or psk (SCP81); what the secure channel uses if left out");
    put_command.add_flag("--replace", put_options->replace, "replace the keys of this version");
    add_card_options(put_command, *put_options);
    add_dry_run_option(put_command, *put_options);

    auto delete_options = std::make_shared<DeleteOptions>();
    auto& delete_command =
        add_card_verb(commands, "delete-key", "delete keys of a security domain", delete_options, remove);
    delete_command.add_option("VERSION", delete_options->version, "of the keys, hexadecimal");
    delete_command.add_option("--id", delete_options->identifier, "only the key with this identifier");
    add_card_options(delete_command, *delete_options);
    add_dry_run_option(delete_command, *delete_options);
}

}  // namespace oti::cli
