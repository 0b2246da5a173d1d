// SPDX-License-Identifier: Apache-2.0
// oti compare: ways to a secure element, measured in virtual time.
#include <fmt/format.h>

#include "base/log.h"
#include "cli/cli.h"
#include "cli/files.h"
#include "cli/real_time.h"
#include "compare/measurement.h"
#include "compare/report.h"
#include "compare/results.h"

namespace oti::cli {
namespace {

using compare::Experiment;
using compare::Measurement;
using compare::Part;

struct CompareOptions {
    std::string file, applets, bearers, networks, elements, out = "comparison";
    std::optional<std::size_t> runs;
    std::optional<std::uint64_t> seed;
    bool real_time = false;
};

/// The file's experiment, or the standard one, with what the command line says in its place.
Result<Experiment> experiment_of(const CompareOptions& options) {
    auto experiment = Experiment::standard();
    if (!options.file.empty()) {
        OTI_TRY(auto text, read_text(options.file));
        auto parsed = Experiment::parse(text);
        if (!parsed) return std::unexpected(in_file(parsed.error(), options.file));
        experiment = std::move(*parsed);
    }
    if (!options.applets.empty()) experiment.applets = compare::list_of(options.applets);
    if (!options.bearers.empty()) experiment.bearers = compare::list_of(options.bearers);
    if (!options.elements.empty()) experiment.elements = compare::list_of(options.elements);
    if (!options.networks.empty()) {
        experiment.networks.clear();
        for (const auto& name : compare::list_of(options.networks)) {
            OTI_TRY(auto network, compare::network_named(name));
            experiment.networks.push_back(std::move(network));
        }
    }
    if (options.runs) experiment.runs = *options.runs;
    if (options.seed) experiment.seed = *options.seed;
    return experiment;
}

void say_grid(const Measurement& measurement, Output& output) {
    output.say(
        "  applet          SE          network    bearer            seconds      ±   trips  APDUs   up      "
        "down    failed");
    for (const auto& cell : measurement.cells()) {
        if (cell.part != Part::kGrid) continue;
        if (cell.completed == 0) {
            output.say(fmt::format("  {:15} {:11} {:10} {:15}   none of {} was completed", cell.applet,
                                   cell.element, cell.network.name, cell.bearer, cell.runs));
            continue;
        }
        output.say(
            fmt::format("  {:15} {:11} {:10} {:15} {:9.2f} {:6.2f} {:7.1f} {:6.0f} {:7.0f} {:7.0f} {:4}",
                        cell.applet, cell.element, cell.network.name, cell.bearer, cell.seconds.mean,
                        cell.seconds.high - cell.seconds.mean, cell.round_trips, cell.apdus, cell.bytes_up,
                        cell.bytes_down, cell.runs - cell.completed));
    }
}

Result<json::object> compare_bearers(const CompareOptions& options, Output& output) {
    OTI_TRY(auto experiment, experiment_of(options));
    if (options.real_time) {
        OTI_TRY(auto comparisons, compare_with_real_time(experiment, output));
        return json::object{{"comparisons", std::move(comparisons)}};
    }
    Measurement measurement(std::move(experiment));
    OTI_CHECK(measurement.run([&](std::size_t done, std::size_t total, const std::string& step) {
        output.progress(done, total, step);
    }));
    std::filesystem::path out(options.out);
    OTI_CHECK(make_folder(out));
    auto results = compare::results_of(measurement);
    OTI_CHECK(write_text(out / "results.json", compare::as_document(results), kPublicFile));
    OTI_CHECK(write_text(out / "report.html", compare::report_of(measurement), kPublicFile));
    say_grid(measurement, output);
    output.say(fmt::format("\n{} and report.html", (out / "results.json").string()));
    return json::object{{"results", (out / "results.json").string()},
                        {"report", (out / "report.html").string()},
                        {"cells", measurement.cells().size()}};
}

}  // namespace

void add_compare_command(Commands& commands) {
    auto options = std::make_shared<CompareOptions>();
    auto* command = commands.root().add_subcommand(
        "compare", "ways to install an applet on a secure element, side by side, in virtual time");
    command->add_option("file", options->file, "experiment (TOML); without one: the standard comparison");
    command->add_option("--applet", options->applets, "CAP files, separated by commas");
    command->add_option("--bearer", options->bearers,
                        "otw, oti, oti-cold, oti-lockstep, seram, ota-sms and bip (to UICCs)");
    command->add_option("--network", options->networks, "wifi, 5g, 4g, 3g, 2g, paper-3g");
    command->add_option("--se", options->elements, "sorts of secure element, or TOML files");
    command->add_option("--runs", options->runs, "of each cell")->check(CLI::Range(1, 100'000));
    command->add_option("--seed", options->seed, "the same seed gives the same numbers");
    command->add_flag(
        "--real-time", options->real_time,
        "instead: real processes on networks shaped so, beside the simulation; as root; no files");
    command->add_option("--out", options->out, "folder for results.json and report.html")
        ->capture_default_str();
    commands.verb(*command, [options](Output& output) {
        log::start("compare", "warning");
        return compare_bearers(*options, output);
    });
}

}  // namespace oti::cli
