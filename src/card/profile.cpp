// SPDX-License-Identifier: Apache-2.0
#include "card/profile.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "base/plain_toml.h"
#include "card/built_in_profiles.h"

namespace oti::card {
namespace {

std::unexpected<Error> invalid(std::string_view name, std::string_view why) {
    return fail(ErrorKind::kUsage, "profile.invalid",
                fmt::format("the SE profile {} is invalid: {}", name, why));
}

Result<double> number(const toml::table& table, std::string_view profile, std::string_view key, double min,
                      double max) {
    auto value = table[key].value<double>();
    // TOML knows inf and nan, which pass no comparison here.
    if (!value || !(*value >= min && *value <= max)) {
        return invalid(profile, fmt::format("'{}' must be from {} to {}", key, min, max));
    }
    return *value;
}

Result<double> rate(const toml::table& table, std::string_view profile, std::string_view key) {
    return number(table, profile, key, 1, 1e12);
}

Result<std::int64_t> integer(const toml::table& table, std::string_view profile, std::string_view key,
                             std::int64_t min, std::int64_t max) {
    auto value = table[key].value<std::int64_t>();
    if (!value || *value < min || *value > max) {
        return invalid(profile, fmt::format("'{}' must be from {} to {}", key, min, max));
    }
    return *value;
}

Result<cap::Version> parse_version(std::string_view profile, std::string_view text) {
    unsigned major = 0, minor = 0;
    if (std::sscanf(std::string(text).c_str(), "%u.%u", &major, &minor) != 2 || major > 255 || minor > 255) {
        return invalid(profile, "a package version is not like 1.3");
    }
    return cap::Version{static_cast<std::uint8_t>(major), static_cast<std::uint8_t>(minor)};
}

}  // namespace

std::chrono::nanoseconds Pacing::time_of(const Exchange& exchange) const {
    std::chrono::duration<double> line{static_cast<double>(exchange.bytes_in + exchange.bytes_out) /
                                       line_bytes_per_second};
    std::chrono::duration<double> flash{static_cast<double>(exchange.flash_bytes) / flash_bytes_per_second};
    std::chrono::duration<double> crypto{static_cast<double>(exchange.crypto_bytes) /
                                         crypto_bytes_per_second};
    auto overhead = exchange.is_command ? command_overhead : std::chrono::duration<double>{};
    return std::chrono::duration_cast<std::chrono::nanoseconds>(line + flash + crypto + overhead);
}

Result<Profile> Profile::parse(std::string_view name, std::string_view text) {
    if (auto line = first_odd_toml_line(text); line != 0) {
        return invalid(
            name,
            fmt::format("line {} is neither a table's name, nor a key with its value, nor a comment", line));
    }
    auto parsed = toml::parse(text);
    if (!parsed) {
        return invalid(name, fmt::format("line {}: {}", parsed.error().source().begin.line,
                                         parsed.error().description()));
    }
    const toml::table& table = parsed.table();
    Profile profile;
    profile.name = name;
    profile.gp_version = table["gp_version"].value_or(std::string());
    if (profile.gp_version != "2.2.1" && profile.gp_version != "2.3.1") {
        return invalid(name, "'gp_version' must be \"2.2.1\" or \"2.3.1\"");
    }
    OTI_TRY(auto i, integer(table, name, "scp03_i", 0, 0x71));
    if ((i & ~0x71) != 0 || (i & 0x60) == 0x40) {
        return invalid(name, "'scp03_i' must be a parameter i of SCP03 (Amendment D, table 5-1)");
    }
    profile.scp03_i = static_cast<std::uint8_t>(i);
    if (table.contains("scp02_i")) {
        OTI_TRY(auto scp02, integer(table, name, "scp02_i", 0x15, 0x55));
        if (scp02 != 0x15 && scp02 != 0x55) return invalid(name, "'scp02_i' must be 0x15 or 0x55");
        profile.scp02_i = static_cast<std::uint8_t>(scp02);
    }
    if (table.contains("scp11_i")) {
        OTI_TRY(auto scp11, integer(table, name, "scp11_i", 1, 0x7F));
        constexpr std::int64_t kVariants = 0x13, kPossible = kVariants | 0x08 | 0x40;
        if ((scp11 & kVariants) == 0 || (scp11 & ~kPossible) != 0) {
            return invalid(
                name,
                "'scp11_i' must be a parameter i of SCP11 (Amendment F, table 4-1) with a variant, "
                "and without stored keys or authorization rules");
        }
        profile.scp11_i = static_cast<std::uint8_t>(scp11);
    }
    auto protocol = table["protocol"].value_or(std::string());
    if (protocol != "T=0" && protocol != "T=1") return invalid(name, "'protocol' must be \"T=0\" or \"T=1\"");
    profile.protocol = protocol == "T=0" ? Protocol::kT0 : Protocol::kT1;
    OTI_TRY(auto ta1, integer(table, name, "ta1", 0, 0xFF));
    profile.ta1 = static_cast<std::uint8_t>(ta1);
    auto extended = table["extended_length"].value<bool>();
    if (!extended) return invalid(name, "'extended_length' must be true or false");
    profile.extended_length = *extended;
    OTI_TRY(auto max_data,
            integer(table, name, "max_command_data", 64, profile.extended_length ? 65535 : 255));
    profile.max_command_data = static_cast<std::size_t>(max_data);
    OTI_TRY(auto channels, integer(table, name, "logical_channels", 1, kMaxLogicalChannels));
    profile.logical_channels = static_cast<std::size_t>(channels);
    if (table.contains("select_opens_channel")) {
        auto opens = table["select_opens_channel"].value<bool>();
        if (!opens) return invalid(name, "'select_opens_channel' must be true or false");
        profile.select_opens_channel = *opens;
    }
    if (table.contains("toolkit")) {
        auto toolkit = table["toolkit"].value<bool>();
        if (!toolkit) return invalid(name, "'toolkit' must be true or false");
        profile.toolkit = *toolkit;
    }
    if (table.contains("scp81_i")) {
        OTI_TRY(auto scp81, integer(table, name, "scp81_i", 1, 0x7F));
        constexpr std::int64_t kTls12 = 0x04;
        if (scp81 != kTls12 || !profile.toolkit) {
            return invalid(name, "'scp81_i' must be 0x04, which is TLS 1.2, and needs 'toolkit'");
        }
        profile.scp81_i = static_cast<std::uint8_t>(scp81);
    }
    OTI_TRY(auto capacity, integer(table, name, "capacity", 1024, 1 << 30));
    profile.capacity = static_cast<std::uint64_t>(capacity);

    const auto* pacing = table["pacing"].as_table();
    if (pacing == nullptr) return invalid(name, "the table 'pacing' is missing");
    OTI_TRY(profile.pacing.line_bytes_per_second, rate(*pacing, name, "line_bytes_per_second"));
    OTI_TRY(auto overhead, number(*pacing, name, "command_overhead_ms", 0, 60'000));
    profile.pacing.command_overhead = std::chrono::duration<double, std::milli>(overhead);
    OTI_TRY(profile.pacing.flash_bytes_per_second, rate(*pacing, name, "flash_bytes_per_second"));
    OTI_TRY(profile.pacing.crypto_bytes_per_second, rate(*pacing, name, "crypto_bytes_per_second"));

    const auto* packages = table["packages"].as_table();
    if (packages == nullptr) return invalid(name, "the table 'packages' is missing");
    for (const auto& [key, value] : *packages) {
        auto aid = iso7816::Aid::parse(key.str());
        if (!aid) return invalid(name, fmt::format("'{}' is no AID", key.str()));
        OTI_TRY(auto version, parse_version(name, value.value_or(std::string_view())));
        profile.packages.push_back({*aid, version});
    }
    return profile;
}

std::vector<std::string> profile_names() {
    std::vector<std::string> names;
    for (const auto& profile : built_in_profiles()) names.emplace_back(profile.name);
    return names;
}

Result<ProfileSource> load_profile(std::string_view name_or_path) {
    for (const auto& built_in : built_in_profiles()) {
        if (built_in.name != name_or_path) continue;
        OTI_TRY(auto profile, Profile::parse(built_in.name, built_in.toml));
        return ProfileSource{std::move(profile), std::string(built_in.toml)};
    }
    std::filesystem::path path(name_or_path);
    std::ifstream stream(path);
    if (path.extension() != ".toml" || !stream) {
        return fail(ErrorKind::kUsage, "profile.unknown",
                    fmt::format("there is no SE profile '{}'", name_or_path),
                    fmt::format("use {}, or the path of a .toml file", fmt::join(profile_names(), ", ")));
    }
    std::stringstream text;
    text << stream.rdbuf();
    OTI_TRY(auto profile, Profile::parse(path.stem().string(), text.str()));
    return ProfileSource{std::move(profile), text.str()};
}

}  // namespace oti::card
