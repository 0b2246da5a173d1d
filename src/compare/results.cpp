// SPDX-License-Identifier: Apache-2.0
#include "compare/results.h"

#include <cmath>

namespace oti::compare {
namespace {

namespace json = boost::json;

/// To a millionth: what comes after it says nothing.
json::value rounded(double value) {
    constexpr double kMillion = 1e6;
    return std::round(value * kMillion) / kMillion;
}

json::object network_object(const Network& network) {
    return {{"name", network.name},
            {"round_trip", rounded(network.round_trip)},
            {"jitter", rounded(network.jitter)},
            {"down_bytes_per_second", rounded(network.down_bytes_per_second)},
            {"up_bytes_per_second", rounded(network.up_bytes_per_second)},
            {"loss", rounded(network.loss)},
            {"promotion", rounded(network.promotion)},
            {"tail", rounded(network.tail)},
            {"cut_every", rounded(network.cut_every)},
            {"outage", rounded(network.outage)},
            {"source", network.source}};
}

json::object element_object(const std::string& name) {
    json::object object{{"name", name}};
    if (auto profile = card::load_profile(name)) {
        const auto& pacing = profile->profile.pacing;
        object["line_bytes_per_second"] = rounded(pacing.line_bytes_per_second);
        object["command_overhead"] = rounded(pacing.command_overhead.count());
        object["flash_bytes_per_second"] = rounded(pacing.flash_bytes_per_second);
        object["crypto_bytes_per_second"] = rounded(pacing.crypto_bytes_per_second);
        object["max_command_data"] = profile->profile.max_command_data;
    }
    return object;
}

json::object cell_object(const Cell& cell) {
    json::object object{
        {"part", name_of(cell.part)}, {"x", rounded(cell.x)},
        {"bearer", cell.bearer},      {"procedure", cell.procedure == Procedure::kBare ? "bare" : "session"},
        {"element", cell.element},    {"network", cell.network.name},
        {"applet", cell.applet},      {"applet_bytes", cell.applet_bytes},
        {"runs", cell.runs},          {"failures", cell.runs - cell.completed}};
    if (!cell.error.empty()) object["error"] = cell.error;
    object["seconds"] = {{"mean", rounded(cell.seconds.mean)},
                         {"deviation", rounded(cell.seconds.deviation)},
                         {"low", rounded(cell.seconds.low)},
                         {"high", rounded(cell.seconds.high)}};
    object["round_trips"] = rounded(cell.round_trips);
    object["apdus"] = rounded(cell.apdus);
    object["sms"] = rounded(cell.sms);
    object["bytes_up"] = rounded(cell.bytes_up);
    object["bytes_down"] = rounded(cell.bytes_down);
    object["bytes_again"] = rounded(cell.bytes_again);
    object["resumptions"] = rounded(cell.resumptions);
    object["retries"] = rounded(cell.retries);
    object["radio_seconds"] = rounded(cell.radio_seconds);
    return object;
}

}  // namespace

json::object results_of(const Measurement& measurement) {
    const auto& experiment = measurement.experiment();
    json::array networks, elements, cells, qualities;
    for (const auto& quality : measurement.qualities()) {
        qualities.emplace_back(json::object{{"question", quality.question},
                                            {"bearer", quality.bearer},
                                            {"answer", quality.yes},
                                            {"evidence", quality.evidence}});
    }
    for (const auto& network : experiment.networks) networks.emplace_back(network_object(network));
    for (const auto& element : experiment.elements) elements.emplace_back(element_object(element));
    for (const auto& cell : measurement.cells()) cells.emplace_back(cell_object(cell));
    return {{"title", experiment.title},
            {"seed", experiment.seed},
            {"runs", experiment.runs},
            {"networks", std::move(networks)},
            {"elements", std::move(elements)},
            {"sweep", json::object{{"element", experiment.sweep.element},
                                   {"network", network_object(experiment.sweep.network)}}},
            {"cells", std::move(cells)},
            {"qualities", std::move(qualities)}};
}

std::string as_document(const json::object& results) {
    std::string text = "{\n";
    for (const auto& [key, value] : results) {
        text += text.size() > 2 ? ",\n  " : "  ";
        text += json::serialize(json::value(key)) + ": ";
        if (const auto* list = value.if_array()) {
            text += "[";
            for (const auto& each : *list) {
                text += &each == &list->front() ? "\n    " : ",\n    ";
                text += json::serialize(each);
            }
            text += "\n  ]";
        } else {
            text += json::serialize(value);
        }
    }
    return text + "\n}\n";
}

}  // namespace oti::compare
