// SPDX-License-Identifier: Apache-2.0
// The components that describe the package's code: Class, ConstantPool, Method, RefLocation, Export.
#include "cap/checks.h"

namespace oti::cap {
namespace {

constexpr std::uint16_t kNone = 0xFFFF;  ///< no superclass; a method of an imported package
constexpr std::uint8_t kAccInterface = 0x80, kAccRemote = 0x20, kAccReserved = 0x10;
constexpr std::size_t kHandlerSize = 8;

/// Table 6-4.
enum PoolTag : std::uint8_t {
    kClassref = 1,
    kInstanceFieldref = 2,
    kVirtualMethodref = 3,
    kSuperMethodref = 4,
    kStaticFieldref = 5,
    kStaticMethodref = 6,
};

Status check_class_ref(ComponentReader& reader, const Layout& layout) {
    OTI_TRY(auto ref, reader.u16());
    if (!layout.is_class_ref(ref)) return reader.wrong("a reference to no class");
    return {};
}

Status check_method_table(ComponentReader& classes, const Layout& layout, std::uint8_t count) {
    for (unsigned i = 0; i < count; ++i) {
        OTI_TRY(auto method, classes.u16());
        if (method != kNone && !layout.is_method(method)) return classes.wrong("a method outside Method");
    }
    return {};
}

/// 6.9.2.5, present with ACC_REMOTE.
Status check_remote_interfaces(ComponentReader& classes, const Layout& layout, std::uint16_t pool_size) {
    OTI_TRY(auto method_count, classes.u8());
    for (unsigned i = 0; i < method_count; ++i) {
        OTI_CHECK(classes.u16());  // the hash
        OTI_TRY(auto signature, classes.u16());
        if (signature >= pool_size) return classes.wrong("a signature outside the signature pool");
        OTI_CHECK(classes.u8());  // the virtual method token
    }
    OTI_TRY(auto modifier_length, classes.u8());
    OTI_CHECK(classes.skip(modifier_length));
    OTI_TRY(auto name_length, classes.u8());
    OTI_CHECK(classes.skip(name_length));
    OTI_TRY(auto interface_count, classes.u8());
    for (unsigned i = 0; i < interface_count; ++i) OTI_CHECK(check_class_ref(classes, layout));
    return {};
}

/// 6.9.2.2, after the bit field.
Status check_interface_info(ComponentReader& classes, const Layout& layout, std::uint8_t bits) {
    for (int i = 0; i < (bits & 0x0F); ++i) OTI_CHECK(check_class_ref(classes, layout));
    if ((bits & kAccRemote) == 0) return {};
    OTI_TRY(auto name_length, classes.u8());
    return classes.skip(name_length);
}

/// Whether a class_ref is to javacard.framework.MultiSelectable, whose token its export file tells.
bool is_multi_selectable(std::uint16_t ref, const Layout& layout) {
    constexpr std::uint8_t kToken = 17;
    static const auto kFramework = iso7816::Aid::constant("A0000000620101");
    return (ref & 0x8000) != 0 && (ref & 0xFF) == kToken && layout.imports[ref >> 8 & 0x7F].aid == kFramework;
}

/// 6.9.2.3, after the bit field.
Status check_class_info(ComponentReader& classes, Layout& layout, std::uint8_t bits,
                        std::uint16_t pool_size) {
    OTI_TRY(auto super, classes.u16());
    if (super != kNone && !layout.is_class_ref(super)) return classes.wrong("a reference to no class");
    OTI_CHECK(classes.skip(3));  // instance size, first reference token, reference count
    OTI_TRY(auto public_base, classes.u8());
    OTI_TRY(auto public_count, classes.u8());
    OTI_CHECK(classes.u8());  // the first token of the package-visible methods
    OTI_TRY(auto package_count, classes.u8());
    OTI_CHECK(check_method_table(classes, layout, public_count));
    OTI_CHECK(check_method_table(classes, layout, package_count));
    for (int i = 0; i < (bits & 0x0F); ++i) {
        OTI_TRY(auto interface, classes.u16());
        if (!layout.is_class_ref(interface)) return classes.wrong("a reference to no class");
        if (is_multi_selectable(interface, layout)) layout.is_multiselectable = true;
        OTI_TRY(auto index_count, classes.u8());
        OTI_CHECK(classes.skip(index_count));
    }
    if ((bits & kAccRemote) != 0) OTI_CHECK(check_remote_interfaces(classes, layout, pool_size));
    if (!layout.since(3)) return {};
    OTI_CHECK(classes.skip(std::size_t{public_base} + public_count));  // the tokens in the superclass
    return classes.skip(1);                                            // tokens inheritable in format 2.2
}

/// 6.8.3: a static field or method of this package by offset, or of another by tokens.
Status check_static_ref(ComponentReader& pool, const Layout& layout, std::uint8_t tag) {
    OTI_TRY(auto package, pool.u8());
    if ((package & 0x80) != 0) {
        if ((package & 0x7F) >= static_cast<int>(layout.imports.size())) return pool.wrong("no such import");
        return pool.skip(2);
    }
    if (package != 0) return pool.wrong("the padding is not zero");
    OTI_TRY(auto offset, pool.u16());
    bool known = tag == kStaticFieldref ? offset < layout.image_size : layout.is_method(offset);
    if (!known) return pool.wrong("a reference to no static field or method");
    return {};
}

/// One list of RefLocation: the places in Method of `width` octets that hold an index into the constant pool.
Status check_locations(ComponentReader& locations, const Layout& layout, std::size_t width) {
    OTI_TRY(auto count, locations.u16());
    std::size_t place = 0;
    bool unfinished = false;
    for (unsigned i = 0; i < count; ++i) {
        OTI_TRY(auto jump, locations.u8());
        place += jump;
        unfinished = jump == 0xFF;
        if (unfinished) continue;
        ByteReader method(layout.method, "Method");
        auto skipped = method.skip(place);
        auto index = method.take(width);
        if (!skipped || !index) return locations.wrong("a place outside Method");
        std::size_t value =
            width == 1 ? (*index)[0] : static_cast<std::size_t>((*index)[0] << 8 | (*index)[1]);
        if (value >= layout.pool_tags.size())
            return locations.wrong("a place that holds no constant's index");
    }
    if (unfinished) return locations.wrong("the list ends within a jump");
    return {};
}

}  // namespace

Status check_method_extent(ComponentReader& method, Layout& layout) {
    OTI_TRY(layout.handler_count, method.u8());
    OTI_CHECK(method.skip(kHandlerSize * layout.handler_count));
    layout.first_method = method.offset();
    layout.method = method.info();
    return {};
}

Status check_class(ComponentReader& classes, Layout& layout) {
    std::uint16_t pool_size = 0;
    if (layout.since(2)) {
        OTI_TRY(pool_size, classes.u16());
        OTI_CHECK(classes.skip(pool_size));
    }
    while (!classes.empty()) {
        // Only what stands before may be referred to: superclasses and interfaces come first (6.9).
        auto offset = static_cast<std::uint16_t>(classes.offset());
        OTI_TRY(auto bits, classes.u8());
        if ((bits & kAccReserved) != 0 || (!layout.since(2) && (bits & kAccRemote) != 0)) {
            return classes.wrong("reserved flags are set");
        }
        OTI_CHECK((bits & kAccInterface) != 0 ? check_interface_info(classes, layout, bits)
                                              : check_class_info(classes, layout, bits, pool_size));
        layout.class_offsets.push_back(offset);
    }
    return {};
}

Status check_constant_pool(ComponentReader& pool, Layout& layout) {
    OTI_TRY(auto count, pool.u16());
    for (unsigned i = 0; i < count; ++i) {
        OTI_TRY(auto tag, pool.u8());
        if (tag < kClassref || tag > kStaticMethodref) return pool.wrong("a constant of an unknown type");
        if (tag == kStaticFieldref || tag == kStaticMethodref) {
            OTI_CHECK(check_static_ref(pool, layout, tag));
        } else {
            OTI_CHECK(check_class_ref(pool, layout));
            OTI_TRY(auto token, pool.u8());
            if (tag == kClassref && token != 0) return pool.wrong("the padding is not zero");
        }
        layout.pool_tags.push_back(tag);
    }
    return pool.expect_end();
}

Status check_exception_handlers(ComponentReader& method, Layout& layout) {
    OTI_TRY(auto count, method.u8());
    for (unsigned i = 0; i < count; ++i) {
        OTI_TRY(auto start, method.u16());
        if (!layout.is_method(start)) return method.wrong("a handler's range is outside the methods");
        OTI_TRY(auto length, method.u16());
        std::size_t active = length & 0x7FFF;
        if (active == 0 || start + active > layout.method.size())
            return method.wrong("a handler's range is wrong");
        OTI_TRY(auto handler, method.u16());
        if (handler < layout.first_method || handler >= layout.method.size()) {
            return method.wrong("a handler is outside the methods");
        }
        OTI_TRY(auto type, method.u16());
        if (type != 0 && (type >= layout.pool_tags.size() || layout.pool_tags[type] != kClassref)) {
            return method.wrong("a handler's type is no class");
        }
    }
    return {};
}

Status check_ref_location(ComponentReader& locations, Layout& layout) {
    OTI_CHECK(check_locations(locations, layout, 1));
    OTI_CHECK(check_locations(locations, layout, 2));
    return locations.expect_end();
}

Status check_export(ComponentReader& exports, Layout& layout) {
    OTI_TRY(auto count, exports.u8());
    if (count == 0) return exports.wrong("it exports nothing");
    for (unsigned i = 0; i < count; ++i) {
        OTI_TRY(auto offset, exports.u16());
        if (!layout.is_class(offset)) return exports.wrong("a reference to no class");
        OTI_TRY(auto field_count, exports.u8());
        OTI_TRY(auto method_count, exports.u8());
        for (unsigned j = 0; j < field_count; ++j) {
            OTI_TRY(auto field, exports.u16());
            if (field >= layout.image_size) return exports.wrong("a field outside the static fields");
        }
        for (unsigned j = 0; j < method_count; ++j) {
            OTI_TRY(auto method, exports.u16());
            if (!layout.is_method(method)) return exports.wrong("a method outside Method");
        }
    }
    return exports.expect_end();
}

}  // namespace oti::cap
