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
#include "ota/administration_trigger.h"
#include "ota/sms_concatenation.h"

namespace oti::cli {
namespace {

struct AdministerOptions : OtaOptions {
    std::string psk, identity = "card", psk_version = "40", listen = "127.0.0.1:0";
    unsigned psk_id = 1, patience = 60;
};

constexpr std::size_t kMaxScript = 8192;

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

/// What the card makes of the message: whether it will call.
Status read_proof(const scp::Scp80Host& host, std::uint64_t counter, BytesView report) {
    constexpr std::size_t kHeader = 3;
    if (report.size() < kHeader)
        return fail(ErrorKind::kCard, "ota.no_answer", "the card does not answer secured packets",
                    "it has to be a UICC with these keys");
    OTI_TRY(auto proof, host.response(counter, report.subspan(kHeader)));
    if (proof.status != scp::ResponseStatus::kOk || !proof.data.empty()) {
        return fail(
            ErrorKind::kCard, "ota.refused",
            fmt::format("the card does not take the message that tells it to call (status {:02X})",
                        static_cast<unsigned>(proof.status)),
            "look at the keys, the counter, and whether the domain has the pre-shared key and can do SCP81");
    }
    return {};
}

/// The handset's part: brings the messages and carries the connections that the card wants.
net::Task<Status> bring(bearer::HandsetDriver& handset, std::vector<ota::SmsDeliver> messages,
                        std::chrono::seconds patience, Bytes& report) {
    OTI_CO_CHECK(co_await handset.start());
    for (auto& message : messages) {
        OTI_CO_TRY(auto said, co_await handset.deliver(std::move(message)));
        if (!said.data.empty()) report = std::move(said.data);
    }
    co_return co_await handset.finish(patience);
}

Status run_handset(boost::asio::io_context& io, const AdministerOptions& options, const scp::Scp80Host& host,
                   std::uint16_t port, Output& output) {
    OTI_TRY(auto parameters, parameters_of(options, port));
    OTI_TRY(auto counter, next_counter(options.counter_file));
    OTI_TRY(auto packet, host.command(counter, ota::encode_trigger(parameters)));
    OTI_TRY(auto parts, ota::split({{{ota::SmsUserData::kCommandPacket, {}}}, std::move(packet)}, 1));
    OTI_TRY(auto card, CardConnection::open(options));
    OTI_CHECK(use_counter(options.counter_file, counter));
    OTI_TRY(auto centre, ota::SmsAddress::of_number("+4917000000"));
    std::vector<ota::SmsDeliver> messages;
    for (auto& part : parts)
        messages.push_back({.originator = centre, .content = {.user_data = std::move(part)}});

    boost::asio::thread_pool card_thread(1);
    bearer::OwnCard own(card.channel(), card_thread);
    bearer::HandsetDriver handset(io.get_executor(), own, centre, {.on_event = [&](std::string_view event) {
                                      output.say(std::string(event));
                                  }});
    Bytes report;
    Status carried;
    boost::asio::co_spawn(io,
                          bring(handset, std::move(messages), std::chrono::seconds(options.patience), report),
                          [&](const std::exception_ptr&, Status status) {
                              carried = std::move(status);
                              io.stop();
                          });
    io.run();
    card_thread.join();
    OTI_CHECK(std::move(carried));
    return read_proof(host, counter, report);
}

Result<json::object> administer(const AdministerOptions& options, Output& output) {
    OTI_TRY(auto psk, secret_of(options.psk, "--psk"));
    OTI_TRY(auto host, packets_of(options));
    OTI_TRY(auto commands, commands_of(options, iso7816::kMaxShortData));
    ota::CommandList list(commands);
    ota::AdministrationJob job(list, kMaxScript);
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
    auto carried = run_handset(io, options, host, listener.port(), output);
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
