// SPDX-License-Identifier: Apache-2.0
#include "cap/structure.h"

#include <fmt/format.h>

namespace oti::cap {
namespace {

constexpr std::uint8_t kInterface = 0x80, kRemote = 0x20;

/// One interface_info or class_info (JCVM 6.9).
Status check_class(ByteReader& reader, std::size_t method_size) {
    OTI_TRY(auto flags_and_count, reader.u8());
    std::size_t interface_count = flags_and_count & 0x0F;
    if ((flags_and_count & kInterface) != 0) {
        OTI_CHECK(reader.skip(2 * interface_count));  // superinterfaces
        if ((flags_and_count & kRemote) != 0) OTI_CHECK(reader.take_lv());
        return {};
    }
    OTI_CHECK(reader.skip(2));  // super_class_ref
    OTI_CHECK(reader.skip(3));  // instance size, first reference and reference count
    OTI_CHECK(reader.skip(1));  // public_method_table_base
    OTI_TRY(auto public_count, reader.u8());
    OTI_CHECK(reader.skip(1));  // package_method_table_base
    OTI_TRY(auto package_count, reader.u8());
    for (unsigned n = 0; n < public_count + 0U + package_count; ++n) {
        OTI_TRY(auto method, reader.u16());
        // FFFF: inherited from another package.
        if (method != 0xFFFF && method >= method_size) return reader.invalid("a method outside of Method");
    }
    for (std::size_t n = 0; n < interface_count; ++n) {
        OTI_CHECK(reader.skip(2));  // interface reference
        OTI_CHECK(reader.take_lv());
    }
    if ((flags_and_count & kRemote) != 0) {
        OTI_TRY(auto remote_count, reader.u8());
        OTI_CHECK(reader.skip(5 * std::size_t{remote_count}));  // remote_method_info
        OTI_CHECK(reader.take_lv());                            // hash modifier
        OTI_CHECK(reader.take_lv());                            // class name
        OTI_TRY(auto remote_interfaces, reader.u8());
        OTI_CHECK(reader.skip(2 * std::size_t{remote_interfaces}));
    }
    return {};
}

}  // namespace

Status ComponentReader::read(const std::function<Status(ByteReader&)>& read) const {
    ByteReader reader(content_, name(tag_));
    auto done = read(reader);
    if (done) done = reader.expect_end();
    if (done || done.error().code == "cap.format") return done;
    return fail(ErrorKind::kUsage, "cap.damaged",
                fmt::format("the component {} is damaged at byte {} of {}: {}", name(tag_), reader.offset(),
                            content_.size(), done.error().message));
}

Status check_structure(const Package& package) {
    auto method_size = package.component(ComponentTag::kMethod)->size();

    OTI_CHECK(ComponentReader(package, ComponentTag::kClass).read([&](ByteReader& reader) -> Status {
        // Since 2.2 the signatures of remote methods come first.
        if (package.format().minor >= 2) {
            OTI_TRY(auto pool_size, reader.u16());
            OTI_CHECK(reader.skip(pool_size));
        }
        while (!reader.empty()) OTI_CHECK(check_class(reader, method_size));
        return {};
    }));
    // JCVM 6.10: the handlers, then the methods, which only their bytecodes delimit.
    OTI_CHECK(ComponentReader(package, ComponentTag::kMethod).read([](ByteReader& reader) -> Status {
        OTI_TRY(auto handler_count, reader.u8());
        OTI_CHECK(reader.skip(8 * std::size_t{handler_count}));
        reader.take_rest();
        return {};
    }));
    // JCVM 6.11
    OTI_CHECK(ComponentReader(package, ComponentTag::kStaticField).read([](ByteReader& reader) -> Status {
        OTI_TRY(auto image_size, reader.u16());
        OTI_TRY(auto reference_count, reader.u16());
        OTI_TRY(auto array_count, reader.u16());
        for (unsigned n = 0; n < array_count; ++n) {
            OTI_CHECK(reader.skip(1));  // type
            OTI_TRY(auto size, reader.u16());
            OTI_CHECK(reader.skip(size));
        }
        OTI_TRY(auto default_count, reader.u16());
        OTI_TRY(auto other_count, reader.u16());
        OTI_CHECK(reader.skip(other_count));
        if (image_size != 2U * reference_count + default_count + other_count) {
            return reader.invalid("the image has not the size of its parts");
        }
        return {};
    }));
    // JCVM 6.8: four bytes an entry, the first one says what it is.
    OTI_CHECK(ComponentReader(package, ComponentTag::kConstantPool).read([](ByteReader& reader) -> Status {
        OTI_TRY(auto count, reader.u16());
        for (unsigned n = 0; n < count; ++n) {
            OTI_TRY(auto tag, reader.u8());
            if (tag < 1 || tag > 6) return reader.invalid("a constant of unknown sort");
            OTI_CHECK(reader.skip(3));
        }
        return {};
    }));
    // JCVM 6.12: distances between the one-byte and the two-byte operands in Method.
    OTI_CHECK(
        ComponentReader(package, ComponentTag::kReferenceLocation).read([&](ByteReader& reader) -> Status {
            for (int operand_size = 1; operand_size <= 2; ++operand_size) {
                OTI_TRY(auto count, reader.u16());
                OTI_TRY(auto distances, reader.take(count));
                std::size_t at = 0;
                for (auto distance : distances) at += distance;
                if (at + static_cast<std::size_t>(operand_size) > method_size && count > 0) {
                    return reader.invalid("an operand outside of Method");
                }
            }
            return {};
        }));
    if (!package.component(ComponentTag::kExport)) return {};
    // JCVM 6.13
    return ComponentReader(package, ComponentTag::kExport).read([](ByteReader& reader) -> Status {
        OTI_TRY(auto class_count, reader.u8());
        for (unsigned n = 0; n < class_count; ++n) {
            OTI_CHECK(reader.skip(2));  // class_offset
            OTI_TRY(auto field_count, reader.u8());
            OTI_TRY(auto method_count, reader.u8());
            OTI_CHECK(reader.skip(2 * (std::size_t{field_count} + method_count)));
        }
        return {};
    });
}

}  // namespace oti::cap
