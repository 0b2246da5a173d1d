// SPDX-License-Identifier: Apache-2.0
// Which secure channel protocol, and SCP11's keys and certificates as files.
#pragma once

#include "cli/card_connection.h"
#include "crypto/gp_certificate.h"
#include "manager/scp11_access.h"

namespace oti::cli {

/// The files in a folder that `oti ca scp11` makes: two authorities, and a key with its certificate by each.
namespace scp11_files {
inline constexpr std::string_view kCardAuthority = "ca-klcc.pem", kCardAuthorityKey = "ca-klcc-key.pem",
                                  kHostAuthority = "ca-kloc.pem", kHostAuthorityKey = "ca-kloc-key.pem",
                                  kCardKey = "sd-key.pem", kCardCertificate = "sd.cert",
                                  kHostKey = "oce-key.pem", kHostCertificate = "oce.cert";
}  // namespace scp11_files

void add_scp_options(CLI::App& command, CardOptions& options);

/// What `--scp` says: nothing, a number (02, 03), or a variant of SCP11.
struct Protocol {
    std::optional<std::uint8_t> number;
    std::optional<scp::Scp11Variant> variant;
};
/// Error `usage.scp`.
Result<Protocol> parse_protocol(const std::string& text);

/// Errors `usage.scp11` (something that the variant needs is not given), `file.*`, `key.*`, `certificate.*`.
Result<manager::Scp11Access> scp11_access(const CardOptions& options, scp::Scp11Variant variant);

/// Certificates of GlobalPlatform's format, one after another, as bytes or in hexadecimal. Errors `file.*`,
/// `hex.*`, `parse.*`, `certificate.invalid`.
Result<std::vector<crypto::GpCertificate>> read_certificates(const std::filesystem::path& path);
std::chrono::year_month_day today();

}  // namespace oti::cli
