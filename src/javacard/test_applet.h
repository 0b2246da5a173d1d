// SPDX-License-Identifier: Apache-2.0
// For tests only: an applet that counts, and a card that has it.
#pragma once

#include <gtest/gtest.h>

#include "javacard/runtime.h"
#include "javacard/test_program.h"

namespace oti::javacard {

inline const auto kPackage = iso7816::Aid::constant("A00000000101");
inline const auto kModule = iso7816::Aid::constant("A0000000010101");
inline const auto kInstance = iso7816::Aid::constant("A0000000010102");

/// class Counter extends Applet { short count;
///     static void install(byte[] parameters, short offset, byte length) {
///         Counter counter = new Counter(); if (parameters[offset] == 0) counter.register(); }
///     void process(APDU apdu) { ISOException.throwIt(++count); } }
inline Bytes applet_block() {
    using enum cap::ComponentTag;
    auto method = [](const char* header, const std::string& source) {
        return concat(from_hex(header), Assembler::assemble(source));
    };
    // Constants: 0 Counter, 1 Applet.<init>, 2 Applet.register, 3 count, 4 ISOException.throwIt
    // Headers: 4 words on the stack; 3 arguments and 1 local variable, 2 and none.
    auto install = method("04 31",
                          "new 0 dup invokespecial 1 astore_3 aload_0 sload_1 baload ifne end "
                          "aload_3 invokevirtual 2 end: return");
    auto process =
        method("04 20",
               "aload_0 dup getfield_s 3 sconst_1 sadd putfield_s 3 getfield_s_this 3 invokestatic 4 return");
    auto process_at = 1 + install.size();
    cap::TestPackage package{1, {}};
    package.info[Header] = from_hex("DECAFFED 01 02 04 0001 06A00000000101");
    package.info[Import] = from_hex("02 0001 07A0000000620001 0001 07A0000000620101");
    package.info[Applet] = from_hex("01 07A0000000010101 0001");
    package.info[Class] = concat(from_hex("00 8103 01 00 00 07 01 00 00"),
                                 ByteWriter().u16(static_cast<unsigned>(process_at)).take());
    package.info[Method] = concat(from_hex("00"), install, process);
    package.info[StaticField] = from_hex("0000 0000 0000 0000 0000");
    package.info[ConstantPool] =
        from_hex("0005 01 0000 00  06 81 03 00  03 8103 01  02 0000 00  06 81 07 01");
    package.info[RefLocation] = from_hex("0000 0000");
    ByteWriter directory;
    for (std::uint8_t tag = 1; tag <= 11; ++tag) {
        auto found = package.info.find(cap::ComponentTag{tag});
        directory.u16(tag == 2                      ? 31
                      : found == package.info.end() ? 0U
                                                    : static_cast<unsigned>(found->second.size()));
    }
    package.info[Directory] = directory.put(from_hex("0000 0000 0000 02 01 00")).take();
    return package.block();
}

class AppletTest : public testing::Test, public CodeStore {
  protected:
    void SetUp() override {
        restart();
        auto loaded = runtime->load(applet_block());
        ASSERT_TRUE(loaded) << loaded.error().message;
        runtime->end_command();
    }
    Result<Bytes> load_file_data_block(const iso7816::Aid&) const override { return applet_block(); }

    void restart() {
        auto started = Runtime::start({objects, *this, memory});
        ASSERT_TRUE(started) << started.error().message;
        runtime = std::move(*started);
    }
    Outcome install(BytesView parameters = {}) {
        return runtime->install(kPackage, kModule, kInstance, parameters);
    }
    std::uint16_t process() { return runtime->process(runtime->find(kInstance)->id, 0, {}, false).sw; }

    AmpleMemory memory;
    MapStore objects;
    std::unique_ptr<Runtime> runtime;
};

}  // namespace oti::javacard
