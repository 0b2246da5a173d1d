// SPDX-License-Identifier: Apache-2.0
#include "compare/report.h"

#include <fmt/format.h>

#include <algorithm>

#include "compare/plot.h"
#include "compare/report_tables.h"

namespace oti::compare {
namespace {

constexpr std::string_view kStyle = R"(
body{font:15px/1.5 sans-serif;color:#222;background:#fff;max-width:1100px;margin:2em auto;padding:0 1em}
h1{font-size:1.6em}h2{font-size:1.25em;margin:2em 0 .4em}
svg{width:100%;max-width:720px;display:block;margin:1em 0;border:1px solid #ddd}
table{border-collapse:collapse;font-size:13px;margin:.6em 0}
th,td{border-bottom:1px solid #ddd;padding:.3em .7em;text-align:left;vertical-align:top}
th{border-bottom:2px solid #888}td.n{text-align:right;white-space:nowrap}
small{color:#555}.wide{overflow-x:auto}summary{cursor:pointer;margin:1em 0}
)";

/// The series of one part, a bearer each; `value` takes it from a cell.
template <typename Value>
std::vector<Series> series_of(const Measurement& measurement, Part part, Value value) {
    std::vector<Series> all;
    for (const auto& name : measurement.experiment().bearers) {
        Series series{.name = name, .style = name, .points = {}};
        for (const auto& cell : measurement.cells()) {
            if (cell.part != part || cell.bearer != name || cell.completed == 0) continue;
            series.name = cell.title;
            series.points.push_back(value(cell));
        }
        if (!series.points.empty()) all.push_back(std::move(series));
    }
    return all;
}

Point time_of(const Cell& cell) {
    return {cell.x, cell.seconds.mean, cell.seconds.low, cell.seconds.high};
}

/// Time by bearer: a picture for each applet and secure element.
std::string time_by_bearer(const Measurement& measurement) {
    const auto& experiment = measurement.experiment();
    std::vector<std::string> rows, applets;
    for (const auto& network : experiment.networks) rows.push_back(network.name);
    for (const auto& cell : measurement.cells()) {
        if (cell.part == Part::kGrid && std::ranges::find(applets, cell.applet) == applets.end()) {
            applets.push_back(cell.applet);
        }
    }
    std::string out;
    for (const auto& applet : applets) {
        for (const auto& element : experiment.elements) {
            std::size_t size = 0;
            DotPlot plot{"", "seconds from the wish to the last verified response, logarithmic", rows, {}};
            for (const auto& bearer : experiment.bearers) {
                Series series{.name = bearer, .style = bearer, .points = {}};
                series.points.resize(rows.size());
                for (const auto& cell : measurement.cells()) {
                    if (cell.part != Part::kGrid || cell.applet != applet || cell.element != element ||
                        cell.bearer != bearer || cell.completed == 0) {
                        continue;
                    }
                    auto row = std::ranges::find(rows, cell.network.name) - rows.begin();
                    series.points[static_cast<std::size_t>(row)] = {cell.seconds.mean};
                    series.name = cell.title;
                    size = cell.applet_bytes;
                }
                plot.series.push_back(std::move(series));
            }
            plot.title = fmt::format("Installing {} ({:.1f} KB) on {}", applet,
                                     static_cast<double>(size) / 1024, element);
            out += svg(plot);
        }
    }
    return out;
}

std::string sweeps(const Measurement& measurement) {
    auto over = [&](Part part, std::string title, std::string label, bool log_x) {
        return svg(LinePlot{std::move(title), std::move(label), "seconds, logarithmic", log_x, true,
                            series_of(measurement, part, time_of)});
    };
    auto in_percent = [](const Cell& cell) {
        auto point = time_of(cell);
        point.x *= 100;
        return point;
    };
    auto out = over(Part::kSize, "Time against the applet's size", "KB of load file, logarithmic", true);
    out += over(Part::kRoundTrip, "Time against the round trip", "milliseconds of round trip", false);
    out += svg(LinePlot{"Time against loss", "% of packets lost, in each direction", "seconds, logarithmic",
                        false, true, series_of(measurement, Part::kLoss, in_percent)});
    out += over(Part::kCut, "Time against cuts of the connection",
                "mean seconds from one cut to the next, logarithmic", true);
    return out;
}

std::string interruption(const Measurement& measurement) {
    auto share = [](const Cell& cell) {
        return Point{cell.x, cell.seconds.mean, cell.seconds.low, cell.seconds.high};
    };
    return svg(LinePlot{"An installation that is cut once",
                        "% of the undisturbed time at which the cut comes", "seconds in all", false, false,
                        series_of(measurement, Part::kInterrupted, share)});
}

}  // namespace

std::string report_of(const Measurement& measurement) {
    const auto& experiment = measurement.experiment();
    const auto& sweep = experiment.sweep;
    auto out = fmt::format(
        "<!doctype html>\n<html lang='en'><meta charset='utf-8'><meta name='viewport' "
        "content='width=device-width'>"
        "<title>{0}</title><style>{1}</style>\n<h1>{0}</h1>\n<p>{2} runs of each cell in virtual time, seed "
        "{3}. "
        "Secure element, secure channel, sessions and messages are the real ones; network and pace of the "
        "secure "
        "element are models with the figures at the end. ± is half of the 95 % confidence interval of the "
        "mean.</p>\n",
        escaped(experiment.title), kStyle, experiment.runs, experiment.seed);
    auto section = [&out](std::string_view title, std::string_view about, const std::string& content) {
        if (content.empty()) return;
        out += fmt::format("<h2>{}</h2>\n<p>{}</p>\n{}", title, about, content);
    };
    if (experiment.paper) {
        section("The paper's Table I",
                "An applet of 9 KB on uicc-2014 over paper-3g. OTW and lockstep are driven as in the paper: "
                "authentication, INSTALL, LOADs, INSTALL. The card's time is fitted to OTW alone; the "
                "network's is "
                "of measurements of others.",
                paper_table(measurement));
    }
    section("Time by bearer", "A mark is the mean of all runs; over the wire there is no network.",
            time_by_bearer(measurement));
    section("One thing varied",
            fmt::format("{} on {} over {}, where nothing else is said.", escaped(experiment.applets.front()),
                        escaped(sweep.element), escaped(sweep.network.name)),
            sweeps(measurement));
    if (!sweep.losses.empty() || !sweep.cuts_every_s.empty()) {
        section("Reliability",
                "Bytes sent twice: by TCP, and by a session that goes on after its connection was lost. "
                "Resumed and "
                "begun anew: sessions for each installation.",
                reliability_table(measurement));
    }
    section("What an interruption costs",
            "A cut of the connection; over the wire the card loses its power, and the installation begins "
            "anew. The "
            "network is away for an exponentially distributed time.",
            interruption(measurement));
    if (!measurement.qualities().empty()) {
        section("Other qualities", "Each answer is that of a run of this comparison.",
                qualities_table(measurement));
    }
    section("The models", "Declared, not measured.",
            networks_table(measurement) + elements_table(measurement));
    out += "<details><summary>All cells</summary>\n" + cells_table(measurement) + "</details>\n</html>\n";
    return out;
}

}  // namespace oti::compare
