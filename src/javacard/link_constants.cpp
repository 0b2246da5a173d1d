// SPDX-License-Identifier: Apache-2.0
// The ConstantPool component (JCVM specification 3.0.5, 6.8) and the StaticField component (6.11).
#include <algorithm>

#include "javacard/linking.h"

namespace oti::javacard {
namespace {

using Part = cap::ComponentTag;

/// Table 6-4, in its order.
constexpr Constant::Kind kKinds[] = {
    Constant::Kind::kClass,       Constant::Kind::kInstanceField, Constant::Kind::kVirtualMethod,
    Constant::Kind::kSuperMethod, Constant::Kind::kStaticField,   Constant::Kind::kStaticMethod,
};

std::optional<ObjectKind> array_kind(std::uint8_t type) {
    switch (type) {
        case 2:
            return ObjectKind::kBooleans;
        case 3:
            return ObjectKind::kBytes;
        case 4:
            return ObjectKind::kShorts;
        case 5:
            return ObjectKind::kInts;
        default:
            return std::nullopt;
    }
}

std::uint16_t u16_of(std::uint8_t high, std::uint8_t low) {
    return static_cast<std::uint16_t>(high << 8 | low);
}

}  // namespace

Status Linking::static_fields() {
    auto fields = reader(Part::StaticField);
    OTI_TRY(package_.statics_size, fields.u16());
    OTI_TRY(auto references, fields.u16());
    for (unsigned i = 0; i < references; ++i) {
        package_.static_reference_cells.push_back(static_cast<std::uint16_t>(i));
    }
    OTI_TRY(auto arrays, fields.u16());
    if (arrays > references || 2U * references > package_.statics_size) {
        return link_error(Part::StaticField, 0, "more references than fields");
    }
    for (unsigned i = 0; i < arrays; ++i) {
        auto offset = offset_of(Part::StaticField, fields);
        OTI_TRY(auto type, fields.u8());
        auto kind = array_kind(type);
        if (!kind) return link_error(Part::StaticField, offset, "an array of an unknown type");
        OTI_TRY(auto count, fields.u16());
        if (count % element_size(*kind) != 0) return link_error(Part::StaticField, offset, "half an element");
        OTI_TRY(auto values, fields.take(count));
        package_.array_inits.push_back({*kind, to_bytes(values)});
    }
    OTI_CHECK(fields.u16());  // of default values: they are zero
    OTI_TRY(auto count, fields.u16());
    OTI_TRY(auto values, fields.take(count));
    if (2U * references + count > package_.statics_size) {
        return link_error(Part::StaticField, offset_of(Part::StaticField, fields), "more values than fields");
    }
    package_.non_default_values = to_bytes(values);
    return {};
}

Status Linking::constants() {
    auto pool = reader(Part::ConstantPool);
    OTI_TRY(auto count, pool.u16());
    package_.constants.reserve(count);
    for (unsigned i = 0; i < count; ++i) {
        auto offset = offset_of(Part::ConstantPool, pool);
        Constant constant;
        OTI_TRY(auto tag, pool.u8());
        if (tag == 0 || tag > std::size(kKinds))
            return link_error(Part::ConstantPool, offset, "an unknown tag");
        constant.kind = kKinds[tag - 1];
        OTI_TRY(auto info, pool.take(3));
        std::array<std::uint8_t, 3> bytes{info[0], info[1], info[2]};
        auto ref = u16_of(bytes[0], bytes[1]);
        switch (constant.kind) {
            case Constant::Kind::kClass:
                constant.type = class_of(ref);
                if (constant.type == nullptr) return link_error(Part::ConstantPool, offset, "no such class");
                break;
            case Constant::Kind::kInstanceField:
                OTI_CHECK(instance_field(constant, ref, bytes[2], offset));
                break;
            case Constant::Kind::kVirtualMethod:
            case Constant::Kind::kSuperMethod: {
                bool of_super = constant.kind == Constant::Kind::kSuperMethod;
                OTI_CHECK(virtual_method(constant, ref, bytes[2], offset, of_super));
                break;
            }
            case Constant::Kind::kStaticField:
                OTI_CHECK(static_field(constant, bytes, offset));
                break;
            case Constant::Kind::kStaticMethod:
                OTI_CHECK(static_method(constant, bytes, offset));
                break;
        }
        package_.constants.push_back(constant);
    }
    return {};
}

Status Linking::instance_field(Constant& constant, std::uint16_t ref, std::uint8_t token,
                               std::size_t offset) {
    constant.type = class_of(ref);
    if (constant.type == nullptr || constant.type->is_interface) {
        return link_error(Part::ConstantPool, offset, "a field of no class");
    }
    // What a class of the API keeps in its cells is no field.
    if (!constant.type->package->source) return link_error(Part::ConstantPool, offset, "no such field");
    constant.place = static_cast<std::uint16_t>(constant.type->first_cell + token);
    if (constant.place >= constant.type->cells)
        return link_error(Part::ConstantPool, offset, "no such field");
    const auto& references = constant.type->reference_cells;
    constant.is_reference = std::ranges::find(references, constant.place) != references.end();
    return {};
}

Status Linking::virtual_method(Constant& constant, std::uint16_t ref, std::uint8_t token, std::size_t offset,
                               bool of_super) {
    constant.type = class_of(ref);
    bool package_visible = (token & 0x80) != 0;
    if (constant.type == nullptr || constant.type->is_interface) {
        return link_error(Part::ConstantPool, offset, "a method of no class");
    }
    if ((of_super || package_visible) && constant.type->package != &package_) {
        return link_error(Part::ConstantPool, offset, "a method that another package does not show");
    }
    const auto* where = of_super ? constant.type->super : constant.type;
    constant.token = token;
    constant.method = where == nullptr ? nullptr : where->virtual_method(token);
    // A class of the API calls its superclass's package-visible methods by no token of ours.
    if (package_visible && where != nullptr && where->package != &package_) constant.method = nullptr;
    if (constant.method == nullptr) return link_error(Part::ConstantPool, offset, "no such virtual method");
    return {};
}

Status Linking::static_field(Constant& constant, std::array<std::uint8_t, 3> info, std::size_t offset) {
    if ((info[0] & 0x80) != 0) {
        const auto* from = exported(info[0] & 0x7F, info[1]);
        if (from == nullptr || info[2] >= from->static_fields.size()) {
            return link_error(Part::ConstantPool, offset, "no such static field");
        }
        constant.package = from->type->package;
        constant.place = from->static_fields[info[2]];
    } else {
        constant.package = &package_;
        constant.place = u16_of(info[1], info[2]);
    }
    if (constant.place >= constant.package->statics_size) {
        return link_error(Part::ConstantPool, offset, "no such static field");
    }
    constant.is_reference = constant.place < 2 * constant.package->static_reference_cells.size();
    if (constant.is_reference && constant.place % 2 != 0) {
        return link_error(Part::ConstantPool, offset, "half a reference");
    }
    return {};
}

Status Linking::static_method(Constant& constant, std::array<std::uint8_t, 3> info, std::size_t offset) {
    if ((info[0] & 0x80) == 0) {
        OTI_TRY(constant.method, method_at(u16_of(info[1], info[2])));
    } else {
        const auto* from = exported(info[0] & 0x7F, info[1]);
        if (from != nullptr && info[2] < from->static_methods.size()) {
            constant.method = from->static_methods[info[2]];
        }
        if (constant.method == nullptr)
            return link_error(Part::ConstantPool, offset, "no such static method");
    }
    if (constant.method->is_abstract) return link_error(Part::ConstantPool, offset, "a method without code");
    return {};
}

}  // namespace oti::javacard
