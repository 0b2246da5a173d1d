// SPDX-License-Identifier: Apache-2.0
#include "cli/files.h"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

namespace oti::cli {
namespace {

using crypto::SecretAccess;
using crypto::SecretBytes;
namespace fs = std::filesystem;

constexpr std::chrono::days kAuthorityValidity{3650}, kIdentityValidity{825};

std::string text_of(const SecretBytes& secret) {
    return as_text(secret.view(SecretAccess::granted()));
}

}  // namespace

Status make_folder(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error)
        return fail(ErrorKind::kIo, "file.write",
                    "cannot make the folder " + folder.string() + ": " + error.message());
    return {};
}

Error in_file(Error error, const fs::path& path) {
    error.message = path.string() + ": " + error.message;
    return error;
}

Result<crypto::PrivateKey> read_private_key(const fs::path& path) {
    OTI_TRY(auto text, read_text(path));
    auto pem = crypto::SecretBytes::copy_of(as_bytes(text));
    std::ranges::fill(text, '\0');
    auto key = crypto::PrivateKey::from_pem(pem);
    if (!key) return std::unexpected(in_file(key.error(), path));
    return key;
}

Result<crypto::PublicKey> read_public_key(const fs::path& path) {
    OTI_TRY(auto text, read_text(path));
    auto key = crypto::PublicKey::from_pem(text);
    if (!key) return std::unexpected(in_file(key.error(), path));
    return key;
}

Result<std::string> read_text(const fs::path& path) {
    constexpr std::uintmax_t kMax = 16 << 20;
    std::error_code error;
    auto size = fs::file_size(path, error);
    std::ifstream stream(path, std::ios::binary);
    if (error || !stream || size > kMax) {
        return fail(ErrorKind::kIo, "file.missing", "cannot read " + path.string());
    }
    std::stringstream text;
    text << stream.rdbuf();
    return text.str();
}

Status write_text(const fs::path& path, std::string_view text, fs::perms mode) {
    auto temporary = path;
    temporary += ".new";
    int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, static_cast<mode_t>(mode));
    bool written = fd >= 0 && ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    if (fd >= 0) ::close(fd);
    std::error_code error;
    if (written) fs::rename(temporary, path, error);
    if (!written || error) return fail(ErrorKind::kIo, "file.write", "cannot write " + path.string());
    return {};
}

Result<net::TlsIdentity> load_identity(const fs::path& folder) {
    auto read = [&](const char* name) -> Result<std::string> {
        auto text = read_text(folder / name);
        if (!text) {
            return fail(ErrorKind::kUsage, "identity.missing",
                        "no identity in " + folder.string() + ": " + name + " is missing",
                        "make one with 'oti ca issue', and name its folder by --identity or OTI_IDENTITY");
        }
        return text;
    };
    OTI_TRY(auto ca, read("ca.pem"));
    OTI_TRY(auto certificate, read("certificate.pem"));
    OTI_TRY(auto key, read("key.pem"));
    return net::TlsIdentity::create(ca, certificate, SecretBytes::take(to_bytes(as_bytes(key))));
}

Status make_authority(const fs::path& folder) {
    if (fs::exists(folder / "ca-key.pem")) {
        return fail(ErrorKind::kUsage, "ca.exists",
                    folder.string() + " holds a certificate authority already");
    }
    OTI_CHECK(make_folder(folder));
    OTI_TRY(auto ca, crypto::make_ca("OTI development CA", kAuthorityValidity));
    OTI_CHECK(write_text(folder / "ca-key.pem", text_of(ca.private_key_pem), kSecretFile));
    return write_text(folder / "ca.pem", ca.certificate_pem, kPublicFile);
}

Status make_identity(const fs::path& authority, const fs::path& folder, std::string_view name,
                     std::string_view role, const std::vector<std::string>& hosts) {
    OTI_TRY(auto ca_text, read_text(authority / "ca.pem"));
    OTI_TRY(auto ca_key, read_text(authority / "ca-key.pem"));
    crypto::Identity ca{ca_text, SecretBytes::take(to_bytes(as_bytes(ca_key)))};
    OTI_TRY(auto identity, crypto::issue(ca, name, role, hosts, kIdentityValidity));
    OTI_CHECK(make_folder(folder));
    OTI_CHECK(write_text(folder / "key.pem", text_of(identity.private_key_pem), kSecretFile));
    OTI_CHECK(write_text(folder / "certificate.pem", identity.certificate_pem, kPublicFile));
    return write_text(folder / "ca.pem", ca_text, kPublicFile);
}

}  // namespace oti::cli
