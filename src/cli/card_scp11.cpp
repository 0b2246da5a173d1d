// SPDX-License-Identifier: Apache-2.0
#include "cli/card_scp11.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hex.h"
#include "cli/files.h"

namespace oti::cli {
namespace {

namespace fs = std::filesystem;
using scp::Scp11Variant;

constexpr char kCertificateTag = 0x7F;  ///< the first byte of 7F21

/// A file of the options, or else the one of that name in the folder.
Result<fs::path> file_of(const std::string& named, const CardOptions& options, std::string_view name,
                         std::string_view what, std::string_view option) {
    if (!named.empty()) return named;
    if (!options.scp11.empty()) return fs::path(options.scp11) / name;
    return fail(ErrorKind::kUsage, "usage.scp11", fmt::format("{} is not given", what),
                fmt::format("give {}, or --scp11 with a folder that 'oti ca scp11' made", option));
}

Result<std::size_t> session_key_size(const std::string& text) {
    if (text == "aes-128") return 16;
    if (text == "aes-192") return 24;
    if (text == "aes-256") return 32;
    return fail(ErrorKind::kUsage, "usage.session_key", "there are no session keys '" + text + "'",
                "use aes-128, aes-192 or aes-256");
}

}  // namespace

void add_scp_options(CLI::App& command, CardOptions& options) {
    command
        .add_option("--scp", options.scp,
                    "secure channel protocol: 02, 03, 11a, 11b, 11c; of 02 and 03 the one that the domain's "
                    "keys are for if left out")
        ->envname("OTI_SCP");
    command
        .add_option("--scp11", options.scp11,
                    "folder of SCP11's keys and certificates, as 'oti ca scp11' makes it")
        ->envname("OTI_SCP11");
    command.add_option("--oce-key", options.oce_key, "SCP11a and c: our private key (PEM)");
    command.add_option("--oce-cert", options.oce_certificates,
                       "SCP11a and c: its certificate, after those that lead to it; may be repeated");
    command.add_option("--ca-klcc", options.ca_klcc,
                       "SCP11: public key of the authority that certified the card's key (PEM)");
    command.add_option("--session-key", options.session_key, "SCP11: aes-128, aes-192 or aes-256")
        ->capture_default_str();
}

Result<Protocol> parse_protocol(const std::string& text) {
    if (text.empty()) return Protocol{};
    if (text == "02" || text == "2") return Protocol{0x02, {}};
    if (text == "03" || text == "3") return Protocol{0x03, {}};
    if (text == "11a") return Protocol{{}, Scp11Variant::kA};
    if (text == "11b") return Protocol{{}, Scp11Variant::kB};
    if (text == "11c") return Protocol{{}, Scp11Variant::kC};
    return fail(ErrorKind::kUsage, "usage.scp", "there is no secure channel protocol '" + text + "' here",
                "use 02, 03, 11a, 11b or 11c");
}

Result<std::vector<crypto::GpCertificate>> read_certificates(const fs::path& path) {
    OTI_TRY(auto text, read_text(path));
    Bytes bytes;
    if (text.starts_with(kCertificateTag)) {
        bytes = to_bytes(as_bytes(text));
    } else {
        auto parsed = parse_hex(text);
        if (!parsed) return std::unexpected(in_file(parsed.error(), path));
        bytes = std::move(*parsed);
    }
    auto all = crypto::GpCertificate::parse_all(bytes);
    if (!all) return std::unexpected(in_file(all.error(), path));
    return all;
}

Result<manager::Scp11Access> scp11_access(const CardOptions& options, Scp11Variant variant) {
    using namespace scp11_files;
    OTI_TRY(auto authority, file_of(options.ca_klcc, options, kCardAuthority,
                                    "the authority that certified the card's key", "--ca-klcc"));
    OTI_TRY(auto card_authority, read_public_key(authority));
    manager::Scp11Access access{.variant = variant, .card_authority = std::move(card_authority)};
    OTI_TRY(access.key_size, session_key_size(options.session_key));
    if (!options.key_version.empty()) {
        OTI_TRY(access.key_version, parse_key_version(options.key_version));
    }
    if (!options.key_dek.empty()) {
        OTI_TRY(access.key_dek, parse_key(options.key_dek, "Key-DEK"));
    }
    if (variant == Scp11Variant::kB) return access;
    OTI_TRY(auto key, file_of(options.oce_key, options, kHostKey, "our private key", "--oce-key"));
    OTI_TRY(access.key, read_private_key(key));
    auto certificates = options.oce_certificates;
    if (certificates.empty()) {
        OTI_TRY(auto certificate,
                file_of({}, options, kHostCertificate, "the certificate of our key", "--oce-cert"));
        certificates.push_back(certificate);
    }
    for (const auto& path : certificates) {
        OTI_TRY(auto chain, read_certificates(path));
        std::ranges::move(chain, std::back_inserter(access.chain));
    }
    if (access.chain.back().key() != access.key->public_key()) {
        return fail(ErrorKind::kUsage, "usage.scp11", "our certificate is for another key than --oce-key",
                    "the last certificate has to be that of the key");
    }
    return access;
}

std::chrono::year_month_day today() {
    return std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
}

}  // namespace oti::cli
