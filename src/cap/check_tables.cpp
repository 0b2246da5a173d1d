// SPDX-License-Identifier: Apache-2.0
// The components that describe the package and its data: Header, Directory, Import, Applet, StaticField,
// StaticResources.
#include <fmt/format.h>

#include "cap/checks.h"

namespace oti::cap {
namespace {

constexpr std::uint32_t kMagic = 0xDECAFFED;
constexpr std::uint8_t kAccExport = 0x02;
constexpr std::uint8_t kAccApplet = 0x04;
constexpr std::uint8_t kAccExtended = 0x08;
constexpr std::uint8_t kAllFlags = 0x0F;
constexpr std::uint8_t kMaxImports = 128;
constexpr std::size_t kRidSize = 5;

/// The minor octet comes first (package_info, and the format in the Header).
Result<Version> read_version(ComponentReader& reader) {
    OTI_TRY(auto minor, reader.u8());
    OTI_TRY(auto major, reader.u8());
    return Version{major, minor};
}

/// Octets of one element of a primitive array (tables 6-14, 6-15); 0 for a type that does not exist.
std::size_t element_size(std::uint8_t type) {
    constexpr std::uint8_t kBoolean = 2, kByte = 3, kShort = 4, kInt = 5;
    if (type == kBoolean || type == kByte) return 1;
    if (type == kShort) return 2;
    return type == kInt ? 4 : 0;
}

}  // namespace

Status check_header(ComponentReader& header, Layout& layout) {
    OTI_TRY(auto magic, header.u32());
    if (magic != kMagic) return header.wrong("the magic number is not DECAFFED");
    OTI_TRY(layout.format, read_version(header));
    if (layout.format.major != 2 || layout.format.minor < 1 || layout.format.minor > 3) {
        return fail(
            ErrorKind::kUsage, "cap.format",
            fmt::format("CAP format {}.{} is not supported", layout.format.major, layout.format.minor),
            "convert the package to CAP format 2.1, 2.2 or 2.3");
    }
    OTI_TRY(auto flags, header.u8());
    if (layout.since(3) && (flags & kAccExtended) != 0) {
        return fail(ErrorKind::kUsage, "cap.format", "the extended CAP format is not supported",
                    "convert the package to the compact format");
    }
    if ((flags & ~kAllFlags) != 0 || (flags & kAccExtended) != 0)
        return header.wrong("reserved flags are set");
    layout.has_exports = (flags & kAccExport) != 0;
    layout.has_applets = (flags & kAccApplet) != 0;
    OTI_TRY(layout.version, read_version(header));
    OTI_TRY(layout.aid, header.aid());
    if (layout.since(2)) {
        OTI_TRY(auto name_length, header.u8());
        OTI_CHECK(header.skip(name_length));
    }
    return header.expect_end();
}

Status check_directory(ComponentReader& directory, Layout& layout) {
    const std::uint8_t last =
        static_cast<std::uint8_t>(layout.since(2) ? ComponentTag::Debug : ComponentTag::Descriptor);
    for (std::uint8_t tag = 1; tag <= last; ++tag) {
        OTI_TRY(layout.sizes[tag], directory.u16());
    }
    if (layout.since(3)) {
        OTI_TRY(layout.sizes[static_cast<std::uint8_t>(ComponentTag::StaticResources)], directory.u32());
    }
    OTI_TRY(layout.image_size, directory.u16());
    OTI_TRY(layout.array_init_count, directory.u16());
    OTI_TRY(layout.array_init_size, directory.u16());
    OTI_TRY(layout.import_count, directory.u8());
    OTI_TRY(layout.applet_count, directory.u8());
    if ((layout.applet_count > 0) != layout.has_applets) {
        return directory.wrong("the applet count and the Header's flags disagree");
    }
    OTI_TRY(auto custom_count, directory.u8());
    for (unsigned i = 0; i < custom_count; ++i) {
        OTI_TRY(auto tag, directory.u8());
        if (tag < 0x80) return directory.wrong("the tag of a custom component is below 80");
        OTI_CHECK(directory.u16());
        OTI_CHECK(directory.aid());
    }
    return directory.expect_end();
}

Status check_import(ComponentReader& import, Layout& layout) {
    OTI_TRY(auto count, import.u8());
    if (count > kMaxImports) return import.wrong("more than 128 packages");
    if (count != layout.import_count) return import.wrong("the count and the Directory disagree");
    for (unsigned i = 0; i < count; ++i) {
        OTI_TRY(auto version, read_version(import));
        OTI_TRY(auto aid, import.aid());
        layout.imports.push_back({aid, version});
    }
    return import.expect_end();
}

Status check_applet(ComponentReader& applet, Layout& layout) {
    OTI_TRY(auto count, applet.u8());
    if (count != layout.applet_count) return applet.wrong("the count and the Directory disagree");
    for (unsigned i = 0; i < count; ++i) {
        OTI_TRY(auto aid, applet.aid());
        if (!aid.starts_with(layout.aid->bytes().first(kRidSize))) {
            return applet.wrong("the applet's AID does not begin with the package's RID");
        }
        OTI_TRY(auto install_method, applet.u16());
        if (!layout.is_method(install_method)) return applet.wrong("the install method is outside Method");
        layout.applets.push_back(aid);
    }
    return applet.expect_end();
}

Status check_static_field(ComponentReader& field, Layout& layout) {
    OTI_TRY(auto image_size, field.u16());
    if (image_size != layout.image_size) return field.wrong("the image size and the Directory disagree");
    OTI_TRY(auto reference_count, field.u16());
    OTI_TRY(auto array_count, field.u16());
    if (array_count != layout.array_init_count)
        return field.wrong("the array count and the Directory disagree");
    if (array_count > reference_count) return field.wrong("more arrays than references");
    std::size_t array_bytes = 0;
    for (unsigned i = 0; i < array_count; ++i) {
        OTI_TRY(auto type, field.u8());
        auto element = element_size(type);
        if (element == 0) return field.wrong("an array of an unknown type");
        OTI_TRY(auto bytes, field.u16());
        if (bytes % element != 0) return field.wrong("an array with a part of an element");
        OTI_CHECK(field.skip(bytes));
        array_bytes += bytes;
    }
    if (array_bytes != layout.array_init_size)
        return field.wrong("the array size and the Directory disagree");
    OTI_TRY(auto default_count, field.u16());
    OTI_TRY(auto non_default_count, field.u16());
    if (std::size_t{2} * reference_count + default_count + non_default_count != image_size) {
        return field.wrong("the parts of the image do not add up to its size");
    }
    OTI_CHECK(field.skip(non_default_count));
    return field.expect_end();
}

Status check_static_resources(ComponentReader& resources, Layout& /*layout*/) {
    OTI_TRY(auto count, resources.u16());
    std::size_t total = 0;
    for (unsigned i = 0; i < count; ++i) {
        OTI_CHECK(resources.u16());  // the identifier
        OTI_TRY(auto size, resources.u32());
        if (size > 0x7FFF) return resources.wrong("a resource of more than 32767 bytes");
        total += size;
    }
    OTI_CHECK(resources.skip(total));
    return resources.expect_end();
}

}  // namespace oti::cap
