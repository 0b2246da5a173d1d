// SPDX-License-Identifier: Apache-2.0
#include "cap/package.h"

#include <fmt/format.h>

#include "cap/checks.h"
#include "cap/frame.h"

namespace oti::cap {
namespace {

constexpr std::size_t kFirstInfo = 3;  ///< after the Header's tag and size

constexpr std::size_t index(ComponentTag tag) {
    return static_cast<std::size_t>(tag);
}

/// Whether a package may lack the component (6.2); the Directory then gives it size zero.
bool is_optional(ComponentTag tag) {
    return tag == ComponentTag::Applet || tag == ComponentTag::Export || tag == ComponentTag::StaticResources;
}

using Components = std::array<std::optional<BytesView>, kLastComponentTag + 1>;  ///< info items by tag

struct Step {
    ComponentTag tag;
    Status (*check)(ComponentReader&, Layout&);
};

/// In the order in which the checks need each other's results. A component may have two.
constexpr std::array kSteps = {
    Step{ComponentTag::Import, check_import},
    Step{ComponentTag::StaticField, check_static_field},
    Step{ComponentTag::Method, check_method_extent},
    Step{ComponentTag::Class, check_class},
    Step{ComponentTag::ConstantPool, check_constant_pool},
    Step{ComponentTag::Method, check_exception_handlers},
    Step{ComponentTag::RefLocation, check_ref_location},
    Step{ComponentTag::Applet, check_applet},
    Step{ComponentTag::Export, check_export},
    Step{ComponentTag::StaticResources, check_static_resources},
    Step{ComponentTag::Descriptor, check_descriptor},
};

Status check(const Components& components, const Step& step, Layout& layout) {
    const auto& info = components[index(step.tag)];
    if (!info) return {};  // check_presence decides whether that is right
    ComponentReader reader(step.tag, *info);
    return step.check(reader, layout);
}

/// Compares what is there with what Header and Directory list.
Status check_presence(const Components& components, const Layout& layout) {
    for (auto tag : kLoadOrder) {
        auto listed = layout.sizes[index(tag)];
        const auto& info = components[index(tag)];
        if (!info && (tag == ComponentTag::Descriptor || (is_optional(tag) && listed == 0))) continue;
        if (!info) return damaged(tag, 0, "it is missing");
        if (info->empty()) return damaged(tag, 0, "it is empty");
        if (info->size() != listed) {
            return damaged(tag, std::min<std::size_t>(listed, info->size()),
                           fmt::format("it has {} bytes and the Directory says {}", info->size(), listed));
        }
    }
    if (components[index(ComponentTag::Applet)].has_value() != layout.has_applets) {
        return damaged(ComponentTag::Applet, 0, "its presence and the Header's flags disagree");
    }
    if (components[index(ComponentTag::Export)].has_value() != layout.has_exports) {
        return damaged(ComponentTag::Export, 0, "its presence and the Header's flags disagree");
    }
    return {};
}

/// Whether a component of this tag is none that a package of this format is made of, or one for debuggers.
bool is_skipped(std::uint8_t tag, const Layout& layout) {
    return tag > kLastComponentTag || tag == index(ComponentTag::Debug) ||
           (tag == index(ComponentTag::StaticResources) && !layout.since(3));
}

}  // namespace

std::optional<BytesView> Package::component(ComponentTag tag) const {
    const auto& extent = components_.at(index(tag));
    if (!extent) return std::nullopt;
    return BytesView(block_).subspan(extent->offset, extent->size);
}

Result<Package> Package::parse_load_file_data_block(BytesView block) {
    Components components;
    decltype(components_) extents;
    Layout layout;
    ByteReader reader(block, "load file data block");
    do {
        OTI_TRY(auto frame, read_frame(reader, layout.since(3)));
        bool first = frame.offset == kFirstInfo;
        if (first && frame.tag != index(ComponentTag::Header)) {
            return damaged(ComponentTag::Header, 0, "the load file does not begin with it");
        }
        if (is_skipped(frame.tag, layout)) continue;
        if (components[frame.tag]) return damaged(ComponentTag{frame.tag}, 0, "it occurs twice");
        components[frame.tag] = frame.info;
        extents[frame.tag] = Extent{frame.offset, frame.info.size()};
        // How the others are to be read depends on the format.
        if (first) OTI_CHECK(check(components, {ComponentTag::Header, check_header}, layout));
    } while (!reader.empty());

    if (!components[index(ComponentTag::Directory)])
        return damaged(ComponentTag::Directory, 0, "it is missing");
    OTI_CHECK(check(components, {ComponentTag::Directory, check_directory}, layout));
    OTI_CHECK(check_presence(components, layout));
    for (const auto& step : kSteps) OTI_CHECK(check(components, step, layout));

    Package package(*layout.aid);
    package.block_ = to_bytes(block);
    package.components_ = extents;
    package.version_ = layout.version;
    package.format_ = layout.format;
    package.imports_ = std::move(layout.imports);
    package.applets_ = std::move(layout.applets);
    package.is_multiselectable_ = layout.is_multiselectable;
    return package;
}

}  // namespace oti::cap
