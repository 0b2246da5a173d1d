// SPDX-License-Identifier: Apache-2.0
// bench: how long an installation takes on this card, beside what the reader and the card take alone.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "cap/load_file.h"
#include "cli/card_commands.h"
#include "cli/card_content.h"
#include "globalplatform/commands.h"

namespace oti::cli {
namespace {

using Seconds = std::chrono::duration<double>;

struct BenchOptions : InstallOptions {
    std::size_t count = 10;
};

template <typename Work>
Result<double> timed(Work work) {
    auto begin = std::chrono::steady_clock::now();
    OTI_CHECK(work());
    return Seconds(std::chrono::steady_clock::now() - begin).count();
}

double median(std::vector<double> all) {
    std::ranges::sort(all);
    return all[all.size() / 2];
}

/// As many APDUs of the same lengths as the LOADs, each refused at once since there is no secure channel:
/// what the way to the card costs.
Result<double> floor_of(const BenchOptions& options) {
    OTI_TRY(auto file, cap::CapFile::read(options.file));
    OTI_TRY(auto card, open_domain(options));
    auto blocks =
        globalplatform::load(cap::load_file(file.load_file_data_block()), card.session.block_size());
    // A SELECT of the domain ends the channel.
    OTI_CHECK(card.connection.channel().transmit(globalplatform::select(card.session.domain()).encode()));
    return timed([&]() -> Status {
        for (const auto& block : blocks) {
            OTI_CHECK(card.connection.channel().transmit(block.encode()));
        }
        return {};
    });
}

Result<json::object> bench(const BenchOptions& options, Output& output) {
    Output quiet(true, nullptr);
    RemoveOptions removal;
    static_cast<CardOptions&>(removal) = options;
    static_cast<TokenOptions&>(removal) = options;
    removal.what = {options.file};
    removal.related = true;
    std::vector<double> installs, deletes;
    std::int64_t commands = 0;
    for (std::size_t n = 0; n < options.count; ++n) {
        output.progress(n, options.count, "install and delete");
        OTI_TRY(auto install, timed([&]() -> Status {
                    OTI_TRY(auto done, bring(options, IfThere::kRefuse, quiet));
                    commands = done["commands"].to_number<std::int64_t>();
                    return {};
                }));
        OTI_TRY(auto remove_time, timed([&]() -> Status {
                    OTI_CHECK(remove(removal, quiet));
                    return {};
                }));
        installs.push_back(install);
        deletes.push_back(remove_time);
    }
    output.progress(options.count, options.count, "done");
    OTI_TRY(auto floor, floor_of(options));
    auto install = median(installs);
    output.say(fmt::format("  install   {:.4f} s   (median of {}; {:.4f} to {:.4f})", install, options.count,
                           std::ranges::min(installs), std::ranges::max(installs)));
    output.say(fmt::format("  delete    {:.4f} s", median(deletes)));
    output.say(fmt::format("  floor     {:.4f} s   its LOADs alone, without a secure channel", floor));
    return json::object{{"count", options.count},
                        {"commands", commands},
                        {"install_seconds", install},
                        {"install_seconds_min", std::ranges::min(installs)},
                        {"delete_seconds", median(deletes)},
                        {"floor_seconds", floor},
                        {"ratio", install / floor}};
}

}  // namespace

void add_card_bench_command(Commands& commands) {
    auto options = std::make_shared<BenchOptions>();
    auto& command =
        add_card_verb(commands, "bench",
                      "install and delete a CAP file some times, and say how long it takes", options, bench);
    add_install_options(command, *options);
    command.add_option("--count", options->count, "how many times")
        ->check(CLI::Range(1, 100000))
        ->capture_default_str();
    add_card_options(command, *options);
}

}  // namespace oti::cli
