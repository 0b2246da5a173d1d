// SPDX-License-Identifier: Apache-2.0
// Of use inside this module only.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace oti::cap {

struct ArchiveEntry {
    std::string path;
    Bytes content;
};

/// The files of a ZIP archive whose path ends with one of `suffixes` (lower case; any case matches).
/// Errors `cap.archive`, and `cap.too_large` for an archive, a number of entries or a sum of unpacked sizes
/// beyond what a CAP file can have.
Result<std::vector<ArchiveEntry>> unpack(BytesView zip, const std::vector<std::string_view>& suffixes);

/// ASCII only, which is what the names of components are.
std::string lower_case(std::string_view text);

}  // namespace oti::cap
