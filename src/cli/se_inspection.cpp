// SPDX-License-Identifier: Apache-2.0
#include "cli/se_inspection.h"

#include <fmt/format.h>

#include "base/hex.h"
#include "card/channel_options.h"
#include "cli/card_tree.h"
#include "globalplatform/key_information.h"
#include "globalplatform/names.h"

namespace oti::cli {
namespace {

namespace gp = globalplatform;

gp::Privileges privileges_of(const card::Application& entry) {
    auto bits = entry.privileges.bits();
    return {static_cast<std::uint8_t>(bits >> 16), static_cast<std::uint8_t>(bits >> 8),
            static_cast<std::uint8_t>(bits)};
}

gp::ApplicationEntry as_seen(const card::Application& entry) {
    return {entry.aid,
            entry.life_cycle,
            privileges_of(entry),
            entry.load_file,
            entry.security_domain,
            {entry.implicit_selections.begin(), entry.implicit_selections.end()}};
}

/// The registry as the issuer's domain would tell it.
gp::Registry as_seen(const card::Registry& registry) {
    constexpr std::uint8_t kLoaded = 0x01;
    gp::Registry seen;
    for (const auto& entry : registry.applications()) {
        auto application = as_seen(entry);
        if (entry.is_issuer_domain()) {
            application.life_cycle = registry.card_state();
            seen.issuer_domain = application;
        } else {
            seen.applications.push_back(application);
        }
    }
    for (const auto& file : registry.load_files()) {
        seen.load_files.push_back({file.aid, kLoaded,
                                   gp::PackageVersion{file.version.major, file.version.minor}, file.modules,
                                   file.security_domain});
    }
    return seen;
}

/// Of a key everything but its value.
gp::KeyInformation describe(const card::StoredKey& key) {
    gp::KeyInformation information{key.place.id, key.place.version, {}, {}, {}};
    for (const auto& component : key.components) {
        gp::KeyComponentInformation part{
            static_cast<std::uint8_t>(component.type), component.value.size(), {}};
        if (component.type == card::KeyType::kEcParameters) {
            part.length = 0;
            part.parameters_reference = component.value.view(crypto::SecretAccess::granted()).front();
        }
        information.components.push_back(part);
    }
    return information;
}

std::string channels_of(const card::ChannelOptions& options) {
    std::string text;
    auto add = [&](std::string_view name, std::optional<std::uint8_t> i) {
        if (i) text += fmt::format("{}{} i={:02X}", text.empty() ? "" : ", ", name, *i);
    };
    add("SCP02", options.scp02_i);
    add("SCP03", options.scp03_i);
    add("SCP11", options.scp11_i);
    return text.empty() ? "none" : text;
}

json::array inspect_keys(const card::SecureElement& se, const card::Application& domain, Output& output) {
    json::array keys;
    for (auto version : se.keys().versions(domain.aid)) {
        auto counter = se.keys().sequence_counter(domain.aid, version);
        auto purpose = gp::key_version_purpose(version);
        std::string line =
            fmt::format("    keys {:02X}{}", version, purpose.empty() ? "" : " (" + purpose + ")");
        if (se.keys().find_set(domain.aid, version)) line += fmt::format(", sequence counter {}", counter);
        output.say(line);
        for (auto place : se.keys().places(domain.aid)) {
            if (place.version != version) continue;
            auto information = describe(*se.keys().find(domain.aid, place));
            auto text = gp::describe(information);
            output.say(fmt::format("      {:02X}  {}", place.id, text));
            json::array lengths;
            for (const auto& part : information.components) lengths.emplace_back(part.length);
            keys.emplace_back(json::object{{"version", fmt::format("{:02X}", version)},
                                           {"id", fmt::format("{:02X}", place.id)},
                                           {"type", text},
                                           {"component_lengths", std::move(lengths)},
                                           {"sequence_counter", counter}});
        }
    }
    return keys;
}

json::array inspect_applications(const card::SecureElement& se, Output& output) {
    json::array applications;
    for (const auto& entry : se.registry().applications()) {
        json::array versions;
        for (auto version : se.keys().versions(entry.aid))
            versions.emplace_back(fmt::format("{:02X}", version));
        auto used = se.bytes_used_by(entry.aid);
        json::object object{{"aid", entry.aid.hex()},
                            {"security_domain", entry.security_domain.hex()},
                            {"load_file", entry.load_file.hex()},
                            {"life_cycle", fmt::format("{:02X}", entry.life_cycle)},
                            {"privileges", fmt::format("{:06X}", entry.privileges.bits())},
                            {"key_versions", std::move(versions)},
                            {"bytes_used", used}};
        if (auto quota = entry.memory.nonvolatile_quota) object["bytes_quota"] = *quota;
        if (entry.is_security_domain()) {
            auto channels = channels_of(card::channel_options(se.profile(), entry));
            auto quota = entry.memory.nonvolatile_quota;
            output.say(fmt::format("  domain {}: {}{} bytes used, {}", entry.aid.hex(), used,
                                   quota ? fmt::format(" of {}", *quota) : "", channels));
            object["secure_channels"] = channels;
            object["keys"] = inspect_keys(se, entry, output);
        }
        applications.emplace_back(std::move(object));
    }
    return applications;
}

json::array describe_load_files(const card::SecureElement& se) {
    json::array load_files;
    for (const auto& entry : se.registry().load_files()) {
        load_files.emplace_back(
            json::object{{"aid", entry.aid.hex()},
                         {"version", fmt::format("{}.{}", entry.version.major, entry.version.minor)},
                         {"security_domain", entry.security_domain.hex()},
                         {"preloaded", entry.preloaded},
                         {"bytes_used", se.bytes_used_by(entry.aid)}});
    }
    return load_files;
}

}  // namespace

json::object inspect_secure_element(const card::SecureElement& se, Output& output) {
    const auto& identity = se.identity();
    const auto& profile = se.profile();
    output.say(fmt::format("secure element {}", identity.se_id));
    output.say(fmt::format("  profile {}: GlobalPlatform {}, {}, {} logical channels", profile.name,
                           profile.gp_version, profile.protocol == card::Protocol::kT0 ? "T=0" : "T=1",
                           profile.logical_channels));
    output.say(fmt::format("  memory: {} of {} bytes used, {} free", se.bytes_used(), profile.capacity,
                           se.bytes_free()));
    output.say(fmt::format("  IIN {}, CIN {}", to_hex(identity.iin), to_hex(identity.cin)));
    output.say(fmt::format("  CPLC {}", to_hex(identity.cplc)));
    output.say("registry");
    auto issuer = se.registry().issuer();
    for (const auto& line : card_tree(as_seen(se.registry()), issuer)) output.say("  " + line);
    output.say("memory, channels and keys");
    auto applications = inspect_applications(se, output);
    return json::object{{"se_id", identity.se_id},
                        {"profile", profile.name},
                        {"gp_version", profile.gp_version},
                        {"logical_channels", profile.logical_channels},
                        {"iin", to_hex(identity.iin)},
                        {"cin", to_hex(identity.cin)},
                        {"cplc", to_hex(identity.cplc)},
                        {"card_life_cycle", gp::card_life_cycle(se.registry().card_state())},
                        {"issuer_domain", issuer.hex()},
                        {"bytes_used", se.bytes_used()},
                        {"bytes_free", se.bytes_free()},
                        {"capacity", profile.capacity},
                        {"applications", std::move(applications)},
                        {"load_files", describe_load_files(se)}};
}

}  // namespace oti::cli
