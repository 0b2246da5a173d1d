// SPDX-License-Identifier: Apache-2.0
// oti ota send: secured packets (SCP80) to a card, by way of a message centre, or as if by one to a card that
// is here.
#include <fmt/format.h>

#include <utility>

#include "base/hex.h"
#include "bearer/endpoint.h"
#include "bearer/smpp_bearer.h"
#include "cli/ota_options.h"
#include "cli/ota_smsc_command.h"
#include "ota/packet_errors.h"
#include "ota/remote_conversation.h"
#include "ota/simulated_sms.h"
#include "ota/sms_carrier.h"

namespace oti::cli {
namespace {

struct SendOptions : OtaOptions {
    std::string smsc, msisdn, coding = "F6";
    bearer::SmppAccount account{.source_address = "12345"};
    double patience = 60;
};

Result<std::uint8_t> coding_of(const std::string& text) {
    auto octets = parse_hex(text);
    if (!octets || octets->size() != 1)
        return fail(ErrorKind::kUsage, "usage.coding", "a data_coding has 1 byte: " + text);
    return octets->front();
}

/// A person would rather know soon that nobody is there.
constexpr std::chrono::seconds kSubmit{10};

/// A bearer that counts what it is given, and says what is being waited for.
class Counted final : public ota::SmsBearer {
  public:
    Counted(ota::SmsBearer& bearer, const ota::RemoteConversation& conversation, Output& output)
        : bearer_(&bearer), conversation_(&conversation), output_(&output) {}
    Status deliver(BytesView user_data) override {
        ++messages;
        return bearer_->deliver(user_data);
    }
    Result<std::optional<Bytes>> receive(std::chrono::milliseconds deadline) override {
        const auto& packet = conversation_->packet();
        if (packet && packet->refusal() && !std::exchange(has_said_, true)) {
            output_->say(fmt::format("{}; it did not sign that, so its answer is still waited for",
                                     ota::packet_refusal(*packet->refusal()).message));
        }
        return bearer_->receive(deadline);
    }
    std::size_t messages = 0;

  private:
    ota::SmsBearer* bearer_;
    const ota::RemoteConversation* conversation_;
    Output* output_;
    bool has_said_ = false;
};

/// Carries the conversation by way of the message centre, or to the card that is here; returns how many
/// messages that took.
Result<std::size_t> carry(const SendOptions& options, ota::RemoteConversation& conversation,
                          ota::SmsCarrier how, Output& output) {
    if (!options.smsc.empty()) {
        OTI_TRY(auto endpoint, bearer::Endpoint::parse(options.smsc));
        OTI_CHECK(ota::SmsAddress::of_number(options.msisdn));
        auto account = options.account;
        account.host = endpoint.host;
        account.port = endpoint.port;
        OTI_TRY(account.coding, coding_of(options.coding));
        account.receipts = true;
        OTI_TRY(auto sms, bearer::SmppBearer::start(std::move(account), options.msisdn, {.submit = kSubmit}));
        Counted counted(*sms, conversation, output);
        how.patience = std::chrono::milliseconds(static_cast<std::int64_t>(options.patience * 1000));
        OTI_CHECK(ota::carry(conversation, counted, how));
        return counted.messages;
    }
    OTI_TRY(auto card, CardConnection::open(options));
    SystemClock clock;
    ota::SimulatedSms sms(card.channel(), clock, {}, {}, 0);
    OTI_CHECK(sms.start());
    Counted counted(sms, conversation, output);
    // The card is here: what it has not answered at once it will not answer.
    how.patience = std::chrono::milliseconds(1);
    OTI_CHECK(ota::carry(conversation, counted, how));
    return counted.messages;
}

Result<json::object> send(const SendOptions& options, Output& output) {
    OTI_TRY(auto host, packets_of(options));
    auto packet = ota::max_packet(options.messages);
    auto format = options.expanded ? ota::ScriptFormat::kExpanded : ota::ScriptFormat::kCompact;
    OTI_TRY(auto commands, commands_of(options, ota::command_data_size(host, format, packet)));
    OTI_TRY(auto counter, next_counter(options.counter_file));
    OTI_TRY(auto conversation,
            ota::RemoteConversation::create(std::move(host), format, commands, counter, packet));
    ota::SmsCarrier how;
    how.on_counter = [&](std::uint64_t used) {
        output.progress(conversation.done(), conversation.total(), fmt::format("packet {}", used));
        return use_counter(options.counter_file, used);
    };
    auto messages = carry(options, conversation, std::move(how), output);
    json::array responses;
    for (const auto& [index, response] : conversation.responses()) {
        responses.emplace_back(report_response(output, index, commands[index], response));
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
    auto options = std::make_shared<SendOptions>();
    auto& noun = commands.noun("ota", "remote management by short messages (SCP80) and over HTTP (SCP81)");
    auto* command = noun.add_subcommand(
        "send",
        "send commands to a card: by way of a message centre, or to one that is here, as a handset would");
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
    commands.verb(*command, [options](Output& output) { return send(*options, output); });
    add_smsc_command(noun, commands);
    add_ota_administer_command(noun, commands);
}

}  // namespace oti::cli
