// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "cap/package.h"

namespace oti::cap {

/// A CAP file: a JAR with one package's components as `…/javacard/NAME.cap` (JCVM 3.0.5, 6.1).
class CapFile {
  public:
    /// Errors: `cap.damaged` (no ZIP, broken entry, missing component, and all of `Package`), `cap.format`,
    /// `cap.too_large` beyond 2 MiB of components.
    static Result<CapFile> parse(BytesView file);
    /// Also `cap.missing` if there is no such file.
    static Result<CapFile> read(const std::filesystem::path& path);

    const Package& package() const { return package_; }
    /// As LOAD sends it: `C4`, BER length, load file data block (GPCS 2.3.1, 11.6.2.3).
    Bytes load_file(bool with_descriptor = false) const;

  private:
    explicit CapFile(Package package) : package_(std::move(package)) {}
    Package package_;
};

/// The load file data block in a load file. Error `cap.damaged` unless that is one object `C4` and nothing
/// else.
Result<BytesView> data_block_of(BytesView load_file);

}  // namespace oti::cap
