// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>

#include "card/nvm_file.h"

namespace oti::card {

/// Non-volatile memory in a file on disk, readable by its owner only. It is locked while it is open, so that
/// no two programs work with one secure element.
class DiskNvmFile final : public NvmFile {
  public:
    /// A new, empty file. Errors: `se.exists` if there is something of this name, `se.io`.
    static Result<std::unique_ptr<DiskNvmFile>> create(const std::filesystem::path& path);
    /// An existing file. Errors: `se.missing`, `se.busy` if another program (or another object of this one)
    /// has it open, `se.io`.
    static Result<std::unique_ptr<DiskNvmFile>> open(const std::filesystem::path& path);

    ~DiskNvmFile() override;
    DiskNvmFile(const DiskNvmFile&) = delete;
    DiskNvmFile& operator=(const DiskNvmFile&) = delete;

    Result<Bytes> read_all() override;
    Status append(BytesView bytes) override;
    /// Writes `PATH.new` beside the file and renames it.
    Status replace(BytesView bytes) override;

  private:
    DiskNvmFile(std::filesystem::path path, int fd) : path_(std::move(path)), fd_(fd) {}

    std::filesystem::path path_;
    int fd_;
};

}  // namespace oti::card
