// SPDX-License-Identifier: Apache-2.0
// For tests only: an applet that implements an interface of the API's, and what its methods may call.
#pragma once

#include <vector>

#include "javacard/test_applet.h"

namespace oti::javacard {

struct GpApplet {
    /// A method: its header (words on the stack, arguments and local variables), and what it does. Constants:
    /// 0 the class, 1 Applet.<init>, 2 Applet.register, 3 ISOException.throwIt, 4 APDU.getBuffer,
    /// 5 APDU.setOutgoingAndSend, 6 JCSystem.makeTransientByteArray, 7 a static field, a short.
    static Bytes method(const char* header, const std::string& source) {
        return concat(from_hex(header), Assembler::assemble(source));
    }
    /// With virtual methods from this token on (one without bytes is inherited), and an interface: the class,
    /// how many methods, which tokens they have here. Package 2 is org.globalplatform.
    static Bytes block(unsigned first_token, const std::vector<Bytes>& methods, std::string_view interface) {
        using enum cap::ComponentTag;
        Bytes code =
            concat(from_hex("00"), method("04 30", "new 0 dup invokespecial 1 invokevirtual 2 return"));
        ByteWriter places;
        for (const auto& bytes : methods) {
            places.u16(bytes.empty() ? 0xFFFF : static_cast<unsigned>(code.size()));
            code = concat(code, bytes);
        }
        cap::TestPackage package{1, {}};
        package.info[Header] = from_hex("DECAFFED 01 02 04 0001 06A00000000101");
        package.info[Import] = from_hex("03 0001 07A0000000620001 0001 07A0000000620101 0601 06A00000015100");
        package.info[Applet] = from_hex("01 07A0000000010101 0001");
        auto head = ByteWriter().u8(first_token).u8(static_cast<unsigned>(methods.size())).take();
        package.info[Class] = concat(from_hex("42 8103 00 00 00"), head, from_hex("00 00"), places.view(),
                                     concat(from_hex(interface), from_hex("8102 00")));
        package.info[Method] = code;
        package.info[StaticField] = from_hex("0002 0000 0000 0002 0000");
        package.info[ConstantPool] = from_hex(
            "0008 01 0000 00  06 81 03 00  03 8103 01  06 81 07 01  03 810A 01  03 810A 08  06 81 08 0D  "
            "05 00 0000");
        package.info[RefLocation] = from_hex("0000 0000");
        ByteWriter directory;
        for (std::uint8_t tag = 1; tag <= 11; ++tag) {
            auto found = package.info.find(cap::ComponentTag{tag});
            directory.u16(tag == 2                      ? 31
                          : found == package.info.end() ? 0U
                                                        : static_cast<unsigned>(found->second.size()));
        }
        package.info[Directory] = directory.put(from_hex("0002 0000 0000 03 01 00")).take();
        return package.block();
    }
};

}  // namespace oti::javacard
