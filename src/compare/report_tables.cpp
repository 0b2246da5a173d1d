// SPDX-License-Identifier: Apache-2.0
#include "compare/report_tables.h"

#include <fmt/format.h>

#include <algorithm>

#include "compare/plot.h"

namespace oti::compare {
namespace {

using Row = std::vector<std::string>;

std::string table(const Row& head, const std::vector<Row>& rows) {
    std::string out = "<div class='wide'><table><thead><tr>";
    for (const auto& cell : head) out += "<th>" + cell + "</th>";
    out += "</tr></thead><tbody>\n";
    for (const auto& row : rows) {
        out += "<tr>";
        for (const auto& cell : row) {
            bool numeric = !cell.empty() && (std::isdigit(static_cast<unsigned char>(cell.front())) != 0 ||
                                             cell.front() == '-' || cell.front() == '+');
            out += (numeric ? "<td class='n'>" : "<td>") + cell + "</td>";
        }
        out += "</tr>\n";
    }
    return out + "</tbody></table></div>\n";
}

std::string with_interval(const Summary& seconds) {
    auto half = seconds.high - seconds.mean;
    return half < 0.005 ? fmt::format("{:.2f}", seconds.mean)
                        : fmt::format("{:.2f} ± {:.2f}", seconds.mean, half);
}

}  // namespace

std::string paper_table(const Measurement& measurement) {
    struct Line {
        std::string_view bearer, name;
        double paper;  ///< s
        std::string_view how;
    };
    static constexpr Line kLines[] = {
        {"otw", "OTW", 18.2, "fitted: the card's time a command"},
        {"oti-lockstep", "OTI as in the paper", 25.7, "predicted"},
        {"ota-sms", "OTA, SMS", 325, "predicted"},
    };
    std::vector<Row> rows;
    for (const auto& line : kLines) {
        const auto* cell = measurement.find(Part::kPaper, line.bearer, Procedure::kBare);
        if (cell == nullptr) {
            rows.push_back({std::string(line.name), fmt::format("{} s", line.paper), "not in this comparison",
                            "", "", ""});
            continue;
        }
        rows.push_back({std::string(line.name), fmt::format("{} s", line.paper),
                        with_interval(cell->seconds) + " s",
                        fmt::format("{:+.1f} %", (cell->seconds.mean / line.paper - 1) * 100),
                        fmt::format("{:.0f}", cell->round_trips), std::string(line.how)});
    }
    for (const auto* bearer : {"oti", "oti-cold", "seram"}) {
        const auto* cell = measurement.find(Part::kPaper, bearer);
        const auto* wire = measurement.find(Part::kPaper, "otw");
        if (cell == nullptr || wire == nullptr) continue;
        rows.push_back({escaped(cell->title) + ", registry read before and after", "–",
                        with_interval(cell->seconds) + " s",
                        fmt::format("{:.3f} × the wire's {:.2f} s", cell->seconds.mean / wire->seconds.mean,
                                    wire->seconds.mean),
                        fmt::format("{:.0f}", cell->round_trips), "predicted"});
    }
    return table({"", "paper", "here", "difference", "round trips", "how"}, rows);
}

std::string reliability_table(const Measurement& measurement) {
    std::vector<Row> rows;
    for (const auto& cell : measurement.cells()) {
        if ((cell.part != Part::kLoss && cell.part != Part::kCut) || cell.bearer == "otw") continue;
        auto what = cell.part == Part::kLoss ? fmt::format("{:g} % of packets lost", cell.x * 100)
                                             : fmt::format("a cut every {:g} s", cell.x);
        rows.push_back({what, escaped(cell.title),
                        fmt::format("{:.1f} %", 100.0 * static_cast<double>(cell.completed) /
                                                    static_cast<double>(cell.runs)),
                        with_interval(cell.seconds), fmt::format("{:.0f}", cell.bytes_again),
                        fmt::format("{:.2f}", cell.resumptions), fmt::format("{:.2f}", cell.retries)});
    }
    return table({"situation", "bearer", "completed", "s", "bytes sent twice", "resumed", "begun anew"},
                 rows);
}

std::string qualities_table(const Measurement& measurement) {
    Row head{""};
    std::vector<Row> rows;
    for (const auto& quality : measurement.qualities()) {
        const auto known = std::ranges::find(measurement.cells(), quality.bearer, &Cell::bearer);
        auto title = known == measurement.cells().end() ? quality.bearer : known->title;
        if (std::ranges::find(head, title) == head.end()) head.push_back(title);
        auto row =
            std::ranges::find_if(rows, [&](const Row& each) { return each.front() == quality.question; });
        if (row == rows.end()) row = rows.insert(rows.end(), Row{quality.question});
        row->push_back(fmt::format("<b>{}</b><br><small>{}</small>", quality.yes ? "yes" : "no",
                                   escaped(quality.evidence)));
    }
    return table(head, rows);
}

std::string networks_table(const Measurement& measurement) {
    std::vector<Row> rows;
    for (const auto& network : measurement.experiment().networks) {
        rows.push_back({escaped(network.name),
                        fmt::format("{:g} ± {:g}", network.round_trip * 1000, network.jitter * 1000),
                        fmt::format("{:g}", network.down_bytes_per_second / 1000),
                        fmt::format("{:g}", network.up_bytes_per_second / 1000),
                        fmt::format("{:g}", network.loss * 100), fmt::format("{:g}", network.promotion),
                        fmt::format("{:g}", network.tail), escaped(network.source)});
    }
    return table({"network", "round trip, ms", "down, kB/s", "up, kB/s", "loss, %", "from idle, s",
                  "radio's tail, s", "after"},
                 rows);
}

std::string elements_table(const Measurement& measurement) {
    std::vector<Row> rows;
    for (const auto& name : measurement.experiment().elements) {
        auto profile = card::load_profile(name);
        if (!profile) continue;
        const auto& pacing = profile->profile.pacing;
        rows.push_back({escaped(profile->profile.name),
                        fmt::format("{:g}", pacing.line_bytes_per_second / 1000),
                        fmt::format("{:g}", pacing.command_overhead.count() * 1000),
                        fmt::format("{:g}", pacing.flash_bytes_per_second / 1000),
                        fmt::format("{:g}", pacing.crypto_bytes_per_second / 1000),
                        fmt::format("{}", profile->profile.max_command_data)});
    }
    return table({"secure element", "line, kB/s", "a command, ms", "flash, kB/s", "cryptography, kB/s",
                  "command data, bytes"},
                 rows);
}

std::string cells_table(const Measurement& measurement) {
    std::vector<Row> rows;
    for (const auto& cell : measurement.cells()) {
        auto what =
            cell.part == Part::kGrid ? std::string() : fmt::format("{} {:g}", name_of(cell.part), cell.x);
        rows.push_back({what, escaped(cell.applet), escaped(cell.element), escaped(cell.network.name),
                        escaped(cell.title), with_interval(cell.seconds),
                        fmt::format("{:.3f}", cell.seconds.deviation),
                        fmt::format("{:.1f}", cell.round_trips), fmt::format("{:.0f}", cell.apdus),
                        fmt::format("{:.0f}", cell.sms), fmt::format("{:.0f}", cell.bytes_up),
                        fmt::format("{:.0f}", cell.bytes_down), fmt::format("{}", cell.runs - cell.completed),
                        fmt::format("{:.1f}", cell.radio_seconds)});
    }
    return table({"varied", "applet", "SE", "network", "bearer", "s", "deviation, s", "round trips", "APDUs",
                  "SMS", "bytes up", "bytes down", "failed", "radio on, s"},
                 rows);
}

}  // namespace oti::compare
