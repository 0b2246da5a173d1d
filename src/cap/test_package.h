// SPDX-License-Identifier: Apache-2.0
// For tests only: a small package in each CAP format, built by hand from JCVM specification 3.1, chapter 6.
#pragma once

#include <map>

#include "base/byte_writer.h"
#include "base/hex.h"
#include "cap/component.h"
#include "cap/package.h"

namespace oti::cap {

/// Info items by component. The Directory is computed, unless a test puts one in.
struct TestPackage {
    std::uint8_t minor = 1;  ///< of the CAP format 2.x
    std::map<ComponentTag, Bytes> info;

    /// An applet package with an interface that it exports, one class, one method with an exception handler.
    static TestPackage make(std::uint8_t minor);
    /// The same as a library.
    static TestPackage make_library(std::uint8_t minor);

    Bytes directory() const;
    /// The load file data block, in load order.
    Bytes block() const;
    /// One component with tag and size.
    static Bytes framed(ComponentTag tag, BytesView info);
    /// As it is put into the block.
    Bytes component(ComponentTag tag) const;

    bool since(std::uint8_t other) const { return minor >= other; }
};

inline TestPackage TestPackage::make(std::uint8_t minor) {
    using enum ComponentTag;
    TestPackage package{minor, {}};
    // Where interface and class begin: after the signature pool, which 2.1 does not have.
    const auto interface = static_cast<unsigned>(package.since(2) ? 2 : 0);
    const auto interface_hex = to_hex(ByteWriter().u16(interface).view());
    const auto class_hex = to_hex(ByteWriter().u16(interface + 1).view());
    auto hex = [](const auto&... parts) { return from_hex((std::string() + ... + parts)); };

    package.info[Header] =
        hex("DECAFFED", to_hex(ByteWriter().u8(minor).view()), "02", "06",  // export, applet
            "0301", "06A00000000101",                                       // version 1.3
            package.since(2) ? "03612F62" : "");                            // "a/b"
    package.info[Import] = hex("02", "0001 07A0000000620001",               // java.lang 1.0
                               "0301 07A0000000620101");                    // framework 1.3
    package.info[Applet] = hex("01", "07A0000000010101", "0009");
    package.info[Class] = hex(package.since(2) ? "0000" : "",
                              "80",                   // interface
                              "00 8103 01 00 01",     // class: Applet's child, one field, a reference
                              "07 01 00 00", "0009",  // one public method, token 7
                              package.since(3) ? "0001020304050607 08" : "");
    package.info[Method] = hex("01", "000B 8003 000E 0001",               // try 11..13, catch at 14, type 1
                               "01 10",                                   // at 9: stack 1, one argument
                               "8D0000",                                  // invokestatic 0
                               "AD02",                                    // getfield_a_this 2
                               "7A");                                     // return
    package.info[StaticField] = hex("0004 0001", "0001", "03 0002 AABB",  // a byte array
                                    "0001", "0001 CC");
    package.info[Export] = hex("01", interface_hex, "00 00");
    package.info[ConstantPool] = hex("0004", "06 00 0009",                        // static method at 9
                                     "01 8003 00",                                // class 3 of java.lang
                                     "02", class_hex, "00",                       // field 0 of the class
                                     "05 00 0002");                               // static field at 2
    package.info[RefLocation] = hex("0001 0F",                                    // 15
                                    "0002 07 05");                                // 7 and 12
    package.info[Descriptor] = hex("02", "00 41", interface_hex, "00 0000 0000",  //
                                   "FF 01", class_hex, "00 0001 0001",            //
                                   "00 02", class_hex, "00 000A",                 // the field
                                   "07 01 0009 000A 0006 0001 0000",              // the method
                                   "0004 000A FFFF 000A 000A", "01 10");          // types
    return package;
}

inline TestPackage TestPackage::make_library(std::uint8_t minor) {
    auto package = make(minor);
    package.info.erase(ComponentTag::Applet);
    package.info[ComponentTag::Header][6] = 0x02;
    auto class_offset = package.since(2) ? "0003" : "0001";
    package.info[ComponentTag::Export] = from_hex(std::string("01") + class_offset + "01 01 0000 0009");
    return package;
}

inline Bytes TestPackage::directory() const {
    const std::uint8_t last = since(2) ? 12 : 11;
    auto size_of = [&](ComponentTag tag) {
        if (tag == ComponentTag::Directory) return 31U + (since(2) ? 2U : 0U) + (since(3) ? 4U : 0U);
        return info.contains(tag) ? static_cast<unsigned>(info.at(tag).size()) : 0U;
    };
    ByteWriter directory;
    for (std::uint8_t tag = 1; tag <= last; ++tag) directory.u16(size_of(ComponentTag{tag}));
    if (since(3)) directory.u32(size_of(ComponentTag::StaticResources));
    return directory
        .put(from_hex("0004 0001 0002 02"))  // image size, arrays, their bytes, imports
        .u8(info.contains(ComponentTag::Applet) ? 1 : 0)
        .u8(0)  // custom components
        .take();
}

inline Bytes TestPackage::framed(ComponentTag tag, BytesView info) {
    ByteWriter writer;
    writer.u8(static_cast<std::uint8_t>(tag));
    if (tag == ComponentTag::StaticResources) {
        writer.u32(static_cast<std::uint32_t>(info.size()));
    } else {
        writer.u16(static_cast<unsigned>(info.size()));
    }
    return writer.put(info).take();
}

inline Bytes TestPackage::component(ComponentTag tag) const {
    if (tag == ComponentTag::Directory && !info.contains(tag)) return framed(tag, directory());
    return info.contains(tag) ? framed(tag, info.at(tag)) : Bytes{};
}

inline Bytes TestPackage::block() const {
    Bytes all;
    for (auto tag : kLoadOrder) append(all, component(tag));
    return all;
}

}  // namespace oti::cap
