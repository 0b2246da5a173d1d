// SPDX-License-Identifier: Apache-2.0
#include "cli/real_time.h"

#include <fmt/format.h>

#include <cmath>
#include <future>

#include "cli/demo_site.h"
#include "compare/bearer.h"

namespace oti::cli {
namespace {

using std::chrono::milliseconds;

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

struct Pair {
    const RealBearer* bearer = nullptr;
    std::string element;
    milliseconds round_trip{};
    std::optional<Phone> phone;
    std::future<Result<Measured>> real;
};

/// The domain is there and has the provider's keys; the installation alone is measured.
Result<Measured> measure(Site& site, Phone& phone, const std::string& version, bool lockstep) {
    Output quiet(true, nullptr);
    OTI_TRY(auto provider, site.ask_provider());
    OTI_CHECK(site.run_job(provider, phone, "delete", "", false, quiet));
    return site.run_job(provider, phone, "install", version, lockstep, quiet);
}

Result<double> in_virtual_time(const Pair& pair, const compare::Applet& applet, std::uint64_t seed) {
    constexpr double kFast = 1e9;
    compare::Network network{.name = "relay",
                             .round_trip = std::chrono::duration<double>(pair.round_trip).count(),
                             .down_bytes_per_second = kFast,
                             .up_bytes_per_second = kFast};
    compare::SeededRandom random(seed);
    OTI_TRY(auto subject, compare::Subject::create(pair.element, random));
    OTI_TRY(auto bearer, compare::make_bearer(pair.bearer->name));
    OTI_TRY(auto outcome,
            bearer->install({.subject = subject, .applet = applet, .network = network, .seed = seed}));
    if (!outcome.completed)
        return fail(ErrorKind::kInternal, outcome.error, "the simulation did not complete");
    return compare::in_seconds(outcome.duration);
}

}  // namespace

Result<json::array> compare_with_real_time(const compare::Experiment& experiment, Output& output,
                                           std::filesystem::path program) {
    const auto& path = experiment.applets.front();
    OTI_TRY(auto applet, compare::read_applet(path));
    auto version = fmt::format("{}.{}", applet.application.version.major, applet.application.version.minor);
    OTI_TRY(auto site, Site::create({path, ""}, std::move(program)));
    std::vector<Pair> pairs;
    for (const auto& bearer : kRealBearers) {
        if (std::ranges::find(experiment.bearers, bearer.name) == experiment.bearers.end()) continue;
        for (const auto& element : experiment.elements) {
            for (const auto& network : experiment.networks) {
                auto round_trip = milliseconds(std::lround(network.round_trip * 1000));
                auto name = fmt::format("{}-{}-{}", bearer.name, pairs.size(), round_trip.count());
                OTI_TRY(auto phone,
                        site->add_phone({name, element, round_trip, std::string(bearer.binding)}));
                pairs.push_back({&bearer, element, round_trip, std::move(phone), {}});
            }
        }
    }
    // All at once: the time goes by in secure elements and on the way.
    for (auto& pair : pairs) {
        pair.real = std::async(std::launch::async, [&site, &pair, &version] {
            return measure(*site, *pair.phone, version, pair.bearer->lockstep);
        });
    }
    json::array comparisons;
    output.say("  bearer          SE          round trip       real    virtual  difference");
    for (auto& pair : pairs) {
        OTI_TRY(auto real, pair.real.get());
        OTI_TRY(auto simulated, in_virtual_time(pair, applet, experiment.seed));
        auto difference = real.seconds / simulated - 1;
        output.say(fmt::format("  {:15} {:11} {:7} ms {:8.3f} s {:8.3f} s {:+9.1f} %", pair.bearer->name,
                               pair.element, pair.round_trip.count(), real.seconds, simulated,
                               difference * 100));
        comparisons.emplace_back(json::object{{"bearer", pair.bearer->name},
                                              {"element", pair.element},
                                              {"round_trip_ms", pair.round_trip.count()},
                                              {"real", real.seconds},
                                              {"virtual", simulated},
                                              {"difference", difference},
                                              {"real_round_trips", real.round_trips}});
    }
    return comparisons;
}

}  // namespace oti::cli
