// SPDX-License-Identifier: Apache-2.0
// oti ota send: secured packets (SCP80) to a card, by way of a message centre, or as if by one to a card that
// is here.
#include <fmt/format.h>

#include <charconv>

#include "base/hex.h"
#include "bearer/endpoint.h"
#include "bearer/smpp_bearer.h"
#include "cli/card_application.h"
#include "cli/files.h"
#include "cli/ota_smsc_command.h"
#include "globalplatform/names.h"
#include "ota/remote_conversation.h"
#include "ota/simulated_sms.h"
#include "ota/sms_carrier.h"

namespace oti::cli {
namespace {

struct OtaOptions : InstallOptions {
    std::vector<std::string> apdus;
    std::string kic, kid, kvn = "01", tar = "000000", spi, counter_file, issuer;
    std::string smsc, msisdn, coding = "F6";
    bearer::SmppAccount account{.source_address = "12345"};
    std::size_t mac_size = 8, messages = 4;
    double patience = 60;
    bool expanded = false;
};

Result<crypto::SecretBytes> secret_of(const std::string& hex, std::string_view option) {
    auto bytes = parse_hex(hex);
    if (!bytes || bytes->empty())
        return fail(ErrorKind::kUsage, "usage.key", fmt::format("{} is no key in hexadecimal", option));
    return crypto::SecretBytes::take(std::move(*bytes));
}

Result<scp::Scp80Host> host_of(const OtaOptions& options) {
    OTI_TRY(auto kic, secret_of(options.kic, "--kic"));
    OTI_TRY(auto kid, secret_of(options.kid, "--kid"));
    OTI_TRY(auto version, parse_key_version(options.kvn));
    auto tar_bytes = parse_hex(options.tar);
    scp::Tar tar{};
    if (!tar_bytes || tar_bytes->size() != tar.size())
        return fail(ErrorKind::kUsage, "usage.tar", "a TAR has 3 bytes: " + options.tar);
    std::ranges::copy(*tar_bytes, tar.begin());
    scp::Spi spi;
    if (!options.spi.empty()) {
        auto octets = parse_hex(options.spi);
        if (!octets || octets->size() != 2)
            return fail(ErrorKind::kUsage, "usage.spi", "an SPI has 2 bytes: " + options.spi);
        OTI_TRY(spi, scp::Spi::parse((*octets)[0], (*octets)[1]));
    }
    scp::Scp80Keys keys{scp::Scp80Algorithm::kAes, std::move(kic), std::move(kid), options.mac_size};
    return scp::Scp80Host::create(keys, version.value(), spi, tar);
}

/// The counter that is next; 1 where there is no file yet. Errors `file.*`, `ota.counter_file`.
Result<std::uint64_t> next_counter(const std::string& path) {
    if (!std::filesystem::exists(path)) return 1;
    OTI_TRY(auto text, read_text(path));
    std::uint64_t used = 0;
    auto end = std::from_chars(text.data(), text.data() + text.size(), used);
    if (end.ec != std::errc() || used > scp::kScp80MaxCounter)
        return fail(ErrorKind::kUsage, "ota.counter_file", path + " holds no packet counter",
                    "it has the last counter that was used, as a decimal number");
    return used + 1;
}

/// What is sent: an application's installation, or APDUs as they are.
Result<std::vector<ota::RemoteCommand>> commands_of(const OtaOptions& options, std::size_t block) {
    std::vector<ota::RemoteCommand> commands;
    for (const auto& text : options.apdus) {
        OTI_TRY(auto bytes, parse_hex(text));
        OTI_TRY(auto command, iso7816::CommandApdu::parse(bytes));
        commands.push_back({std::move(command), true});
    }
    if (options.file.empty()) return commands;
    OTI_TRY(auto domain, iso7816::Aid::parse(options.issuer));
    OTI_TRY(auto application, application_of(options, domain));
    auto operations = globalplatform::plan({{std::move(application.wanted)}, {}}, {});
    for (auto& command : globalplatform::commands(operations, domain, block)) {
        commands.push_back({std::move(command.apdu), false});
    }
    return commands;
}

Result<std::uint8_t> coding_of(const std::string& text) {
    auto octets = parse_hex(text);
    if (!octets || octets->size() != 1)
        return fail(ErrorKind::kUsage, "usage.coding", "a data_coding has 1 byte: " + text);
    return octets->front();
}

/// A person would rather know soon that nobody is there.
constexpr std::chrono::seconds kSubmit{10};

/// A bearer that counts what it is given.
class Counted final : public ota::SmsBearer {
  public:
    explicit Counted(ota::SmsBearer& bearer) : bearer_(&bearer) {}
    Status deliver(BytesView user_data) override {
        ++messages;
        return bearer_->deliver(user_data);
    }
    Result<std::optional<Bytes>> receive(std::chrono::milliseconds deadline) override {
        return bearer_->receive(deadline);
    }
    std::size_t messages = 0;

