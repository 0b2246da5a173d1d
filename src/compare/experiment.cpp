// SPDX-License-Identifier: Apache-2.0
#include "compare/experiment.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "base/plain_toml.h"

namespace oti::compare {
namespace {

constexpr std::size_t kMostRuns = 100'000;

std::unexpected<Error> invalid(std::string why) {
    return fail(ErrorKind::kUsage, "experiment.invalid", "the experiment is invalid: " + why);
}

using Setter = std::function<Status(const toml::node&)>;
struct Member {
    std::string_view name;
    Setter set;
};

/// Gives each member of a table to who knows it; one that nobody knows is an error, since it is misspelt.
Status read_table(const toml::table& table, std::string_view where, const std::vector<Member>& members) {
    for (const auto& [key, value] : table) {
        auto known = std::ranges::find(members, key.str(), &Member::name);
        if (known == members.end()) return invalid(fmt::format("{}nothing is called '{}'", where, key.str()));
        if (auto set = known->set(value); !set) {
            return invalid(fmt::format("{}'{}' {}", where, key.str(), set.error().message));
        }
    }
    return {};
}

std::unexpected<Error> must_be(std::string_view what) {
    return fail(ErrorKind::kUsage, "experiment.invalid", fmt::format("must be {}", what));
}

Setter number_into(double& target, double max, double min = 0) {
    return [&target, min, max](const toml::node& node) -> Status {
        auto value = node.value<double>();
        if (!value || !(*value >= min && *value <= max)) {
            return must_be(fmt::format("a number from {} to {}", min, max));
        }
        target = *value;
        return {};
    };
}

template <typename Integer>
Setter integer_into(Integer& target, std::int64_t min, std::int64_t max) {
    return [&target, min, max](const toml::node& node) -> Status {
        auto value = node.value<std::int64_t>();
        if (!value || *value < min || *value > max) {
            return must_be(fmt::format("a whole number from {} to {}", min, max));
        }
        target = static_cast<Integer>(*value);
        return {};
    };
}

Setter text_into(std::string& target) {
    return [&target](const toml::node& node) -> Status {
        auto value = node.value<std::string>();
        if (!value) return must_be("a text");
        target = *value;
        return {};
    };
}

Setter flag_into(bool& target) {
    return [&target](const toml::node& node) -> Status {
        auto value = node.value_exact<bool>();
        if (!value) return must_be("true or false");
        target = *value;
        return {};
    };
}

Setter list_into(std::vector<std::string>& target) {
    return [&target](const toml::node& node) -> Status {
        auto value = node.value<std::string>();
        if (!value) return must_be("a text with commas");
        target = list_of(*value);
        return {};
    };
}

Setter numbers_into(std::vector<double>& target, double max) {
    return [&target, max](const toml::node& node) -> Status {
        auto text = node.value<std::string>();
        if (!text) return must_be("a text with numbers and commas");
        target.clear();
        for (const auto& part : list_of(*text)) {
            double value = 0;
            auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
            if (error != std::errc() || end != part.data() + part.size() || !(value >= 0 && value <= max)) {
                return must_be(fmt::format("numbers from 0 to {}", max));
            }
            target.push_back(value);
        }
        return {};
    };
}

/// A network of the file's own, made of one that is built in.
Result<Network> read_network(std::string_view name, const toml::table& table) {
    auto base = table["base"].value<std::string>();
    if (!base) return invalid(fmt::format("network.{} has no 'base', a built-in network", name));
    OTI_TRY(auto network, network_named(*base));
    network.name = name;
    network.source = "this experiment";
    std::string ignored;
    constexpr double kHour = 3600;
    OTI_CHECK(read_table(table, fmt::format("network.{}: ", name),
                         {{"base", text_into(ignored)},
                          {"round_trip", number_into(network.round_trip, 60)},
                          {"jitter", number_into(network.jitter, 60)},
                          {"down_bytes_per_second", number_into(network.down_bytes_per_second, 1e12, 1)},
                          {"up_bytes_per_second", number_into(network.up_bytes_per_second, 1e12, 1)},
                          {"loss", number_into(network.loss, 0.9)},
                          {"promotion", number_into(network.promotion, kHour)},
                          {"tail", number_into(network.tail, kHour)},
                          {"cut_every", number_into(network.cut_every, 1e6)},
                          {"outage", number_into(network.outage, kHour)}}));
    return network;
}

}  // namespace

std::vector<std::string> list_of(std::string_view text) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        auto comma = text.find(',');
        auto part = text.substr(0, comma);
        text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
        while (part.starts_with(' ')) part.remove_prefix(1);
        while (part.ends_with(' ')) part.remove_suffix(1);
        if (!part.empty()) parts.emplace_back(part);
    }
    return parts;
}

