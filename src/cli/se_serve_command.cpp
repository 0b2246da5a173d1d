// SPDX-License-Identifier: Apache-2.0
// oti se serve: the virtual secure element in other people's readers.
#include <fmt/format.h>
#include <sys/signalfd.h>

#include <csignal>

#include "base/hex.h"
#include "bearer/card_server.h"
#include "card/answer_to_reset.h"
#include "card/disk_nvm_file.h"
#include "cli/cli.h"

namespace oti::cli {
namespace {

struct SeServeOptions {
    std::string file, vpcd, address;
    bool paced = false, trace = false;
};

/// Readable once SIGINT or SIGTERM has come, which then end nothing by themselves.
Result<Descriptor> signals_as_descriptor() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    Descriptor signals(::sigprocmask(SIG_BLOCK, &set, nullptr) == 0 ? ::signalfd(-1, &set, SFD_CLOEXEC) : -1);
    if (!signals) return fail(ErrorKind::kInternal, "serve.signals", "signals cannot be awaited");
    return signals;
}

Result<json::object> serve(const SeServeOptions& options, Output& output) {
    OTI_TRY(auto endpoint, bearer::Endpoint::parse(options.vpcd.empty() ? options.address : options.vpcd));
    OTI_TRY(auto signals, signals_as_descriptor());
    crypto::SystemRandom random;
    OTI_TRY(auto file, card::DiskNvmFile::open(options.file));
    OTI_TRY(auto se, card::SecureElement::open(std::move(file), random));
    SystemClock clock;
    bearer::CardServer server(se, options.paced ? &clock : nullptr, signals.get());
    output.say(fmt::format("the secure element {} ({}), ATR {}", se.identity().se_id, se.profile().name,
                           to_hex(card::answer_to_reset(se.profile()))));
    // Whoever started this may wait for these lines.
    auto tell = [&](std::string_view text, json::object extra = {}) {
        output.say(text);
        output.progress(0, 1, text, std::move(extra));
    };
    server.on_event = [&](std::string_view text) { tell(text); };
    if (options.trace) {
        server.on_exchange = [](BytesView command, BytesView response, std::string_view diagnosis) {
            if (command.empty()) return fmt::print(stderr, "reset\n");
            fmt::print(stderr, "> {}\n< {}\n", to_hex(command), to_hex(response));
            if (!diagnosis.empty()) fmt::print(stderr, "! {}\n", diagnosis);
        };
    }
    if (!options.vpcd.empty()) {
        OTI_CHECK(server.join(endpoint));
    } else {
        OTI_CHECK(server.listen(endpoint, [&](std::uint16_t port) {
            endpoint.port = port;
            tell(fmt::format("listening on {}", endpoint.to_string()), {{"port", port}});
        }));
    }
    return json::object{{"se_id", se.identity().se_id}};
}

}  // namespace

void add_se_serve_command(Commands& commands) {
    auto options = std::make_shared<SeServeOptions>();
    auto* command = commands.noun("se", "").add_subcommand(
        "serve", "put a virtual secure element into a reader, until SIGINT or SIGTERM");
    command->add_option("FILE", options->file, "its image file")->required();
    auto* vpcd = command->add_option("--vpcd", options->vpcd,
                                     "HOST:PORT of vsmartcard's vpcd, the reader of pcscd (127.0.0.1:35963)");
    auto* address = command->add_option(
        "--listen", options->address,
        "HOST:PORT to wait at for terminals, one at a time, that speak as vpcd does: messages of a length in "
        "2 bytes and an APDU, or 00 power off, 01 power on, 02 reset, 04 give the ATR; any free port if 0");
    vpcd->excludes(address);
    command->add_flag("--paced", options->paced, "answer as slowly as the profile says, not at once");
    command->add_flag("--trace", options->trace, "show the APDUs (with T=0, the TPDUs), on standard error");
    commands.verb(*command, [options](Output& output) -> Result<json::object> {
        if (options->vpcd.empty() && options->address.empty()) {
            return fail(ErrorKind::kUsage, "usage", "where the terminal is was not said",
                        "give --vpcd HOST:PORT or --listen HOST:PORT");
        }
        return serve(*options, output);
    });
}

}  // namespace oti::cli
