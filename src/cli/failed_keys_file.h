// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "manager/failed_keys.h"

namespace oti::cli {

/// A line for each card and key, both digests, in a file that only its owner reads.
class FailedKeysFile final : public manager::FailedKeys {
  public:
    explicit FailedKeysFile(std::filesystem::path path) : path_(std::move(path)) {}
    /// `oti/failed-keys` in XDG_STATE_HOME, or else in ~/.local/state.
    static FailedKeysFile of_user();

    Result<bool> contains(const std::string& card, const std::string& key) override;
    Status add(const std::string& card, const std::string& key) override;
    Status remove(const std::string& card, const std::string& key) override;

  private:
    Result<std::string> read() const;
    Status write(const std::string& text) const;

    std::filesystem::path path_;
};

}  // namespace oti::cli
