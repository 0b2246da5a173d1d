// SPDX-License-Identifier: Apache-2.0
#include "compare/measurement.h"

#include <fmt/format.h>

#include <algorithm>

namespace oti::compare {
namespace {

constexpr std::string_view kPaperElement = "uicc-2014", kPaperNetwork = "paper-3g";
constexpr double kKilobyte = 1024;

}  // namespace

std::string_view name_of(Part part) {
    switch (part) {
        case Part::kGrid:
            return "grid";
        case Part::kPaper:
            return "paper";
        case Part::kSize:
            return "size_kb";
        case Part::kRoundTrip:
            return "round_trip_ms";
        case Part::kLoss:
            return "loss";
        case Part::kCut:
            return "cut_every_s";
        case Part::kInterrupted:
            return "cut_at_percent";
    }
    return "";
}

Status Measurement::run(const OnProgress& on_progress) {
    for (const auto& name : experiment_.bearers) {
        OTI_TRY(bearers_[name], make_bearer(name));
    }
    OTI_CHECK(plan());
    std::size_t done = 0;
    for (auto& each : plans_) {
        const auto& cell = each.cell;
        if (on_progress) {
            on_progress(done, plans_.size(),
                        fmt::format("{} {} {}", cell.bearer, cell.element, cell.network.name));
        }
        OTI_CHECK(measure(each));
        cells_.push_back(each.cell);
        ++done;
    }
    return experiment_.qualities ? examine() : Status{};
}

/// The bearers' other qualities, where the sweeps are.
Status Measurement::examine() {
    const auto& sweep = experiment_.sweep;
    OTI_TRY(const auto* subject, this->subject(sweep.element));
    for (const auto& name : experiment_.bearers) {
        OTI_TRY(auto found,
                qualities_of(*bearers_[name], *subject, *applets_.front(), sweep.network, experiment_.seed));
        std::ranges::move(found, std::back_inserter(qualities_));
    }
    return {};
}

Status Measurement::plan() {
    for (const auto& path : experiment_.applets) {
        OTI_TRY(auto applet, read_applet(path));
        applets_.push_back(std::make_unique<Applet>(std::move(applet)));
    }
    if (applets_.empty())
        return fail(ErrorKind::kUsage, "experiment.invalid", "there is no applet to install");
    OTI_CHECK(plan_grid());
    OTI_CHECK(plan_sweep());
    if (experiment_.paper) OTI_CHECK(plan_paper());
    return {};
}

void Measurement::add(Cell cell, std::string_view bearer, const Applet& applet) {
    cell.bearer = bearer;
    cell.title = bearers_.find(bearer)->second->title();
    cell.applet = applet.name;
    cell.applet_bytes = applet.size();
    plans_.push_back({std::move(cell), &applet});
}

Status Measurement::plan_grid() {
    for (std::size_t n = 0; n < experiment_.applets.size(); ++n) {
        for (const auto& element : experiment_.elements) {
            for (const auto& network : experiment_.networks) {
                for (const auto& bearer : experiment_.bearers) {
                    add({.element = element, .network = network}, bearer, *applets_[n]);
                }
            }
        }
    }
    return {};
}

Status Measurement::plan_sweep() {
    const auto& sweep = experiment_.sweep;
    auto vary = [&](Part part, const std::vector<double>& values, auto change) {
        for (auto x : values) {
            for (const auto& bearer : experiment_.bearers) {
                Cell cell{.part = part, .x = x, .element = sweep.element, .network = sweep.network};
                change(cell.network, x);
                add(std::move(cell), bearer, *applets_.front());
            }
        }
    };
    vary(Part::kRoundTrip, sweep.round_trips_ms, [](Network& network, double x) {
        network.jitter = network.round_trip > 0 ? network.jitter / network.round_trip * x / 1000 : 0;
        network.round_trip = x / 1000;
    });
    vary(Part::kLoss, sweep.losses, [](Network& network, double x) { network.loss = x; });
    vary(Part::kCut, sweep.cuts_every_s, [](Network& network, double x) { network.cut_every = x; });
    vary(Part::kInterrupted, sweep.cut_at_percent, [](Network&, double) {});
    const auto& smallest = *applets_[static_cast<std::size_t>(
        std::ranges::min_element(applets_, {}, [](const auto& each) { return each->size(); }) -
        applets_.begin())];
    for (auto x : sweep.sizes_kb) {
        OTI_TRY(auto applet, grown(smallest, static_cast<std::size_t>(x * kKilobyte)));
        applets_.push_back(std::make_unique<Applet>(std::move(applet)));
        for (const auto& bearer : experiment_.bearers) {
            add({.part = Part::kSize, .x = x, .element = sweep.element, .network = sweep.network}, bearer,
                *applets_.back());
        }
    }
    return {};
}

/// The paper's card, network and applet: driven as in the paper, and as we do it.
Status Measurement::plan_paper() {
    OTI_TRY(auto network, network_named(kPaperNetwork));
    auto by = [&](auto fits) -> const Applet* {
        auto found = std::ranges::find_if(applets_, [&](const auto& each) { return fits(each->size()); });
        return found == applets_.end() ? nullptr : found->get();
    };
    const auto* applet =
        by([](std::size_t size) { return size >= kPaperApplet && size < kPaperApplet + kPaperApplet / 32; });
    if (applet == nullptr) {
        const auto* small = by([](std::size_t size) { return size < kPaperApplet; });
        if (small == nullptr) {
            return fail(ErrorKind::kUsage, "experiment.invalid",
                        "the paper's applet has 9 KB, and all of these have more",
                        "name a smaller one among the applets, or leave the paper out: paper = false");
        }
        OTI_TRY(auto larger, grown(*small, kPaperApplet));
        applets_.push_back(std::make_unique<Applet>(std::move(larger)));
        applet = applets_.back().get();
    }
    for (auto procedure : {Procedure::kBare, Procedure::kSession}) {
        for (const auto& bearer : experiment_.bearers) {
            add({.part = Part::kPaper,
                 .element = std::string(kPaperElement),
                 .network = network,
                 .procedure = procedure},
                bearer, *applet);
        }
    }
    return {};
}

Result<const Subject*> Measurement::subject(const std::string& profile) {
    auto found = subjects_.find(profile);
    if (found == subjects_.end()) {
        SeededRandom random(experiment_.seed, profile);
        OTI_TRY(auto made, Subject::create(profile, random));
        found = subjects_.emplace(profile, std::move(made)).first;
    }
    return &found->second;
}

/// How long an installation takes that nothing happens to.
Result<Time> Measurement::undisturbed(const Plan& plan, const Bearer& bearer) {
    OTI_TRY(const auto* subject, this->subject(plan.cell.element));
    OTI_TRY(auto outcome, bearer.install({.subject = *subject,
                                          .applet = *plan.applet,
                                          .procedure = plan.cell.procedure,
                                          .network = plan.cell.network,
                                          .seed = experiment_.seed,
                                          .name = "undisturbed"}));
    return outcome.duration;
}

Status Measurement::measure(Plan& plan) {
    auto& cell = plan.cell;
    const auto& bearer = *bearers_.find(cell.bearer)->second;
    OTI_TRY(const auto* subject, this->subject(cell.element));
    std::vector<Time> cuts;
    if (cell.part == Part::kInterrupted) {
        OTI_TRY(auto whole, undisturbed(plan, bearer));
        cuts.push_back(seconds(in_seconds(whole) * cell.x / 100));
    }
    std::vector<double> durations;
    for (cell.runs = 0; cell.runs < experiment_.runs; ++cell.runs) {
        Trial trial{.subject = *subject,
                    .applet = *plan.applet,
                    .procedure = cell.procedure,
                    .network = cell.network,
                    .seed = experiment_.seed,
                    .name = fmt::format("{}/{}/{}/{}/{}/{}/{}/{}", name_of(cell.part), cell.x, cell.bearer,
                                        cell.element, cell.network.name, cell.applet,
                                        static_cast<int>(cell.procedure), cell.runs)};
        trial.cuts = cuts;
        OTI_TRY(auto outcome, bearer.install(trial));
        if (!outcome.completed) {
            cell.error = outcome.error;
            continue;
        }
        ++cell.completed;
        durations.push_back(in_seconds(outcome.duration));
        cell.round_trips += static_cast<double>(outcome.round_trips);
        cell.apdus += static_cast<double>(outcome.apdus);
        cell.sms += static_cast<double>(outcome.sms);
        cell.bytes_up += static_cast<double>(outcome.bytes_up);
        cell.bytes_down += static_cast<double>(outcome.bytes_down);
        cell.bytes_again += static_cast<double>(outcome.bytes_again);
        cell.resumptions += static_cast<double>(outcome.resumptions);
        cell.retries += static_cast<double>(outcome.retries);
        cell.radio_seconds += in_seconds(outcome.radio);
    }
    cell.seconds = summarize(durations);
    for (auto* mean : {&cell.round_trips, &cell.apdus, &cell.sms, &cell.bytes_up, &cell.bytes_down,
                       &cell.bytes_again, &cell.resumptions, &cell.retries, &cell.radio_seconds}) {
        if (cell.completed > 0) *mean /= static_cast<double>(cell.completed);
    }
    return {};
}

const Cell* Measurement::find(Part part, std::string_view bearer, Procedure procedure) const {
    auto found = std::ranges::find_if(cells_, [&](const Cell& cell) {
        return cell.part == part && cell.bearer == bearer && cell.procedure == procedure;
    });
    return found == cells_.end() ? nullptr : &*found;
}

}  // namespace oti::compare
