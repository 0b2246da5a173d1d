// SPDX-License-Identifier: Apache-2.0
// oti demo: an applet's life over the internet beside the wire, then what the distance costs.
#include <fmt/format.h>

#include <array>
#include <future>

#include "base/log.h"
#include "cli/cli.h"
#include "cli/demo_site.h"
#include "cli/transit_wallet.h"

namespace oti::cli {
namespace {

using std::chrono::milliseconds;

struct DemoOptions {
    std::string applets = "applets", profile = "uicc-2014";
    int round_trip_ms = 50;
    bool no_table = false;
};

/// How APDUs get to the secure element.
struct Carrier {
    std::string_view name;
    std::string_view title;
    std::string_view binding;
    bool lockstep;
    bool cold;  ///< the phone connects for this session
};
constexpr std::array kCarriers{
    Carrier{"lockstep", "OTI in lockstep", "stream", true, false},
    Carrier{"oti-json", "OTI, GP SERAM JSON", "json", false, false},
    Carrier{"oti-cold", "OTI, cold", "stream", false, true},
    Carrier{"oti", "OTI", "stream", false, false},
};
constexpr std::array kRoundTrips{milliseconds(0), milliseconds(50), milliseconds(100), milliseconds(174)};

struct Cell {
    const Carrier* carrier = nullptr;
    milliseconds round_trip{};
    std::optional<Phone> phone;
    std::future<Result<Measured>> measured;
};

void say_beside_the_wire(Output& output, std::string_view step, const Measured& oti, const Measured& wire) {
    output.say(
        fmt::format("  {:28} {:6.2f} s    over the wire {:6.2f} s    {:+.2f} s    {} APDUs, {} round trip{}",
                    step, oti.seconds, wire.seconds, oti.seconds - wire.seconds, oti.apdus, oti.round_trips,
                    oti.round_trips == 1 ? "" : "s"));
}

json::object row(std::string_view carrier, milliseconds round_trip, const Measured& measured) {
    auto object = measured.to_json();
    object["carrier"] = carrier;
    object["rtt_ms"] = round_trip.count();
    return object;
}

void say_row(Output& output, std::string_view title, milliseconds round_trip, const Measured& measured) {
    output.say(fmt::format("  {:20} {:5} ms {:8.2f} s {:6} {:12} {:10} {:10}", title, round_trip.count(),
                           measured.seconds, measured.apdus, measured.round_trips, measured.bytes_up,
                           measured.bytes_down));
}

std::string money(std::uint16_t cents) {
    return fmt::format("{}.{:02}", cents / 100, cents % 100);
}

/// Version and balance, as the applet tells them.
Result<json::object> look_into_wallet(Site& site, Phone& phone, const TransitWallet& wallet, Output& output) {
    json::object seen;
    OTI_CHECK(site.at_terminal(phone, [&](iso7816::CardChannel& card) -> Status {
        OTI_TRY(auto version, wallet.select(card));
        OTI_TRY(auto balance, wallet.balance(card));
        output.say(fmt::format("  {:28} {:>6}", version, money(balance)));
        seen = {{"version", version}, {"balance", balance}};
        return {};
    }));
    return seen;
}

Result<json::object> use_wallet(Site& site, Phone& phone, TransitWallet& wallet, Output& output) {
    constexpr std::uint16_t kCredit = 2000, kFare = 250;
    OTI_CHECK(site.at_terminal(phone, [&](iso7816::CardChannel& card) -> Status {
        OTI_CHECK(wallet.personalize(card));
        OTI_CHECK(wallet.credit(card, kCredit));
        return wallet.debit(card, kFare);
    }));
    return look_into_wallet(site, phone, wallet, output);
}

Result<json::object> tell_story(Site& site, const DemoOptions& options, std::future<Result<Life>>& wire,
                                Output& output) {
    output.say(fmt::format(
        "\nA phone with a secure element of the sort {}, {} ms of round trip away from its servers.",
        options.profile, options.round_trip_ms));
    OTI_TRY(auto phone, site.add_phone({"phone", options.profile, milliseconds(options.round_trip_ms)}));
    OTI_TRY(auto provider, site.ask_provider());
    Life life;
    auto begin = std::chrono::steady_clock::now();
    output.say(
        "\nThe provider wants transit 1.0 on it. It has no security domain there, so the TSM makes one;");
    output.say("then the provider replaces the keys by its own and installs the applet:");
    OTI_TRY(life.install, site.run_job(provider, phone, "install", "1.0", false, output));
    std::chrono::duration<double> total = std::chrono::steady_clock::now() - begin;
    output.say(
        fmt::format("  {:28} {:6.2f} s", "security domain by the TSM", total.count() - life.install.seconds));
    output.say("\nIt runs: the provider personalizes it and sells 20.00 of value, a gate takes 2.50:");
    crypto::SystemRandom random;
    TransitWallet wallet(random);
    OTI_TRY(auto used, use_wallet(site, phone, wallet, output));
    output.say("\nThen version 1.1:");
    OTI_TRY(life.update, site.run_job(provider, phone, "update", "1.1", false, output));
    OTI_TRY(auto updated, look_into_wallet(site, phone, wallet, output));
    output.say(
        "An update deletes the old version with all its data: what shall outlive it is the provider's to "
        "keep.");
    output.say("\nThen nothing any more:");
    OTI_TRY(life.remove, site.run_job(provider, phone, "delete", "", false, output));
    OTI_TRY(auto beside, wire.get());
    output.say("");
    say_beside_the_wire(output, "install transit 1.0", life.install, beside.install);
    say_beside_the_wire(output, "update to transit 1.1", life.update, beside.update);
    say_beside_the_wire(output, "delete", life.remove, beside.remove);
    json::object wire_data{{"install", beside.install.to_json()},
                           {"update", beside.update.to_json()},
                           {"delete", beside.remove.to_json()}};
    return json::object{{"install", life.install.to_json()},
                        {"update", life.update.to_json()},
                        {"delete", life.remove.to_json()},
                        {"wallet", json::object{{"used", std::move(used)}, {"updated", std::move(updated)}}},
                        {"domain_seconds", total.count() - life.install.seconds},
                        {"over_the_wire", std::move(wire_data)}};
}

/// The domain is there and has the provider's keys; the installation alone is measured.
Result<Measured> measure_cell(Site& site, Cell& cell) {
    Output quiet(true, nullptr);
    auto& phone = *cell.phone;
    OTI_TRY(auto provider, site.ask_provider());
    OTI_CHECK(site.run_job(provider, phone, "delete", "", false, quiet));
    if (!cell.carrier->cold)
        return site.run_job(provider, phone, "install", "1.0", cell.carrier->lockstep, quiet);
    phone.agent.reset();
    OTI_CHECK(site.wait_disconnected(provider, phone));
    OTI_TRY(auto id, site.begin_job(provider, phone, "install", "1.0", false));
    auto begin = std::chrono::steady_clock::now();
    OTI_CHECK(site.start_agent(phone));
    OTI_TRY(auto measured, site.finish_job(provider, id, quiet));
    // From the start of the SE Manager's process, with all that it takes to be connected.
    measured.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return measured;
}

/// All cells at once: each has a phone of its own, and the time goes by in secure elements.
Result<json::array> measure_table(std::vector<Cell>& cells, const Measured& wire, Output& output) {
    json::array table;
    output.say(
        "\nAn installation in a domain that has its keys, from the first command to the last verified "
        "response;");
    output.say("cold: from the start of the phone's SE Manager, which has yet to connect.\n");
    output.say("  carrier              round trip     time   APDUs  round trips   bytes up  bytes down");
    for (auto round_trip : kRoundTrips) {
        say_row(output, "over the wire", round_trip, wire);
        table.emplace_back(row("otw", round_trip, wire));
        for (auto& cell : cells) {
            if (cell.round_trip != round_trip) continue;
            OTI_TRY(auto measured, cell.measured.get());
            say_row(output, cell.carrier->title, round_trip, measured);
            table.emplace_back(row(cell.carrier->name, round_trip, measured));
        }
    }
    return table;
}

Result<json::object> demo(const DemoOptions& options, Output& output) {
    Versions cap_files{options.applets + "/transit-1.0.cap", options.applets + "/transit-1.1.cap"};
    auto plain_wire = std::async(std::launch::async,
                                 [&] { return install_over_the_wire(options.profile, cap_files.first); });
    auto wire = std::async(std::launch::async, [&] { return run_over_the_wire(options.profile, cap_files); });
    output.say(
        "A trusted service manager and a service provider, each a process of its own, TLS 1.3 between all of "
        "them.");
    OTI_TRY(auto site, Site::create(cap_files));
    auto work = [&]() -> Result<json::object> {
        std::vector<Cell> cells;
        if (!options.no_table) {
            for (auto round_trip : kRoundTrips) {
                for (const auto& carrier : kCarriers) {
                    auto name = fmt::format("{}-{}", carrier.name, round_trip.count());
                    OTI_TRY(auto phone, site->add_phone({name, options.profile, round_trip,
                                                         std::string(carrier.binding)}));
                    cells.push_back({&carrier, round_trip, std::move(phone), {}});
                }
            }
            for (auto& cell : cells) {
                cell.measured =
                    std::async(std::launch::async, [&site, &cell] { return measure_cell(*site, cell); });
            }
        }
        OTI_TRY(auto data, tell_story(*site, options, wire, output));
        if (!options.no_table) {
            OTI_TRY(auto over_the_wire, plain_wire.get());
            OTI_TRY(data["table"], measure_table(cells, over_the_wire, output));
        }
        return data;
    };
    auto data = work();
    if (!data) {
        site->keep_folder();
        output.say("the logs are in " + site->folder().string());
    }
    return data;
}

}  // namespace

void add_demo_command(Commands& commands) {
    auto options = std::make_shared<DemoOptions>();
    auto* command =
        commands.root().add_subcommand("demo", "an applet's life over the internet, beside the wire");
    command->add_option("--applets", options->applets, "folder of the CAP files")->capture_default_str();
    command->add_option("--profile", options->profile, "sort of secure element")->capture_default_str();
    command->add_option("--rtt", options->round_trip_ms, "round trip of the story's phone, ms")
        ->check(CLI::Range(0, 10000))
        ->capture_default_str();
    command->add_flag("--no-table", options->no_table, "the story only");
    commands.verb(*command, [options](Output& output) {
        log::start("demo", "warning");
        return demo(*options, output);
    });
}

}  // namespace oti::cli
