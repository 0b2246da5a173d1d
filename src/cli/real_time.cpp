// SPDX-License-Identifier: Apache-2.0
#include "cli/real_time.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>

#include "cli/demo_site.h"
#include "cli/shaped_way.h"
#include "compare/bearer.h"
#include "compare/statistics.h"

namespace oti::cli {
namespace {

using compare::Summary;

/// A bearer as the processes know it.
struct RealBearer {
    std::string_view name, binding;
    bool lockstep;
};
constexpr RealBearer kRealBearers[] = {
    {"oti", "stream", false},
    {"oti-lockstep", "stream", true},
    {"seram", "json", false},
};

struct Cell {
    const RealBearer* bearer = nullptr;
    std::string element;
    const compare::Network* network = nullptr;
    std::unique_ptr<ShapedWay> way = {};
    std::optional<Phone> phone = {};
    Summary simulated = {};
};

std::vector<Cell> cells_of(const compare::Experiment& experiment) {
    std::vector<Cell> cells;
    for (const auto& bearer : kRealBearers) {
        if (std::ranges::find(experiment.bearers, bearer.name) == experiment.bearers.end()) continue;
        for (const auto& element : experiment.elements) {
            for (const auto& network : experiment.networks) cells.push_back({&bearer, element, &network});
        }
    }
    return cells;
}

Result<Summary> simulate(const Cell& cell, const compare::Applet& applet,
                         const compare::Experiment& experiment) {
    compare::SeededRandom random(experiment.seed, cell.element);
    OTI_TRY(auto subject, compare::Subject::create(cell.element, random));
    OTI_TRY(auto bearer, compare::make_bearer(cell.bearer->name));
    std::vector<double> seconds;
    for (std::size_t run = 0; run < experiment.runs; ++run) {
        OTI_TRY(auto outcome, bearer->install({.subject = subject,
                                               .applet = applet,
                                               .network = *cell.network,
                                               .seed = experiment.seed,
                                               .name = fmt::format("real time/{}", run)}));
        if (!outcome.completed)
            return fail(ErrorKind::kInternal, outcome.error, "the simulation did not complete");
        seconds.push_back(compare::in_seconds(outcome.duration));
    }
    return compare::summarize(seconds);
}

struct RealRuns {
    Summary seconds;  ///< of those that were completed
    std::size_t failures = 0;
    Error last = {};
};

/// The domain is there and has the provider's keys; the installations alone are measured, and cut.
Result<RealRuns> measure(Site& site, const Cell& cell, const std::string& version, std::size_t runs) {
    Output quiet(true, nullptr);
    OTI_TRY(auto provider, site.ask_provider());
    std::vector<double> seconds;
    RealRuns result;
    for (std::size_t run = 0; run < runs; ++run) {
        OTI_CHECK(site.run_job(provider, *cell.phone, "delete", "", false, quiet));
        auto begin = std::chrono::steady_clock::now();
        cell.way->let_cut(true);
        auto measured = site.run_job(provider, *cell.phone, "install", version, cell.bearer->lockstep, quiet);
        cell.way->let_cut(false);
        std::chrono::duration<double> whole = std::chrono::steady_clock::now() - begin;
        if (!measured) {
            ++result.failures;
            result.last = measured.error();
            continue;
        }
        // A job tells the time of its last session; where it may have had more, they count.
        seconds.push_back(cell.network->cut_every > 0 ? whole.count() : measured->seconds);
    }
    if (seconds.empty()) return std::unexpected(result.last);
    result.seconds = compare::summarize(seconds);
    return result;
}

json::object to_json(const Summary& summary) {
    return {{"seconds", summary.mean}, {"deviation", summary.deviation}};
}

json::object name_of(const Cell& cell, std::size_t runs) {
    return {{"bearer", cell.bearer->name},
            {"element", cell.element},
            {"network", cell.network->name},
            {"runs", runs}};
}

/// A cell that did not come to an end, while others do.
json::object say_failed(const Cell& cell, const Error& why, std::size_t runs, Output& output) {
    output.say(fmt::format("  {:15} {:11} {:12} failed: {}", cell.bearer->name, cell.element,
                           cell.network->name, why.message));
    auto object = name_of(cell, runs);
    object["error"] = why.code;
    return object;
}

json::object say(const Cell& cell, const RealRuns& result, std::size_t runs, Output& output) {
    const auto& measured = result.seconds;
    const auto& simulated = cell.simulated;
    auto seconds = measured.mean - simulated.mean, share = measured.mean / simulated.mean - 1;
    output.say(fmt::format("  {:15} {:11} {:12} {:9.3f} ± {:5.3f} {:9.3f} ± {:5.3f} {:+8.3f} s {:+6.1f} %",
                           cell.bearer->name, cell.element, cell.network->name, measured.mean,
                           measured.deviation, simulated.mean, simulated.deviation, seconds, share * 100));
    if (result.failures > 0) {
        output.say(fmt::format("  {:15} {} of {} failed, the last one: {}", "", result.failures, runs,
                               result.last.message));
    }
    auto object = name_of(cell, runs);
    object["real"] = to_json(measured);
    object["virtual"] = to_json(simulated);
    object["difference_seconds"] = seconds;
    object["difference"] = share;
    object["failures"] = result.failures;
    return object;
}

}  // namespace

Result<json::array> compare_with_real_time(const compare::Experiment& experiment, Output& output,
                                           std::filesystem::path program) {
    // This process moves to the servers' network: what it starts is there, and it can ask them.
    OTI_TRY(auto servers, NetworkNamespace::create());
    OTI_TRY(auto stay, servers.enter());
    auto cells = cells_of(experiment);
    for (std::uint16_t number = 0; auto& cell : cells) {
        OTI_TRY(cell.way, ShapedWay::open(*cell.network, number++, experiment.seed));
    }

    if (experiment.applets.empty())
        return fail(ErrorKind::kUsage, "experiment.invalid", "there is no applet to install");
    const auto& path = experiment.applets.front();
    OTI_TRY(auto applet, compare::read_applet(path));
    for (auto& cell : cells) {
        OTI_TRY(cell.simulated, simulate(cell, applet, experiment));
    }
    OTI_TRY(auto site, Site::create({path, ""}, std::move(program),
                                    SiteOptions{.address = std::string(ShapedWay::kServers)}));
    for (std::size_t number = 0; auto& cell : cells) {
        output.progress(number, cells.size(), "phones are made");
        OTI_TRY(cell.phone, site->add_phone({.name = fmt::format("phone-{}", number++),
                                             .profile = cell.element,
                                             .binding = std::string(cell.bearer->binding),
                                             .network = &cell.way->phone()}));
    }
    // All at once: the time goes by in secure elements and on the way.
    auto version = fmt::format("{}.{}", applet.application.version.major, applet.application.version.minor);
    std::vector<std::future<Result<RealRuns>>> measurements;
    measurements.reserve(cells.size());
    for (const auto& cell : cells) {
        measurements.push_back(
            std::async(std::launch::async, [&] { return measure(*site, cell, version, experiment.runs); }));
    }
    json::array comparisons;
    output.say("  bearer          SE          network               real             virtual  difference");
    for (std::size_t number = 0; auto& measurement : measurements) {
        auto measured = measurement.get();
        const auto& cell = cells[number++];
        comparisons.emplace_back(measured ? say(cell, *measured, experiment.runs, output)
                                          : say_failed(cell, measured.error(), experiment.runs, output));
    }
    return comparisons;
}

}  // namespace oti::cli
