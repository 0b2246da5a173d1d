// SPDX-License-Identifier: Apache-2.0
// oti bench: what an installation costs the provider's server, as a process.
#include <fmt/format.h>

#include "base/log.h"
#include "cli/cli.h"
#include "cli/demo_site.h"

namespace oti::cli {
namespace {

struct BenchOptions {
    std::string applets = "applets";
    int count = 20;
};

/// Processor time of the provider's process and time on the clock, per installation.
Result<json::object> measure(Site& site, const std::string& binding, int count, Output& output) {
    Output quiet(true, nullptr);
    OTI_TRY(auto phone, site.add_phone({.name = "bench-" + binding, .binding = binding, .pacing = false}));
    OTI_TRY(auto provider, site.ask_provider());
    OTI_CHECK(site.run_job(provider, phone, "install", "1.0", false, quiet));
    std::chrono::duration<double, std::micro> processor{};
    double seconds = 0;
    for (int n = 0; n < count; ++n) {
        OTI_CHECK(site.run_job(provider, phone, "delete", "", false, quiet));
        auto before = site.provider().processor_time();
        OTI_TRY(auto installed, site.run_job(provider, phone, "install", "1.0", false, quiet));
        processor += site.provider().processor_time() - before;
        seconds += installed.seconds;
        output.progress(static_cast<std::size_t>(n) + 1, static_cast<std::size_t>(count), binding);
    }
    auto per_installation = processor.count() / count, milliseconds = seconds * 1000 / count;
    output.say(fmt::format("  {:8} {:10.0f} us {:12.1f} ms", binding, per_installation, milliseconds));
    return json::object{{"processor_us", per_installation}, {"session_ms", milliseconds}};
}

Result<json::object> bench(const BenchOptions& options, Output& output) {
    OTI_TRY(auto site,
            Site::create({options.applets + "/transit-1.0.cap", options.applets + "/transit-1.1.cap"}));
    output.say(
        fmt::format("{} installations of 9 KB with a secure element that answers at once", options.count));
    output.say("  binding    provider's CPU   session");
    OTI_TRY(auto stream, measure(*site, "stream", options.count, output));
    OTI_TRY(auto over_json, measure(*site, "json", options.count, output));
    return json::object{
        {"count", options.count}, {"stream", std::move(stream)}, {"json", std::move(over_json)}};
}

}  // namespace

void add_bench_command(Commands& commands) {
    auto options = std::make_shared<BenchOptions>();
    auto* command =
        commands.root().add_subcommand("bench", "what an installation costs the provider's server");
    command->add_option("--applets", options->applets, "folder of the CAP files")->capture_default_str();
    command->add_option("--count", options->count, "installations")
        ->check(CLI::Range(1, 100000))
        ->capture_default_str();
    commands.verb(*command, [options](Output& output) {
        log::start("bench", "warning");
        return bench(*options, output);
    });
}

}  // namespace oti::cli