  private:
    ota::SmsBearer* bearer_;
};

/// Carries the conversation by way of the message centre, or to the card that is here; returns how many
/// messages that took.
Result<std::size_t> carry(const OtaOptions& options, ota::RemoteConversation& conversation,
                          ota::SmsCarrier how) {
    if (!options.smsc.empty()) {
        OTI_TRY(auto endpoint, bearer::Endpoint::parse(options.smsc));
        auto account = options.account;
        account.host = endpoint.host;
        account.port = endpoint.port;
        OTI_TRY(account.coding, coding_of(options.coding));
        account.receipts = true;
        OTI_TRY(auto sms, bearer::SmppBearer::start(std::move(account), options.msisdn, {.submit = kSubmit}));
        Counted counted(*sms);
        how.patience = std::chrono::milliseconds(static_cast<std::int64_t>(options.patience * 1000));
        OTI_CHECK(ota::carry(conversation, counted, how));
        return counted.messages;
    }
    OTI_TRY(auto card, CardConnection::open(options));
    SystemClock clock;
    ota::SimulatedSms sms(card.channel(), clock, {}, {}, 0);
    OTI_CHECK(sms.start());
    Counted counted(sms);
    // The card is here: what it has not answered at once it will not answer.
    how.patience = std::chrono::milliseconds(1);
    OTI_CHECK(ota::carry(conversation, counted, how));
    return counted.messages;
}

Result<json::object> send(const OtaOptions& options, Output& output) {
    OTI_TRY(auto host, host_of(options));
    auto packet = ota::max_packet(options.messages);
    auto format = options.expanded ? ota::ScriptFormat::kExpanded : ota::ScriptFormat::kCompact;
    OTI_TRY(auto commands, commands_of(options, ota::command_data_size(host, format, packet)));
    OTI_TRY(auto counter, next_counter(options.counter_file));
    OTI_TRY(auto conversation,
            ota::RemoteConversation::create(std::move(host), format, commands, counter, packet));
    ota::SmsCarrier how;
    how.on_counter = [&](std::uint64_t used) {
        output.progress(conversation.done(), conversation.total(), fmt::format("packet {}", used));
        return write_text(options.counter_file, fmt::format("{}\n", used), kSecretFile);
    };
    auto messages = carry(options, conversation, std::move(how));
    json::array responses;
    for (const auto& [index, response] : conversation.responses()) {
        const auto& command = commands[index].command;
        auto data = to_hex(response.data);
        output.say(fmt::format("{:<28} {:04X}  {}", globalplatform::command_name(command), value(response.sw),
                               data.empty() ? "-" : data));
        responses.emplace_back(json::object{
            {"command", index}, {"sw", fmt::format("{:04X}", value(response.sw))}, {"data", data}});
    }
    if (!messages) {
        auto error = messages.error();
        error.message +=
            fmt::format(" ({} of {} commands are done)", conversation.done(), conversation.total());
        return std::unexpected(std::move(error));
    }
    output.say(fmt::format("done; {} short messages", *messages));
    return json::object{{"commands", conversation.total()},
                        {"messages", *messages},
                        {"counter", conversation.counter() - 1},
                        {"responses", std::move(responses)}};
}

}  // namespace

void add_ota_commands(Commands& commands) {
    auto options = std::make_shared<OtaOptions>();
    auto& noun = commands.noun("ota", "remote management by short messages (SCP80)");
    auto* command = noun.add_subcommand(
        "send",
        "send commands to a card: by way of a message centre, or to one that is here, as a handset would");
    command->add_option("APDU", options->apdus,
                        "commands for the receiver, hexadecimal; their data are shown");
    command->add_option("--install", options->file, "a CAP file to load and install instead");
    command->add_option("--module", options->module, "AID of the module, where the package has several");
    command->add_option("--aid", options->instance, "AID of the instance; the module's if left out");
    command->add_option("--params", options->parameters, "for the applet's install method, hexadecimal");
    command->add_option("--privs", options->privileges, "privileges by name, or in hexadecimal");
    command->add_option("--domain", options->issuer, "AID of the receiver, which gets the package")
        ->default_val(std::string("A000000151000000"));
    command->add_option("--kic", options->kic, "key that enciphers, AES, hexadecimal")
        ->envname("OTI_OTA_KIC")
        ->required();
    command->add_option("--kid", options->kid, "key that authenticates")->envname("OTI_OTA_KID")->required();
    command->add_option("--kvn", options->kvn, "their version, 01 to 0F")->capture_default_str();
    command->add_option("--mac", options->mac_size, "length of the MAC")
        ->check(CLI::IsMember({4, 8}))
        ->capture_default_str();
    command
        ->add_option("--tar", options->tar,
                     "receiver: 000000 is the issuer's domain (B20100 with --expanded)")
        ->capture_default_str();
    command->add_option("--spi", options->spi,
                        "2 bytes; enciphered, MAC, counter higher, proof of receipt with both if left out");
    command
        ->add_option("--counter-file", options->counter_file,
                     "file with the last packet counter used with these keys; it is kept up to date")
        ->required();
    command->add_option("--messages", options->messages, "short messages of a packet, at most")
        ->check(CLI::Range(1, 8))
        ->capture_default_str();
    command->add_flag("--expanded", options->expanded, "scripts in expanded format");
    auto* smsc = command->add_option("--smsc", options->smsc,
                                     "HOST:PORT of a message centre (SMPP); the card is here if left out");
    command->add_option("--msisdn", options->msisdn, "the card's telephone number")->needs(smsc);
    smsc->needs("--msisdn");
    add_smpp_account(*command, options->account.system_id, options->account.password);
    command->add_option("--source", options->account.source_address, "our own number there")
        ->capture_default_str();
    command
        ->add_option("--coding", options->coding,
                     "data_coding of the messages, hexadecimal: F6, or 04 for centres that do not know that")
        ->capture_default_str();
    command
        ->add_option("--patience", options->patience,
                     "seconds to wait for a card's answer before a packet is sent again")
        ->check(CLI::Range(0.001, 86'400.0))
        ->capture_default_str();
    add_reader_options(*command, *options);
    commands.verb(*command, [options](Output& output) { return send(*options, output); });
    add_smsc_command(noun, commands);
}

}  // namespace oti::cli
