// SPDX-License-Identifier: Apache-2.0
#include "cap/package.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "cap/structure.h"

namespace oti::cap {
namespace {

constexpr std::uint32_t kMagic = 0xDECAFFED;
constexpr std::uint8_t kFirstCustomTag = 128;
constexpr std::uint8_t kFlagExport = 0x02, kFlagApplet = 0x04;

Result<iso7816::Aid> read_aid(ByteReader& reader) {
    OTI_TRY(auto bytes, reader.take_lv());
    return iso7816::Aid::create(bytes);
}

}  // namespace

Result<Package> Package::parse_load_file_data_block(BytesView block) {
    Package package;
    ByteReader reader(block, "load file data block");
    while (!reader.empty()) {
        auto offset = reader.offset();
        auto read_component = [&]() -> Status {
            OTI_TRY(auto tag, reader.u8());
            OTI_TRY(auto size, reader.u16());
            OTI_TRY(auto content, reader.take(size));
            if (tag >= kFirstCustomTag || tag == static_cast<std::uint8_t>(ComponentTag::kDebug)) return {};
            if (tag == 0 || tag > static_cast<std::uint8_t>(ComponentTag::kDebug))
                return reader.invalid("an unknown tag");
            if (!package.components_.emplace(static_cast<ComponentTag>(tag), to_bytes(content)).second) {
                return reader.invalid("a second component of this sort");
            }
            return {};
        };
        if (auto read = read_component(); !read) {
            return fail(ErrorKind::kUsage, "cap.damaged",
                        fmt::format("the load file data block is damaged in the component at byte {}: {}",
                                    offset, read.error().message));
        }
    }
    for (auto tag : kRequired) {
        if (!package.components_.contains(tag)) {
            return fail(ErrorKind::kUsage, "cap.damaged",
                        fmt::format("the component {} is missing", name(tag)));
        }
    }
    OTI_CHECK(package.read_header());
    OTI_CHECK(package.read_directory());
    OTI_CHECK(package.read_imports());
    OTI_CHECK(package.read_applets());
    OTI_CHECK(check_structure(package));
    return package;
}

std::optional<BytesView> Package::component(ComponentTag tag) const {
    auto found = components_.find(tag);
    if (found == components_.end()) return std::nullopt;
    return found->second;
}

// JCVM 6.4: magic, minor and major version of the format, flags, then the package's minor, major version and
// AID.
Status Package::read_header() {
    ComponentReader header(*this, ComponentTag::kHeader);
    return header.read([&](ByteReader& reader) -> Status {
        OTI_TRY(auto magic, reader.u32());
        if (magic != kMagic) return reader.invalid("no CAP file: the magic number is another");
        OTI_TRY(format_.minor, reader.u8());
        OTI_TRY(format_.major, reader.u8());
        if (format_.major != 2 || format_.minor < 1 || format_.minor > 3) {
            return fail(ErrorKind::kUsage, "cap.format",
                        "CAP format " + format_.text() + " is not supported; 2.1, 2.2 and 2.3 are",
                        "convert the applet for Java Card 3.0.5 or earlier");
        }
        OTI_TRY(auto flags, reader.u8());
        if (((flags & kFlagApplet) != 0) != components_.contains(ComponentTag::kApplet)) {
            return reader.invalid("the flags and the Applet component contradict each other");
        }
        if (((flags & kFlagExport) != 0) != components_.contains(ComponentTag::kExport)) {
            return reader.invalid("the flags and the Export component contradict each other");
        }
        OTI_TRY(version_.minor, reader.u8());
        OTI_TRY(version_.major, reader.u8());
        OTI_TRY(aid_, read_aid(reader));
        // Since 2.2 the package's name follows, and may be empty; some converters leave the field out.
        if (format_.minor >= 2 && !reader.empty()) {
            OTI_CHECK(reader.take_lv());
        }
        return {};
    });
}

// JCVM 6.5: the sizes of all components, static field sizes, counts, custom components.
Status Package::read_directory() {
    ComponentReader directory(*this, ComponentTag::kDirectory);
    return directory.read([&](ByteReader& reader) -> Status {
        auto last = format_.minor == 1 ? ComponentTag::kDescriptor : ComponentTag::kDebug;
        for (int tag = 1; tag <= static_cast<int>(last); ++tag) {
            OTI_TRY(auto stated, reader.u16());
            auto content = component(static_cast<ComponentTag>(tag));
            // Descriptor and Debug are listed but need not be loaded.
            if (!content) {
                bool may_be_absent = tag >= static_cast<int>(ComponentTag::kDescriptor);
                if (stated != 0 && !may_be_absent) {
                    return reader.invalid(
                        fmt::format("{} is listed and missing", name(static_cast<ComponentTag>(tag))));
                }
            } else if (content->size() != stated) {
                return reader.invalid(fmt::format("{} has {} bytes and is listed with {}",
                                                  name(static_cast<ComponentTag>(tag)), content->size(),
                                                  stated));
            }
        }
        OTI_CHECK(reader.skip(6));  // static_field_size_info: image, array_init_count, array_init_size
        OTI_TRY(auto import_count, reader.u8());
        OTI_TRY(auto applet_count, reader.u8());
        auto imports = component(ComponentTag::kImport);
        auto applets = component(ComponentTag::kApplet);
        if (imports->empty() || imports->front() != import_count)
            return reader.invalid("another number of imports");
        if (applets && (applets->empty() || applets->front() != applet_count)) {
            return reader.invalid("another number of applets");
        }
        OTI_TRY(auto custom_count, reader.u8());
        for (unsigned n = 0; n < custom_count; ++n) {
            OTI_CHECK(reader.skip(3));  // tag, size
            OTI_CHECK(reader.take_lv());
        }
        return {};
    });
}

// JCVM 6.6
Status Package::read_imports() {
    ComponentReader component(*this, ComponentTag::kImport);
    return component.read([&](ByteReader& reader) -> Status {
        OTI_TRY(auto count, reader.u8());
        for (unsigned n = 0; n < count; ++n) {
            Version version;
            OTI_TRY(version.minor, reader.u8());
            OTI_TRY(version.major, reader.u8());
            OTI_TRY(auto aid, read_aid(reader));
            imports_.push_back({aid, version});
        }
        return {};
    });
}

// JCVM 6.7
Status Package::read_applets() {
    if (!component(ComponentTag::kApplet)) return {};
    ComponentReader applet(*this, ComponentTag::kApplet);
    auto method_size = component(ComponentTag::kMethod)->size();
    return applet.read([&](ByteReader& reader) -> Status {
        OTI_TRY(auto count, reader.u8());
        if (count == 0) return reader.invalid("no applets");
        for (unsigned n = 0; n < count; ++n) {
            OTI_TRY(auto aid, read_aid(reader));
            OTI_TRY(auto install_method, reader.u16());
            if (install_method >= method_size) return reader.invalid("an install method outside of Method");
            applets_.push_back(aid);
        }
        return {};
    });
}

Bytes Package::load_file_data_block(bool with_descriptor) const {
    ByteWriter block;
    for (auto tag : kLoadOrder) {
        if (tag == ComponentTag::kDescriptor && !with_descriptor) continue;
        auto content = component(tag);
        if (!content) continue;
        block.u8(static_cast<unsigned>(tag)).u16(static_cast<unsigned>(content->size())).put(*content);
    }
    return block.take();
}

std::vector<Import> missing_imports(const Package& package, std::span<const Import> available) {
    std::vector<Import> missing;
    for (const auto& import : package.imports()) {
        bool there = std::ranges::any_of(available, [&](const Import& candidate) {
            return candidate.aid == import.aid && candidate.version.major == import.version.major &&
                   candidate.version.minor >= import.version.minor;
        });
        if (!there) missing.push_back(import);
    }
    return missing;
}

Status check_imports(const Package& package, std::span<const Import> available) {
    auto missing = missing_imports(package, available);
    if (missing.empty()) return {};
    std::string names;
    for (const auto& import : missing) names += (names.empty() ? "" : ", ") + describe(import);
    return fail(
        ErrorKind::kUsage, "cap.missing_import",
        "package " + package.aid().hex() + " needs what the secure element does not have: " + names,
        "convert the applet for the versions that the secure element has, or load the missing library first");
}

std::string describe(const Import& import) {
    struct WellKnown {
        std::string_view aid;
        std::string_view name;
    };
    // The AIDs of the Java Card API, GlobalPlatform's and ETSI's packages, as their export files have them.
    static constexpr std::array kWellKnown{
        WellKnown{"A0000000620001", "java.lang"},
        WellKnown{"A0000000620002", "java.io"},
        WellKnown{"A0000000620003", "java.rmi"},
        WellKnown{"A0000000620101", "javacard.framework"},
        WellKnown{"A000000062010101", "javacard.framework.service"},
        WellKnown{"A0000000620102", "javacard.security"},
        WellKnown{"A0000000620201", "javacardx.crypto"},
        WellKnown{"A0000000620202", "javacardx.biometry"},
        WellKnown{"A0000000620203", "javacardx.external"},
        WellKnown{"A0000000620209", "javacardx.apdu"},
        WellKnown{"A00000015100", "org.globalplatform"},
        WellKnown{"A00000000300", "visa.openplatform"},
        WellKnown{"A0000000090003FFFFFFFF8910710001", "sim.access"},
        WellKnown{"A0000000090003FFFFFFFF8910710002", "sim.toolkit"},
        WellKnown{"A0000000090005FFFFFFFF8911000000", "uicc.access"},
        WellKnown{"A0000000090005FFFFFFFF8912000000", "uicc.toolkit"},
    };
    auto hex = import.aid.hex();
    auto known = std::ranges::find(kWellKnown, hex, &WellKnown::aid);
    return std::string(known == kWellKnown.end() ? std::string_view(hex) : known->name) + " " +
           import.version.text();
}

}  // namespace oti::cap
