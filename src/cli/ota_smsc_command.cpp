// SPDX-License-Identifier: Apache-2.0
// oti ota smsc: a small message centre, and handsets that are here with their cards, or somewhere else.
#include "cli/ota_smsc_command.h"

#include <fmt/format.h>

#include "bearer/smsc_server.h"
#include "cli/card_connection.h"
#include "cli/serving.h"

namespace oti::cli {
namespace {

struct SmscOptions : CardOptions {
    std::string address = "127.0.0.1:2775", msisdn;
    std::vector<std::string> cards, phones;
    ota::MobileNetwork::Options network;
    double latency = 0, jitter = 0, loss = 0, validity = 86'400;
    std::optional<double> loss_back;
};

ota::SmsBehaviour::Duration milliseconds(double number) {
    constexpr double kMicroseconds = 1000;
    return ota::SmsBehaviour::Duration(static_cast<std::int64_t>(number * kMicroseconds));
}

ota::MobileNetwork::Options network_of(const SmscOptions& options) {
    auto network = options.network;
    auto& down = network.down;
    down.forwarding = milliseconds(options.latency);
    down.jitter = milliseconds(options.jitter);
    down.validity = milliseconds(options.validity * 1000);
    down.loss = options.loss;
    network.up = down;
    network.up.loss = options.loss_back.value_or(options.loss);
    return network;
}

/// The cards by number: those of `--card`, or the one that all commands can name.
Result<std::map<std::string, CardConnection>> open_cards(const SmscOptions& options) {
    std::map<std::string, CardConnection> cards;
    for (const auto& text : options.cards) {
        auto equals = text.find('=');
        CardOptions one;
        one.trace = options.trace;
        one.se = equals == std::string::npos ? "" : text.substr(equals + 1);
        if (one.se.empty())
            return fail(ErrorKind::kUsage, "usage.card", "\"" + text + "\" is no card",
                        "give NUMBER=FILE, such as +491701234567=phone.se");
        auto number = text.substr(0, equals);
        OTI_TRY(auto connection, CardConnection::open(one));
        if (!cards.emplace(number, std::move(connection)).second)
            return fail(ErrorKind::kUsage, "usage.card", "two cards have the number " + number);
    }
    if (!options.msisdn.empty()) {
        OTI_TRY(auto connection, CardConnection::open(options));
        cards.insert_or_assign(options.msisdn, std::move(connection));
    }
    if (cards.empty() && options.phones.empty())
        return fail(
            ErrorKind::kUsage, "usage.card", "no card is named, and no phone",
            "give --card NUMBER=FILE for image files, --msisdn NUMBER with --se or --reader, or --phone "
            "NUMBER for a phone that is somewhere else");
    return cards;
}

Result<json::object> serve(const SmscOptions& options, Output& output) {
    OTI_TRY(auto endpoint, bearer::Endpoint::parse(options.address));
    OTI_TRY(auto cards, open_cards(options));
    boost::asio::io_context io(1);
    std::vector<bearer::SmscServer::Card> handsets;
    for (auto& [number, connection] : cards) handsets.push_back({number, &connection.channel()});
    OTI_TRY(auto server,
            bearer::SmscServer::start(io, endpoint, network_of(options), handsets, options.phones));
    endpoint.port = server.port();
    for (auto& [number, connection] : cards) output.say(fmt::format("{}: {}", number, connection.name()));
    for (const auto& number : options.phones) output.say(number + ": a phone, when it binds");
    auto text = "message centre listens on " + endpoint.to_string();
    output.say(text);
    output.progress(0, 1, text, {{"port", server.port()}});
    run_until_signalled(io, [&] { server.stop(); });
    const auto& counts = server.counts();
    output.say(
        fmt::format("{} messages taken, {} refused, {} delivered, {} undeliverable; {} from cards and "
                    "phones, {} for nobody",
                    counts.submitted - counts.refused, counts.refused, counts.delivered, counts.undelivered,
                    counts.returned, counts.dropped));
    return json::object{{"submitted", counts.submitted}, {"refused", counts.refused},
                        {"delivered", counts.delivered}, {"undelivered", counts.undelivered},
                        {"returned", counts.returned},   {"dropped", counts.dropped}};
}

}  // namespace

void add_smpp_account(CLI::App& command, std::string& system_id, std::string& password) {
    command.add_option("--system-id", system_id, "account at the message centre")
        ->envname("OTI_SMPP_SYSTEM_ID");
    command.add_option("--password", password, "its password")->envname("OTI_SMPP_PASSWORD");
}

void add_smsc_command(CLI::App& noun, Commands& commands) {
    auto options = std::make_shared<SmscOptions>();
    auto* command = noun.add_subcommand(
        "smsc",
        "a message centre (SMPP) whose handsets have cards that are here, or are somewhere else; until "
        "SIGINT or SIGTERM, and for trials, as what it has stored ends with it");
    command->add_option("--listen", options->address, "HOST:PORT; any free port if 0")->capture_default_str();
    command->add_option("--card", options->cards,
                        "NUMBER=FILE: a handset with the virtual secure element of this image file; may be "
                        "given more than once");
    command->add_option("--phone", options->phones,
                        "NUMBER: a handset that is somewhere else, and binds by its number as the system_id, "
                        "with --password; may be given more than once");
    command->add_option("--msisdn", options->msisdn, "number of the card that --se or --reader names");
    add_reader_options(*command, *options);
    add_smpp_account(*command, options->network.system_id, options->network.password);
    auto& down = options->network.down;
    const CLI::Range share(0.0, 1.0);
    const CLI::Range time(0.0, 1e9);
    command->add_option("--latency", options->latency, "milliseconds that a message is on its way, each way")
        ->check(time);
    command->add_option("--jitter", options->jitter, "milliseconds: added to that, up to so many")
        ->check(time);
    command->add_option("--loss", options->loss, "share of the messages that are taken and never arrive")
        ->check(share);
    command->add_option("--loss-back", options->loss_back, "of those from cards; as --loss if left out")
        ->check(share);
    command->add_option("--duplicate", down.duplication, "share that arrives twice")->check(share);
    command->add_option("--reorder", down.reordering, "share that the next one overtakes")->check(share);
    command->add_option("--validity", options->validity, "seconds after which a message is given up")
        ->check(time)
        ->capture_default_str();
    command->add_option("--seed", options->network.seed, "of what happens by chance")->capture_default_str();
    command->add_option("--rate", options->network.rate,
                        "messages a second of an account; more are throttled");
    command->add_option("--capacity", options->network.capacity, "messages on their way; more are refused")
        ->capture_default_str();
    commands.verb(*command, [options](Output& output) { return serve(*options, output); });
}

}  // namespace oti::cli
