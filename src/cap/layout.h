// SPDX-License-Identifier: Apache-2.0
// Of use inside this module only.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "cap/component.h"
#include "cap/package.h"

namespace oti::cap {

/// What the components say about the package as a whole, filled in while they are read one after another.
/// Offsets are into the info items of the components that they name.
struct Layout {
    // Header
    Version format;
    Version version;
    std::optional<iso7816::Aid> aid;
    bool has_applets = false;
    bool has_exports = false;

    // Directory
    std::array<std::uint32_t, kLastComponentTag + 1> sizes{};  ///< by tag
    std::uint16_t image_size = 0;
    std::uint16_t array_init_count = 0;
    std::uint16_t array_init_size = 0;
    std::uint8_t import_count = 0;
    std::uint8_t applet_count = 0;

    std::vector<Import> imports;
    std::vector<iso7816::Aid> applets;
    std::vector<std::uint16_t> class_offsets;  ///< ascending; interfaces too
    bool is_multiselectable = false;           ///< a class implements MultiSelectable
    std::vector<std::uint8_t> pool_tags;       ///< the tag of each constant

    // Method
    BytesView method;
    std::uint8_t handler_count = 0;
    std::size_t first_method = 0;  ///< where the exception handlers end

    bool since(std::uint8_t minor) const { return format.minor >= minor; }
    bool is_class(std::uint16_t offset) const { return std::ranges::binary_search(class_offsets, offset); }
    /// Whether a method can begin here; where one does begin, only the Descriptor knows.
    bool is_method(std::uint16_t offset) const {
        return offset >= first_method && offset + 2U <= method.size();
    }
    /// A class_ref (6.8.1): a class of this package, or of an imported one.
    bool is_class_ref(std::uint16_t ref) const {
        return (ref & 0x8000) != 0 ? (ref >> 8 & 0x7F) < static_cast<int>(imports.size()) : is_class(ref);
    }
};

}  // namespace oti::cap
