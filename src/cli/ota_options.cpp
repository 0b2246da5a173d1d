// SPDX-License-Identifier: Apache-2.0
#include "cli/ota_options.h"

#include <fmt/format.h>

#include <charconv>

#include "base/hex.h"
#include "cli/files.h"
#include "globalplatform/names.h"

namespace oti::cli {

Result<crypto::SecretBytes> secret_of(const std::string& hex, std::string_view option) {
    auto bytes = parse_hex(hex);
    if (!bytes || bytes->empty())
        return fail(ErrorKind::kUsage, "usage.key", fmt::format("{} is no key in hexadecimal", option));
    return crypto::SecretBytes::take(std::move(*bytes));
}

Result<scp::Scp80Host> packets_of(const OtaOptions& options) {
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

Status use_counter(const std::string& path, std::uint64_t counter) {
    return write_text(path, fmt::format("{}\n", counter), kSecretFile);
}

json::object report_response(Output& output, std::size_t index, const ota::RemoteCommand& command,
                             const iso7816::ResponseApdu& response) {
    auto data = to_hex(response.data);
    output.say(fmt::format("{:<28} {:04X}  {}", globalplatform::command_name(command.command),
                           value(response.sw), data.empty() ? "-" : data));
    return {{"command", index}, {"sw", fmt::format("{:04X}", value(response.sw))}, {"data", data}};
}

void add_ota_options(CLI::App& command, OtaOptions& options) {
    command.add_option("APDU", options.apdus, "commands for the receiver, hexadecimal; their data are shown");
    command.add_option("--install", options.file, "a CAP file to load and install instead");
    command.add_option("--module", options.module, "AID of the module, where the package has several");
    command.add_option("--aid", options.instance, "AID of the instance; the module's if left out");
    command.add_option("--params", options.parameters, "for the applet's install method, hexadecimal");
    command.add_option("--privs", options.privileges, "privileges by name, or in hexadecimal");
    command.add_option("--domain", options.issuer, "AID of the receiver, which gets the package")
        ->default_val(std::string("A000000151000000"));
    command.add_option("--kic", options.kic, "key that enciphers, AES, hexadecimal")
        ->envname("OTI_OTA_KIC")
        ->required();
    command.add_option("--kid", options.kid, "key that authenticates")->envname("OTI_OTA_KID")->required();
    command.add_option("--kvn", options.kvn, "their version, 01 to 0F")->capture_default_str();
    command.add_option("--mac", options.mac_size, "length of the MAC")
        ->check(CLI::IsMember({4, 8}))
        ->capture_default_str();
    command
        .add_option("--counter-file", options.counter_file,
                    "file with the last packet counter used with these keys; it is kept up to date")
        ->required();
    add_reader_options(command, options);
}

}  // namespace oti::cli
