// SPDX-License-Identifier: Apache-2.0
// The programs that stay: oti tsm serve, oti sp serve, oti agent run.
#include <fmt/format.h>
#include <sys/prctl.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "agent/agent.h"
#include "bearer/endpoint.h"
#include "bearer/virtual_channel.h"
#include "card/disk_nvm_file.h"
#include "cli/cli.h"
#include "cli/files.h"
#include "cli/ota_smsc_command.h"
#include "cli/serving.h"
#include "seram/json.h"
#include "sp/provider.h"
#include "tsm/tsm.h"

namespace oti::cli {
namespace {

struct ServeOptions {
    std::string identity, folder, address = "127.0.0.1", tsm;
    std::uint16_t port = 0;
    std::string smsc, system_id, password, source = "12345";
    std::size_t messages = 4;
    double patience = 300;
    std::string administration, administration_address;
};

void add_serve_options(CLI::App& command, ServeOptions& options) {
    command.add_option("--identity", options.identity, "folder with ca.pem, certificate.pem and key.pem")
        ->required()
        ->envname("OTI_IDENTITY");
    command.add_option("--state", options.folder, "folder of the database and the key that seals it")
        ->required();
    command.add_option("--address", options.address, "address to listen on")->capture_default_str();
    command.add_option("--port", options.port, "port to listen on; any free one if 0")->capture_default_str();
    command.add_option("--smsc", options.smsc, "HOST:PORT of a message centre (SMPP), for short messages");
    add_smpp_account(command, options.system_id, options.password);
    command.add_option("--source", options.source, "number of the account, to which cards answer")
        ->capture_default_str();
    command.add_option("--messages", options.messages, "short messages of a packet, at most")
        ->check(CLI::Range(1, 8))
        ->capture_default_str();
    command
        .add_option("--patience", options.patience,
                    "seconds that a card's answer to a packet is waited for, before it is sent again")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
}

Result<std::optional<ota_server::OtaConfiguration>> ota_of(const ServeOptions& options) {
    if (options.smsc.empty()) return std::nullopt;
    OTI_TRY(auto endpoint, bearer::Endpoint::parse(options.smsc));
    ota_server::OtaConfiguration ota;
    ota.account = {endpoint.host, endpoint.port, options.system_id, options.password, options.source};
    ota.messages = options.messages;
    ota.patience = std::chrono::milliseconds(static_cast<std::int64_t>(options.patience * 1000));
    if (options.administration.empty()) return ota;
    OTI_TRY(auto listen, bearer::Endpoint::parse(options.administration));
    auto told = listen;
    if (!options.administration_address.empty()) {
        OTI_TRY(told, bearer::Endpoint::parse(options.administration_address));
    }
    ota.administration = {std::move(listen), std::move(told)};
    return ota;
}

Result<remote_agent::ServiceConfiguration> configuration_of(const ServeOptions& options) {
    OTI_TRY(auto identity, load_identity(options.identity));
    OTI_TRY(auto ota, ota_of(options));
    return remote_agent::ServiceConfiguration{options.address, options.port, options.folder,
                                              std::move(identity), std::move(ota)};
}

void announce(Output& output, std::string_view what, const std::string& address, std::uint16_t port) {
    auto text = fmt::format("{} listens on https://{}:{}", what, address, port);
    output.say(text);
    output.progress(0, 1, text, {{"port", port}});
}

Result<json::object> serve_tsm(const ServeOptions& options, Output& output) {
    crypto::SystemRandom random;
    boost::asio::io_context io(1);
    OTI_TRY(auto configuration, configuration_of(options));
    OTI_TRY(auto tsm, tsm::Tsm::create(io, std::move(configuration), random));
    tsm->start();
    announce(output, "TSM", options.address, tsm->port());
    run_until_signalled(io, [&] { tsm->stop(); });
    return json::object{};
}

Result<json::object> serve_sp(const ServeOptions& options, Output& output) {
    crypto::SystemRandom random;
    boost::asio::io_context io(1);
    OTI_TRY(auto configuration, configuration_of(options));
    OTI_TRY(auto tsm, net::Url::parse(options.tsm));
    OTI_TRY(auto provider, sp::Provider::create(io, std::move(configuration), std::move(tsm), random));
    OTI_CHECK(provider->start());
    announce(output, "service provider", options.address, provider->port());
    run_until_signalled(io, [&] { provider->stop(); });
    return json::object{};
}

struct AgentOptions {
    std::string identity, se, binding = "stream";
    std::vector<std::string> servers;
    bool no_pacing = false;
    std::string smsc, msisdn, password;
};

void add_agent_options(CLI::App& command, AgentOptions& options) {
    command.add_option("--identity", options.identity, "folder with ca.pem, certificate.pem and key.pem")
        ->required()
        ->envname("OTI_IDENTITY");
    command.add_option("--se", options.se, "image file of the virtual secure element")
        ->required()
        ->envname("OTI_SE");
    command
        .add_option("--server", options.servers,
                    "https URL of a TSM or provider; may be given more than once")
        ->required();
}

/// Time without end: what a secure element costs is not waited for.
class NoPacing final : public Clock {
  public:
    std::chrono::steady_clock::time_point now() const override { return {}; }
    void sleep_until(std::chrono::steady_clock::time_point) override {}
};

Result<json::object> run_agent(const AgentOptions& options, bool enrol_only, Output& output) {
    crypto::SystemRandom random;
    boost::asio::io_context io(1);
    OTI_TRY(auto identity, load_identity(options.identity));
    OTI_TRY(auto file, card::DiskNvmFile::open(options.se));
    OTI_TRY(auto se, card::SecureElement::open(std::move(file), random));
    SystemClock real_clock;
    NoPacing no_pacing;
    bearer::VirtualChannel channel(se, options.no_pacing ? static_cast<Clock&>(no_pacing) : real_clock);
    bool embedded = se.profile().name.starts_with("ese");
    agent::Configuration configuration;
    configuration.se = {embedded ? seram::SeType::kEse : seram::SeType::kUicc, se.identity().se_id};
    configuration.binding = options.binding == "json" ? agent::Binding::kJson : agent::Binding::kStream;
    configuration.on_notification = [&](std::string_view text) { output.say(text); };
    for (const auto& server : options.servers) {
        OTI_TRY(auto url, net::Url::parse(server));
        configuration.servers.push_back(std::move(url));
    }
    if (!options.smsc.empty()) {
        OTI_TRY(auto endpoint, bearer::Endpoint::parse(options.smsc));
        configuration.message_centre = {endpoint.host, endpoint.port, options.msisdn, options.password,
                                        options.msisdn};
    }
    agent::Agent agent(io, channel, std::move(identity), std::move(configuration));
    Status enrolled;
    if (enrol_only) {
        boost::asio::co_spawn(io, agent.enrol(), [&](const std::exception_ptr&, Status status) {
            enrolled = std::move(status);
        });
        io.run();
        OTI_CHECK(std::move(enrolled));
        output.say("enrolled the secure element " + se.identity().se_id);
    } else {
        OTI_CHECK(agent.start());
        output.say("SE Manager of the secure element " + se.identity().se_id);
        output.progress(0, 1, "running", {{"se_id", se.identity().se_id}});
        run_until_signalled(io, [&] { agent.stop(); });
    }
    return json::object{{"se_id", se.identity().se_id}};
}

}  // namespace

void add_server_commands(Commands& commands) {
    auto tsm_options = std::make_shared<ServeOptions>();
    auto* tsm =
        commands.noun("tsm", "the trusted service manager").add_subcommand("serve", "run the TSM's server");
    add_serve_options(*tsm, *tsm_options);
    commands.verb(*tsm, [tsm_options](Output& output) { return serve_tsm(*tsm_options, output); });

    auto sp_options = std::make_shared<ServeOptions>();
    auto* sp =
        commands.noun("sp", "the service provider").add_subcommand("serve", "run the provider's server");
    add_serve_options(*sp, *sp_options);
    sp->add_option("--tsm", sp_options->tsm, "https URL of the TSM")->required();
    auto* administration =
        sp->add_option("--administration", sp_options->administration,
                       "HOST:PORT to listen on for cards that call (SCP81, bearer bip); with --smsc, by "
                       "which they are told to")
            ->needs("--smsc");
    sp->add_option("--administration-address", sp_options->administration_address,
                   "IP:PORT that cards are told to call, if it is another one")
        ->needs(administration);
    commands.verb(*sp, [sp_options](Output& output) { return serve_sp(*sp_options, output); });

    auto& agent = commands.noun("agent", "the SE Manager on a phone");
    // Each verb has options of its own: the environment is read for all of them.
    auto enrol_options = std::make_shared<AgentOptions>();
    auto* enrol = agent.add_subcommand("enrol", "tell servers which secure element this phone has");
    add_agent_options(*enrol, *enrol_options);
    commands.verb(*enrol,
                  [enrol_options](Output& output) { return run_agent(*enrol_options, true, output); });
    auto agent_options = std::make_shared<AgentOptions>();
    auto* run = agent.add_subcommand("run", "stay connected to servers and carry their sessions");
    add_agent_options(*run, *agent_options);
    run->add_option("--binding", agent_options->binding,
                    "stream (WSS and CBOR) or json (GP SERAM over HTTPS)")
        ->check(CLI::IsMember({"stream", "json"}))
        ->capture_default_str();
    auto* smsc = run->add_option(
        "--smsc", agent_options->smsc,
        "HOST:PORT of a message centre (SMPP) where the phone takes short messages for its card, and "
        "carries the connections that the card then wants (BIP)");
    run->add_option("--msisdn", agent_options->msisdn, "the phone's number, which is its account there")
        ->needs(smsc);
    smsc->needs("--msisdn");
    run->add_option("--password", agent_options->password, "of that account")->envname("OTI_SMPP_PASSWORD");
    run->add_flag("--no-pacing", agent_options->no_pacing, "answer at once, not as fast as the profile says");
    commands.verb(*run, [agent_options](Output& output) { return run_agent(*agent_options, false, output); });
}

}  // namespace oti::cli
