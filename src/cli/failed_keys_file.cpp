// SPDX-License-Identifier: Apache-2.0
#include "cli/failed_keys_file.h"

#include <cstdlib>

#include "cli/files.h"

namespace oti::cli {
namespace {

namespace fs = std::filesystem;

std::string line_of(const std::string& card, const std::string& key) {
    return card + " " + key + "\n";
}

}  // namespace

FailedKeysFile FailedKeysFile::of_user() {
    const char* state = std::getenv("XDG_STATE_HOME");
    const char* home = std::getenv("HOME");
    auto folder = state != nullptr && *state != '\0'
                      ? fs::path(state)
                      : fs::path(home == nullptr ? "/" : home) / ".local" / "state";
    return FailedKeysFile(folder / "oti" / "failed-keys");
}

Result<std::string> FailedKeysFile::read() const {
    std::error_code error;
    if (!fs::exists(path_, error)) return std::string();
    return read_text(path_);
}

Status FailedKeysFile::write(const std::string& text) const {
    std::error_code error;
    fs::create_directories(path_.parent_path(), error);
    return write_text(path_, text, fs::perms::owner_read | fs::perms::owner_write);
}

Result<bool> FailedKeysFile::contains(const std::string& card, const std::string& key) {
    OTI_TRY(auto text, read());
    return text.find(line_of(card, key)) != std::string::npos;
}

Status FailedKeysFile::add(const std::string& card, const std::string& key) {
    OTI_TRY(auto text, read());
    auto line = line_of(card, key);
    if (text.find(line) != std::string::npos) return {};
    return write(text + line);
}

Status FailedKeysFile::remove(const std::string& card, const std::string& key) {
    OTI_TRY(auto text, read());
    auto line = line_of(card, key);
    auto at = text.find(line);
    if (at == std::string::npos) return {};
    return write(text.erase(at, line.size()));
}

}  // namespace oti::cli