Experiment Experiment::standard() {
    Experiment experiment;
    experiment.networks = oti::compare::networks();
    experiment.sweep.network = *network_named("4g");
    return experiment;
}

Result<Experiment> Experiment::parse(std::string_view text) {
    if (auto line = first_odd_toml_line(text); line != 0) {
        return invalid(
            fmt::format("line {} is neither a table's name, nor a key with its value, nor a comment", line));
    }
    auto parsed = toml::parse(text);
    if (!parsed) {
        return invalid(
            fmt::format("line {}: {}", parsed.error().source().begin.line, parsed.error().description()));
    }
    auto experiment = standard();
    std::vector<Network> own;
    if (const auto* tables = parsed.table()["network"].as_table()) {
        for (const auto& [name, table] : *tables) {
            if (!table.is_table()) return invalid(fmt::format("network.{} is no table", name.str()));
            OTI_TRY(auto network, read_network(name.str(), *table.as_table()));
            own.push_back(std::move(network));
        }
    }
    auto find_network = [&](std::string_view name) -> Result<Network> {
        auto found = std::ranges::find(own, name, &Network::name);
        return found != own.end() ? *found : network_named(name);
    };
    std::vector<std::string> network_names;
    std::string sweep_network;
    auto& sweep = experiment.sweep;
    auto read_sweep = [&](const toml::node& node) -> Status {
        if (!node.is_table()) return must_be("a table");
        return read_table(*node.as_table(), "sweep: ",
                          {{"element", text_into(sweep.element)},
                           {"network", text_into(sweep_network)},
                           {"sizes_kb", numbers_into(sweep.sizes_kb, 64)},
                           {"round_trips_ms", numbers_into(sweep.round_trips_ms, 60'000)},
                           {"losses", numbers_into(sweep.losses, 0.9)},
                           {"cuts_every_s", numbers_into(sweep.cuts_every_s, 1e6)},
                           {"cut_at_percent", numbers_into(sweep.cut_at_percent, 100)}});
    };
    OTI_CHECK(read_table(
        parsed.table(), "",
        {{"title", text_into(experiment.title)},
         {"seed", integer_into(experiment.seed, 0, std::numeric_limits<std::int64_t>::max())},
         {"runs", integer_into(experiment.runs, 1, kMostRuns)},
         {"applets", list_into(experiment.applets)},
         {"bearers", list_into(experiment.bearers)},
         {"elements", list_into(experiment.elements)},
         {"networks", list_into(network_names)},
         {"paper", flag_into(experiment.paper)},
         {"qualities", flag_into(experiment.qualities)},
         {"network", [](const toml::node& node) { return node.is_table() ? Status{} : must_be("tables"); }},
         {"sweep", read_sweep}}));
    if (!network_names.empty()) experiment.networks.clear();
    for (const auto& name : network_names) {
        OTI_TRY(auto network, find_network(name));
        experiment.networks.push_back(std::move(network));
    }
    if (!sweep_network.empty()) {
        OTI_TRY(sweep.network, find_network(sweep_network));
    }
    return experiment;
}

}  // namespace oti::compare
