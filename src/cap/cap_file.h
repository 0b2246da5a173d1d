// SPDX-License-Identifier: Apache-2.0
// CAP files: JAR archives with one file for each component (JCVM specification 3.1, 6.2.1).
#pragma once

#include <filesystem>

#include "base/bytes.h"
#include "base/result.h"
#include "cap/package.h"

namespace oti::cap {

class CapFile {
  public:
    /// From the archive's bytes. Errors `cap.archive` (no ZIP archive, a broken entry), `cap.too_large`,
    /// `cap.no_package` (no `javacard/Header.cap` in it), `cap.many_packages` (more than one),
    /// and those of Package.
    static Result<CapFile> parse(BytesView zip);
    /// Also `cap.unreadable`, where the file is none or cannot be read.
    static Result<CapFile> read(const std::filesystem::path& path);

    const Package& package() const { return package_; }
    /// The components in load order, tag and size included, as the C4 of a load file carries them
    /// (GPCS 2.3.1, 11.6.2.3). The Descriptor is needed by few cards and is a third of the whole.
    Bytes load_file_data_block(bool with_descriptor = false) const;

  private:
    explicit CapFile(Package package) : package_(std::move(package)) {}

    Package package_;
};

}  // namespace oti::cap
