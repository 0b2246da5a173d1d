// SPDX-License-Identifier: Apache-2.0
#include "cap/checks.h"

namespace oti::cap {
namespace {

constexpr std::uint8_t kAccInterface = 0x40;
constexpr std::uint8_t kMethodExtended = 0x80;  ///< ACC_EXTENDED in a method's first octet (table 6-12)
constexpr std::uint16_t kNoType = 0xFFFF;
constexpr std::size_t kFieldSize = 7;

/// 6.14.3
Status check_method_descriptor(ComponentReader& descriptor, const Layout& layout, bool of_interface) {
    OTI_CHECK(descriptor.skip(2));  // token, access flags
    OTI_TRY(auto offset, descriptor.u16());
    if (of_interface ? offset != 0 : !layout.is_method(offset)) {
        return descriptor.wrong("a method outside Method");
    }
    OTI_CHECK(descriptor.u16());  // the type
    OTI_TRY(auto bytecode_count, descriptor.u16());
    if (!of_interface) {
        std::size_t header = (layout.method[offset] & kMethodExtended) != 0 ? 4 : 2;
        if (offset + header + bytecode_count > layout.method.size()) {
            return descriptor.wrong("a method that ends outside Method");
        }
    }
    OTI_TRY(auto handler_count, descriptor.u16());
    OTI_TRY(auto first_handler, descriptor.u16());
    if (first_handler + handler_count > layout.handler_count)
        return descriptor.wrong("no such exception handler");
    return {};
}

/// 6.14.1
Status check_class_descriptor(ComponentReader& descriptor, const Layout& layout) {
    OTI_CHECK(descriptor.u8());  // the token
    OTI_TRY(auto flags, descriptor.u8());
    OTI_TRY(auto self, descriptor.u16());
    if (!layout.is_class(self)) return descriptor.wrong("a reference to no class");
    OTI_TRY(auto interface_count, descriptor.u8());
    OTI_TRY(auto field_count, descriptor.u16());
    OTI_TRY(auto method_count, descriptor.u16());
    for (unsigned i = 0; i < interface_count; ++i) {
        OTI_TRY(auto interface, descriptor.u16());
        if (!layout.is_class_ref(interface)) return descriptor.wrong("a reference to no interface");
    }
    OTI_CHECK(descriptor.skip(kFieldSize * field_count));
    for (unsigned i = 0; i < method_count; ++i) {
        OTI_CHECK(check_method_descriptor(descriptor, layout, (flags & kAccInterface) != 0));
    }
    return {};
}

/// 6.14.4
Status check_types(ComponentReader& descriptor, const Layout& layout) {
    auto info_size = descriptor.remaining();
    OTI_TRY(auto count, descriptor.u16());
    if (count != layout.pool_tags.size()) return descriptor.wrong("the count and the constant pool disagree");
    for (unsigned i = 0; i < count; ++i) {
        OTI_TRY(auto type, descriptor.u16());
        if (type != kNoType && type >= info_size) return descriptor.wrong("a type outside the types");
    }
    while (!descriptor.empty()) {
        OTI_TRY(auto nibbles, descriptor.u8());
        OTI_CHECK(descriptor.skip((nibbles + std::size_t{1}) / 2));
    }
    return {};
}

}  // namespace

Status check_descriptor(ComponentReader& descriptor, Layout& layout) {
    OTI_TRY(auto class_count, descriptor.u8());
    if (class_count != layout.class_offsets.size()) return descriptor.wrong("the count and Class disagree");
    for (unsigned i = 0; i < class_count; ++i) OTI_CHECK(check_class_descriptor(descriptor, layout));
    return check_types(descriptor, layout);
}

}  // namespace oti::cap
