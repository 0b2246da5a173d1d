// SPDX-License-Identifier: Apache-2.0
// oti ota send: secured packets (SCP80) to a card that is here, as short messages would bring them.
#include <fmt/format.h>

#include "cli/cli.h"
#include "cli/ota_options.h"
#include "ota/simulated_sms.h"
#include "ota/sms_carrier.h"

namespace oti::cli {
namespace {

Result<json::object> send(const OtaOptions& options, Output& output) {
    OTI_TRY(auto host, packets_of(options));
    auto packet = ota::max_packet(options.messages);
    OTI_TRY(auto commands, commands_of(options, ota::max_command_data(host, packet)));
    OTI_TRY(auto counter, next_counter(options.counter_file));
    auto format = options.expanded ? ota::ScriptFormat::kExpanded : ota::ScriptFormat::kCompact;
    OTI_TRY(auto conversation,
            ota::RemoteConversation::create(std::move(host), format, commands, counter, packet));
    OTI_TRY(auto card, CardConnection::open(options));
    SystemClock clock;
    ota::SimulatedSms sms(card.channel(), clock, {}, {}, 0);
    OTI_CHECK(sms.start());
    ota::SmsCarrier how;
    // The card is here: what it has not answered at once it will not answer.
    how.patience = std::chrono::milliseconds(1);
    how.on_counter = [&](std::uint64_t used) {
        output.progress(conversation.done(), conversation.total(), fmt::format("packet {}", used));
        return use_counter(options.counter_file, used);
    };
    auto carried = ota::carry(conversation, sms, how);
    json::array responses;
    for (const auto& [index, response] : conversation.responses()) {
        responses.emplace_back(report_response(output, index, commands[index], response));
    }
    if (!carried) {
        auto error = carried.error();
        error.message +=
            fmt::format(" ({} of {} commands are done)", conversation.done(), conversation.total());
        return std::unexpected(std::move(error));
    }
    output.say(fmt::format("done; {} short messages", sms.down().accepted));
    return json::object{{"commands", conversation.total()},
                        {"messages", sms.down().accepted},
                        {"counter", conversation.counter() - 1},
                        {"responses", std::move(responses)}};
}

}  // namespace

void add_ota_commands(Commands& commands) {
    auto options = std::make_shared<OtaOptions>();
    auto& noun = commands.noun("ota", "remote management by short messages (SCP80) and over HTTP (SCP81)");
    auto* command = noun.add_subcommand(
        "send", "send commands to a card that is here as short messages would bring them: by ENVELOPE");
    add_ota_options(*command, *options);
    command
        ->add_option("--tar", options->tar,
                     "receiver: 000000 is the issuer's domain (B20100 with --expanded)")
        ->capture_default_str();
    command->add_option("--spi", options->spi,
                        "2 bytes; enciphered, MAC, counter higher, proof of receipt with both if left out");
    command->add_option("--messages", options->messages, "short messages of a packet, at most")
        ->check(CLI::Range(1, 8))
        ->capture_default_str();
    command->add_flag("--expanded", options->expanded, "scripts in expanded format");
    commands.verb(*command, [options](Output& output) { return send(*options, output); });
    add_ota_administer_command(noun, commands);
}

}  // namespace oti::cli
