// SPDX-License-Identifier: Apache-2.0
// Of what type an object is (JCVM specification 3.0.5, 7.5: checkcast, aastore).
#pragma once

#include "javacard/linked.h"
#include "javacard/opcodes.h"

namespace oti::javacard {

inline bool is_object_class(const LinkedClass& type) {
    return type.id == ClassId{kJavaLang, 0};
}

/// Whether an object is of a class or implements an interface. Of arrays, only Object can be said.
inline bool is_instance(const PackageTable& packages, const Object& object, const LinkedClass& type) {
    if (object.kind != ObjectKind::kInstance) return is_object_class(type);
    const auto* actual = packages.find(object.type);
    return actual != nullptr && (actual == &type || actual->is_assignable_to(type));
}

/// Whether an object may be an element of a reference array.
inline bool is_element(const PackageTable& packages, const Object& value, const Object& array) {
    const auto* element = packages.find(array.type);
    return element != nullptr && is_instance(packages, value, *element);
}

/// For an array type of table 7-2; `type` is the element's of T_REFERENCE.
inline bool is_array_of(const PackageTable& packages, const Object& object, std::uint8_t array_type,
                        const LinkedClass* type) {
    switch (array_type) {
        case kTypeBoolean:
            return object.kind == ObjectKind::kBooleans;
        case kTypeByte:
            return object.kind == ObjectKind::kBytes;
        case kTypeShort:
            return object.kind == ObjectKind::kShorts;
        case kTypeInt:
            return object.kind == ObjectKind::kInts;
        default:
            break;
    }
    if (object.kind != ObjectKind::kReferences) return false;
    const auto* element = packages.find(object.type);
    return element != nullptr && element->is_assignable_to(*type);
}

}  // namespace oti::javacard
