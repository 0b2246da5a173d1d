// SPDX-License-Identifier: Apache-2.0
#include "cap/package.h"

#include <fmt/format.h>

#include "cap/checks.h"

namespace oti::cap {
namespace {

constexpr std::size_t index(ComponentTag tag) {
    return static_cast<std::size_t>(tag);
}

/// Whether a load file may lack the component although the package has it.
bool may_be_left_out(ComponentTag tag) {
    return tag == ComponentTag::Descriptor || tag == ComponentTag::Debug;
}

/// Whether a package may lack the component (6.2); the Directory then gives it size zero.
bool is_optional(ComponentTag tag) {
    return tag == ComponentTag::Applet || tag == ComponentTag::Export || tag == ComponentTag::Debug ||
           tag == ComponentTag::StaticResources;
}

struct Piece {
    std::uint8_t tag = 0;
    std::size_t offset = 0;  ///< of the info item in the block
    BytesView info;
};

/// Tag, size, info. Only StaticResources has a size of four octets, and only since format 2.3.
Result<Piece> read_piece(ByteReader& block, bool static_resources) {
    auto truncated = [&](std::string_view what, std::size_t missing_at) {
        return fail(ErrorKind::kUsage, "cap.damaged",
                    fmt::format("the {} component is truncated at offset {}", what, missing_at),
                    "build or download the CAP file again");
    };
    OTI_TRY(auto tag, block.u8());
    auto known = tag >= 1 && tag <= kLastComponentTag;
    auto what = known ? std::string(name(ComponentTag{tag})) : fmt::format("custom ({:02X})", tag);
    if (tag == 0) {
        return fail(ErrorKind::kUsage, "cap.damaged",
                    fmt::format("no component begins at offset {} of the load file", block.offset() - 1));
    }
    std::size_t size = 0;
    if (tag == index(ComponentTag::StaticResources) && static_resources) {
        auto wide = block.u32();
        if (!wide) return truncated(what, 0);
        size = *wide;
    } else {
        auto narrow = block.u16();
        if (!narrow) return truncated(what, 0);
        size = *narrow;
    }
    auto offset = block.offset();
    auto left = block.remaining();
    auto info = block.take(size);
    if (!info) return truncated(what, left);
    return Piece{tag, offset, *info};
}

/// The components of a load file by tag, checked one after another.
class Checker {
  public:
    explicit Checker(const std::array<std::optional<BytesView>, kLastComponentTag + 1>& info) : info_(info) {}

    /// The order is that of what the checks need of each other.
    Result<Layout> run() {
        Layout layout;
        OTI_CHECK(check(ComponentTag::Header, check_header, layout));
        OTI_CHECK(check(ComponentTag::Directory, check_directory, layout));
        OTI_CHECK(check_presence(layout));
        OTI_CHECK(check(ComponentTag::Import, check_import, layout));
        OTI_CHECK(check(ComponentTag::StaticField, check_static_field, layout));
        OTI_CHECK(check(
            ComponentTag::Method,
            [this](ComponentReader& method, Layout& all) {
                return check_method_extent(method, *info_[index(ComponentTag::Method)], all);
            },
            layout));
        OTI_CHECK(check(ComponentTag::Class, check_class, layout));
        OTI_CHECK(check(ComponentTag::ConstantPool, check_constant_pool, layout));
        OTI_CHECK(check(ComponentTag::Method, check_exception_handlers, layout));
        OTI_CHECK(check(ComponentTag::RefLocation, check_ref_location, layout));
        OTI_CHECK(check(ComponentTag::Applet, check_applet, layout));
        OTI_CHECK(check(ComponentTag::Export, check_export, layout));
        OTI_CHECK(check(
            ComponentTag::StaticResources,
            [](ComponentReader& resources, Layout&) { return check_static_resources(resources); }, layout));
        OTI_CHECK(check(ComponentTag::Descriptor, check_descriptor, layout));
        return layout;
    }

  private:
    template <typename Check>
    Status check(ComponentTag tag, Check&& how, Layout& layout) {
        if (!info_[index(tag)]) return {};  // check_presence has decided whether that is right
        ComponentReader reader(tag, *info_[index(tag)]);
        return how(reader, layout);
    }

    Status check_presence(const Layout& layout) {
        for (auto tag : kLoadOrder) {
            auto listed = layout.sizes[index(tag)];
            const auto& info = info_[index(tag)];
            if (!info && (may_be_left_out(tag) || (is_optional(tag) && listed == 0))) continue;
            if (!info) return damaged(tag, 0, "it is missing");
            if (info->empty()) return damaged(tag, 0, "it is empty");
            if (info->size() != listed) {
                return damaged(
                    tag, std::min<std::size_t>(listed, info->size()),
                    fmt::format("it has {} bytes and the Directory says {}", info->size(), listed));
            }
        }
        if (info_[index(ComponentTag::Applet)].has_value() != layout.has_applets) {
            return damaged(ComponentTag::Applet, 0, "its presence and the Header's flags disagree");
        }
        if (info_[index(ComponentTag::Export)].has_value() != layout.has_exports) {
            return damaged(ComponentTag::Export, 0, "its presence and the Header's flags disagree");
        }
        return {};
    }

    const std::array<std::optional<BytesView>, kLastComponentTag + 1>& info_;
};

}  // namespace

std::optional<BytesView> Package::component(ComponentTag tag) const {
    const auto& extent = components_.at(index(tag));
    if (!extent) return std::nullopt;
    return BytesView(block_).subspan(extent->offset, extent->size);
}

Result<Package> Package::parse_load_file_data_block(BytesView block) {
    std::array<std::optional<BytesView>, kLastComponentTag + 1> info;
    decltype(components_) extents;
    Layout header;
    ByteReader reader(block, "load file data block");
    while (!reader.empty()) {
        OTI_TRY(auto piece, read_piece(reader, header.since(3)));
        bool first = !info[index(ComponentTag::Header)];
        if (first && piece.tag != index(ComponentTag::Header)) {
            return damaged(ComponentTag::Header, 0, "the load file does not begin with it");
        }
        bool skipped = piece.tag > kLastComponentTag || piece.tag == index(ComponentTag::Debug);
        if (skipped) continue;
        if (info[piece.tag]) return damaged(ComponentTag{piece.tag}, 0, "it occurs twice");
        info[piece.tag] = piece.info;
        extents[piece.tag] = Extent{piece.offset, piece.info.size()};
        if (first) {
            // How the others are to be read depends on the format.
            ComponentReader header_reader(ComponentTag::Header, piece.info);
            OTI_CHECK(check_header(header_reader, header));
        }
    }
    if (!info[index(ComponentTag::Header)]) return damaged(ComponentTag::Header, 0, "it is missing");
    if (!info[index(ComponentTag::Directory)]) return damaged(ComponentTag::Directory, 0, "it is missing");
    OTI_TRY(auto layout, Checker(info).run());

    Package package(*layout.aid);
    package.block_ = to_bytes(block);
    package.components_ = extents;
    package.version_ = layout.version;
    package.format_ = layout.format;
    package.imports_ = std::move(layout.imports);
    package.applets_ = std::move(layout.applets);
    return package;
}

}  // namespace oti::cap
