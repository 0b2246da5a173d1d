// SPDX-License-Identifier: Apache-2.0
// Files that a person gives to a command.
#pragma once

#include <filesystem>
#include <string>

#include "crypto/certificate.h"
#include "crypto/private_key.h"
#include "net/tls_identity.h"

namespace oti::cli {

/// At most 16 MiB. Error `file.missing`.
Result<std::string> read_text(const std::filesystem::path& path);
/// A new file of this mode, or the old one replaced. Error `file.write`.
Status write_text(const std::filesystem::path& path, std::string_view text, std::filesystem::perms mode);

/// An error that says in which file it is.
Error in_file(Error error, const std::filesystem::path& path);
/// PEM. Errors `file.*`, `key.invalid`.
Result<crypto::PrivateKey> read_private_key(const std::filesystem::path& path);
/// PEM, or the key of a certificate. Errors `file.*`, `key.invalid`.
Result<crypto::PublicKey> read_public_key(const std::filesystem::path& path);

inline constexpr std::filesystem::perms kSecretFile =
    std::filesystem::perms::owner_read | std::filesystem::perms::owner_write;
inline constexpr std::filesystem::perms kPublicFile =
    kSecretFile | std::filesystem::perms::group_read | std::filesystem::perms::others_read;
/// A folder with those above it, if it is not there. Error `file.write`.
Status make_folder(const std::filesystem::path& folder);

/// A folder with `ca.pem`, `certificate.pem` and `key.pem`: who a program is, and whom it trusts.
Result<net::TlsIdentity> load_identity(const std::filesystem::path& folder);

/// Makes a certificate authority in a folder: `ca.pem` and `ca-key.pem`. Error `ca.exists`.
Status make_authority(const std::filesystem::path& folder);
/// Makes an identity folder signed by the authority in `authority`.
Status make_identity(const std::filesystem::path& authority, const std::filesystem::path& folder,
                     std::string_view name, std::string_view role, const std::vector<std::string>& hosts);

}  // namespace oti::cli
