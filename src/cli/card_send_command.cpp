// SPDX-License-Identifier: Apache-2.0
// send: APDUs as they are, or through the secure channel of a domain.
#include <fmt/format.h>

#include "base/hex.h"
#include "cli/card_commands.h"
#include "globalplatform/commands.h"
#include "globalplatform/names.h"

namespace oti::cli {
namespace {

using iso7816::CommandApdu;
using iso7816::ResponseApdu;

struct SendOptions : CardOptions {
    std::vector<std::string> apdus;
    std::string select;
    bool secure = false, any_status = false;
};

Result<std::vector<CommandApdu>> commands_of(const SendOptions& options) {
    std::vector<CommandApdu> commands;
    if (!options.select.empty()) {
        OTI_TRY(auto aid, iso7816::Aid::parse(options.select));
        commands.push_back(globalplatform::select(aid));
    }
    for (const auto& text : options.apdus) {
        OTI_TRY(auto bytes, parse_hex(text));
        auto command = CommandApdu::parse(bytes);
        if (!command) {
            auto error = command.error();
            error.message = "'" + text + "' is not a command APDU";
            error.hint = "CLA INS P1 P2, then Lc and data, Le, or both";
            return std::unexpected(std::move(error));
        }
        commands.push_back(std::move(*command));
    }
    return commands;
}

template <typename Transmit>
Result<json::object> send_all(const std::vector<CommandApdu>& commands, const SendOptions& options,
                              Output& output, Transmit transmit) {
    json::array responses;
    for (const auto& command : commands) {
        OTI_TRY(ResponseApdu response, transmit(command));
        auto meaning = iso7816::meaning(response.sw, command.ins, command.p1);
        auto data = to_hex(response.data);
        output.say(fmt::format("{}  {:04X}  {}", data.empty() ? "-" : data, value(response.sw), meaning));
        responses.emplace_back(json::object{{"command", to_hex(command.encode())},
                                            {"data", data},
                                            {"sw", fmt::format("{:04X}", value(response.sw))},
                                            {"meaning", meaning}});
        if (!options.any_status && !iso7816::is_success_or_warning(response.sw))
            return std::unexpected(iso7816::card_error(response.sw, command.ins, command.p1));
    }
    return json::object{{"responses", std::move(responses)}};
}

Result<json::object> send(const SendOptions& options, Output& output) {
    OTI_TRY(auto commands, commands_of(options));
    if (options.secure) {
        OTI_TRY(auto card, open_domain(options));
        return send_all(commands, options, output,
                        [&](const CommandApdu& command) { return card.session.send(command); });
    }
    if (!options.sd.empty()) {
        OTI_TRY(auto card, select_domain(options));
        return send_all(commands, options, output,
                        [&](const CommandApdu& command) { return card.session.send(command); });
    }
    OTI_TRY(auto connection, CardConnection::open(options));
    return send_all(commands, options, output, [&](const CommandApdu& command) -> Result<ResponseApdu> {
        OTI_TRY(auto response, connection.channel().transmit(command.encode()));
        return ResponseApdu::parse(response);
    });
}

}  // namespace

void add_card_send_command(Commands& commands) {
    auto options = std::make_shared<SendOptions>();
    auto& command = add_card_verb(commands, "send", "send APDUs and show what comes back", options, send);
    command.add_option("APDU", options->apdus, "hexadecimal; any number of them")->required();
    command.add_option("--select", options->select, "AID of an application to select first");
    command.add_flag("--secure", options->secure, "through the secure channel of the domain");
    command.add_flag("--any-status", options->any_status, "go on whatever the card answers");
    add_card_options(command, *options);
}

}  // namespace oti::cli
