// SPDX-License-Identifier: Apache-2.0
// oti ota administer: a card that is here is told by short message to call a server, which is here, too
// (SCP81).
#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>

#include "bearer/administration_listener.h"
#include "bearer/handset_driver.h"
#include "cli/cli.h"
#include "cli/ota_options.h"
#include "ota/sms_exchange.h"
#include "ota/trigger_conversation.h"

namespace oti::cli {
namespace {

struct AdministerOptions : OtaOptions {
    std::string psk, identity = "card", psk_version = "40", listen = "127.0.0.1:0";
    unsigned psk_id = 1, patience = 60;
};

Result<ota::AdministrationParameters> parameters_of(const AdministerOptions& options, std::uint16_t port) {
    OTI_TRY(auto version, parse_key_version(options.psk_version));
    return ota::AdministrationParameters{.server = ota::ChannelTarget{{127, 0, 0, 1}, port},
                                         .identity = options.identity,
                                         .key_version = version.value(),
                                         .key_id = static_cast<std::uint8_t>(options.psk_id),
                                         .retry = ota::RetryPolicy{3, std::chrono::seconds(1)},
                                         .host = fmt::format("localhost:{}", port),
                                         .agent = options.identity,
                                         .uri = "/administration"};
}

/// The handset's part: brings the messages and carries the connections that the card wants. `proof` is also
/// filled with what the card sends by itself.
net::Task<Status> bring(bearer::HandsetDriver& handset, ota::SmsExchange& exchange, Bytes& proof,
                        ota::SmsAddress centre, std::chrono::seconds patience) {
    OTI_CO_CHECK(co_await handset.start());
    while (true) {
        OTI_CO_TRY(auto messages, exchange.next());
        if (messages.empty()) co_return co_await handset.finish(patience);
        bool answered = false;
        for (auto& message : messages) {
            proof.clear();
            OTI_CO_TRY(auto said, co_await handset.deliver(
                                      {.originator = centre, .content = {.user_data = std::move(message)}}));
            if (!said.data.empty()) proof = std::move(said.data);
            if (proof.empty()) continue;
            OTI_CO_TRY(answered, exchange.take(proof));
        }
        // The card is here: what it has not answered at once it will not answer.
        if (!answered) OTI_CO_CHECK(exchange.expire());
    }
}

Status run_handset(boost::asio::io_context& io, const AdministerOptions& options, scp::Scp80Host host,
                   std::uint16_t port, Output& output) {
    OTI_TRY(auto parameters, parameters_of(options, port));
    OTI_TRY(auto counter, next_counter(options.counter_file));
    OTI_TRY(auto card, CardConnection::open(options));
    OTI_CHECK(use_counter(options.counter_file, counter));
    OTI_TRY(auto centre, ota::SmsAddress::of_number("+4917000000"));
    ota::TriggerConversation trigger(std::move(host), parameters, counter);
    ota::SmsExchange exchange(trigger);

    boost::asio::thread_pool card_thread(1);
    auto own = std::make_shared<bearer::OwnCard>(card.channel(), card_thread);
    Bytes proof;
    bearer::HandsetDriver::Listener listener{
        .on_submit = [&](const ota::SmsSubmit& submit) { proof = submit.content.user_data; },
        .on_event = [&](std::string_view event) { output.say(std::string(event)); }};
    bearer::HandsetDriver handset(io.get_executor(), own, std::move(listener));
    Status carried;
    boost::asio::co_spawn(io, bring(handset, exchange, proof, centre, std::chrono::seconds(options.patience)),
                          [&](const std::exception_ptr&, Status status) {
                              carried = std::move(status);
                              io.stop();
                          });
    io.run();
    card_thread.join();
    return carried;
}

Result<json::object> administer(const AdministerOptions& options, Output& output) {
    OTI_TRY(auto psk, secret_of(options.psk, "--psk"));
    OTI_TRY(auto host, packets_of(options));
    OTI_TRY(auto commands, commands_of(options, iso7816::kMaxShortData));
    ota::CommandList list(commands);
    ota::AdministrationJob job(list);
    OTI_TRY(auto endpoint, bearer::Endpoint::parse(options.listen));
    std::optional<Error> broken;
    auto find = [&](std::string_view identity) {
        std::optional<ota::AdministrationServer::Card> card;
        if (identity == options.identity) card.emplace(psk.clone(), &job);
        return card;
    };
    auto on_turn = [&](const Status& status) {
        if (!status) broken = status.error();
    };
    boost::asio::io_context io(1);
    OTI_TRY(auto listener, bearer::AdministrationListener::start(io, endpoint, find, on_turn));
    auto carried = run_handset(io, options, std::move(host), listener.port(), output);
    json::array responses;
    for (const auto& [index, response] : list.responses())
        responses.emplace_back(report_response(output, index, commands[index], response));
    if (job.error()) return std::unexpected(*job.error());
    OTI_CHECK(std::move(carried));
    if (broken) return std::unexpected(*broken);
    if (!job.is_over()) {
        return fail(ErrorKind::kIo, "ota.outcome_unknown", "the card did not call, or not to the end",
                    "read its registry before sending again");
    }
    output.say("done");
    return json::object{{"commands", commands.size()}, {"responses", std::move(responses)}};
}

}  // namespace

void add_ota_administer_command(CLI::App& noun, Commands& commands) {
    auto options = std::make_shared<AdministerOptions>();
    options->tar = "B20100";
    auto* command = noun.add_subcommand("administer",
                                        "tell a card that is here to call a server, which is here as well, "
                                        "and to do what that one wants (SCP81)");
    add_ota_options(*command, *options);
    command->add_option("--tar", options->tar, "receiver of the message; B20100 is the issuer's domain")
        ->capture_default_str();
    command->add_option("--psk", options->psk, "pre-shared key of the domain, hexadecimal")
        ->envname("OTI_OTA_PSK")
        ->required();
    command->add_option("--psk-identity", options->identity, "by which the server knows it")
        ->capture_default_str();
    command->add_option("--psk-version", options->psk_version, "its key version on the card")
        ->capture_default_str();
    command->add_option("--psk-id", options->psk_id, "its key identifier; the DEK has the next one")
        ->check(CLI::Range(1, 126))
        ->capture_default_str();
    command->add_option("--listen", options->listen, "where the server is on this machine")
        ->capture_default_str();
    command->add_option("--patience", options->patience, "seconds without a sign of the server")
        ->check(CLI::Range(1, 3600))
        ->capture_default_str();
    commands.verb(*command, [options](Output& output) { return administer(*options, output); });
}

}  // namespace oti::cli
