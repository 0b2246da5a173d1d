// SPDX-License-Identifier: Apache-2.0
// The Class component (JCVM specification 3.0.5, 6.9).
#include <algorithm>

#include "javacard/linking.h"

namespace oti::javacard {
namespace {

using Part = cap::ComponentTag;

constexpr std::uint16_t kInherited = 0xFFFF;
constexpr std::uint8_t kAccInterface = 0x80, kAccRemote = 0x20;
constexpr std::size_t kMaxClasses = 255;
/// No class may have more; what JCVM 2.2.4.2 says is 255 fields.
constexpr std::size_t kMaxCells = 4096;

/// A class that overrides a method keeps its arguments; otherwise a call would leave words on the stack that
/// the callee takes for its own.
bool may_override(const Method* inherited, const Method& by) {
    return inherited == nullptr || inherited->argument_words == by.argument_words;
}

}  // namespace

Status Linking::classes() {
    auto classes = reader(Part::Class);
    bool with_names = package_.source->format().minor >= 2;
    if (with_names) {
        OTI_TRY(auto pool_size, classes.u16());
        OTI_CHECK(classes.skip(pool_size));
    }
    while (!classes.empty()) {
        auto offset = static_cast<std::uint16_t>(offset_of(Part::Class, classes));
        auto index = package_.classes.size();
        if (index >= kMaxClasses) return link_error(Part::Class, offset, "more than 255 classes");
        auto type = std::make_unique<LinkedClass>();
        type->id = {package_.id, static_cast<std::uint8_t>(index)};
        type->package = &package_;
        OTI_TRY(auto bits, classes.u8());
        OTI_CHECK((bits & kAccInterface) != 0 ? interface(*type, classes, bits)
                                              : class_info(*type, classes, bits));
        package_.classes.push_back(std::move(type));
        class_by_offset_[offset] = static_cast<std::uint8_t>(index);
    }
    return {};
}

Status Linking::interface(LinkedClass& type, ByteReader& reader, std::uint8_t bits) {
    type.is_interface = true;
    for (int i = 0; i < (bits & 0x0F); ++i) {
        auto offset = offset_of(Part::Class, reader);
        OTI_TRY(auto ref, reader.u16());
        const auto* extended = class_of(ref);
        if (extended == nullptr || !extended->is_interface)
            return link_error(Part::Class, offset, "no interface");
        type.add_super_interface(*extended);
    }
    if ((bits & kAccRemote) == 0) return {};
    OTI_TRY(auto name_length, reader.u8());
    return reader.skip(name_length);
}

Status Linking::class_info(LinkedClass& type, ByteReader& reader, std::uint8_t bits) {
    auto offset = offset_of(Part::Class, reader);
    OTI_TRY(auto super_ref, reader.u16());
    type.super = class_of(super_ref);
    if (type.super == nullptr || type.super->is_interface) {
        return link_error(Part::Class, offset, "no superclass");
    }
    OTI_TRY(auto cells, reader.u8());
    OTI_TRY(auto first_reference, reader.u8());
    OTI_TRY(auto references, reader.u8());
    if (references != 0 && first_reference + references > cells) {
        return link_error(Part::Class, offset, "references beyond the instance");
    }
    type.first_cell = type.super->cells;
    type.cells = static_cast<std::uint16_t>(type.first_cell + cells);
    if (type.cells > kMaxCells) return link_error(Part::Class, offset, "instances that are too large");
    type.reference_cells = type.super->reference_cells;
    for (unsigned i = 0; i < references; ++i) {
        type.reference_cells.push_back(static_cast<std::uint16_t>(type.first_cell + first_reference + i));
    }
    type.ancestry = type.super->ancestry;
    type.ancestry.push_back(&type);

    OTI_TRY(auto public_base, reader.u8());
    OTI_TRY(auto public_count, reader.u8());
    OTI_TRY(auto package_base, reader.u8());
    OTI_TRY(auto package_count, reader.u8());
    type.public_methods = type.super->public_methods;
    OTI_CHECK(method_table(reader, type.public_methods, public_base, public_count));
    // Package-visible methods of another package's class are none of ours (4.3.7.6).
    if (type.super->package == &package_) type.package_methods = type.super->package_methods;
    OTI_CHECK(method_table(reader, type.package_methods, package_base, package_count));
    OTI_CHECK(implementations(type, reader, bits & 0x0FU));
    if ((bits & kAccRemote) != 0) OTI_CHECK(remote_interfaces(reader));
    if (package_.source->format().minor < 3) return {};
    return reader.skip(std::size_t{public_base} + public_count + 1);
}

Status Linking::method_table(ByteReader& reader, std::vector<const Method*>& methods, std::uint8_t base,
                             std::uint8_t count) {
    if (base + count > 128)
        return link_error(Part::Class, offset_of(Part::Class, reader), "more than 128 methods");
    methods.resize(std::max<std::size_t>(methods.size(), std::size_t{base} + count));
    for (unsigned i = 0; i < count; ++i) {
        auto place = offset_of(Part::Class, reader);
        OTI_TRY(auto offset, reader.u16());
        if (offset == kInherited) continue;
        OTI_TRY(const auto* method, method_at(offset));
        if (method->argument_words == 0)
            return link_error(Part::Class, place, "a virtual method without an object");
        if (!may_override(methods[base + i], *method)) {
            return link_error(Part::Class, place, "a method that overrides one with other arguments");
        }
        methods[base + i] = method;
    }
    return {};
}

Status Linking::implementations(LinkedClass& type, ByteReader& reader, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        auto offset = offset_of(Part::Class, reader);
        OTI_TRY(auto ref, reader.u16());
        Implementation implementation;
        implementation.interface = class_of(ref);
        if (implementation.interface == nullptr || !implementation.interface->is_interface) {
            return link_error(Part::Class, offset, "no interface");
        }
        OTI_TRY(auto index_count, reader.u8());
        OTI_TRY(auto tokens, reader.take(index_count));
        implementation.virtual_tokens.assign(tokens.begin(), tokens.end());
        type.implementations.push_back(std::move(implementation));
    }
    type.collect_interfaces();
    return {};
}

/// 6.9.2.5: remote method invocation is not supported; this is only stepped over.
Status Linking::remote_interfaces(ByteReader& reader) {
    constexpr std::size_t kRemoteMethod = 5;
    OTI_TRY(auto method_count, reader.u8());
    OTI_CHECK(reader.skip(kRemoteMethod * method_count));
    OTI_CHECK(reader.take_lv());  // the anti-collision string
    OTI_CHECK(reader.take_lv());  // the class's name
    OTI_TRY(auto interface_count, reader.u8());
    return reader.skip(std::size_t{2} * interface_count);
}

}  // namespace oti::javacard
