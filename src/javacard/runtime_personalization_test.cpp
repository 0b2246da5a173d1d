// SPDX-License-Identifier: Apache-2.0
// STORE DATA for an applet (GPCS 2.3.1, 7.3.2).
#include <gtest/gtest.h>

#include "javacard/test_applet.h"

namespace oti::javacard {
namespace {

/// class Personalized extends Applet implements Personalization {
///     static void install(byte[] parameters, short offset, byte length) { new Personalized().register(); }
///     void process(APDU apdu) {}
///     short processData(byte[] in, short inOffset, short length, byte[] out, short outOffset) {
///         out[outOffset] = in[(short) (length - 1)]; return 1; } }
/// or implements Application {
///     void processData(byte[] in, short offset, short length) { ISOException.throwIt(in[offset]); } }
Bytes block_of(bool personalization) {
    using enum cap::ComponentTag;
    auto method = [](const char* header, const std::string& source) {
        return concat(from_hex(header), Assembler::assemble(source));
    };
    auto install = method("04 30", "new 0 dup invokespecial 1 invokevirtual 2 return");
    auto process = method("04 20", "return");
    auto process_data =
        personalization
            ? method("05 60", "aload 4 sload 5 aload_1 sload_3 sconst_1 ssub baload bastore sconst_1 sreturn")
            : method("04 40", "aload_1 sload_2 baload invokestatic 3 return");
    auto process_at = 1 + install.size();
    cap::TestPackage package{1, {}};
    package.info[Header] = from_hex("DECAFFED 01 02 04 0001 06A00000000101");
    package.info[Import] = from_hex("03 0001 07A0000000620001 0001 07A0000000620101 0601 06A00000015100");
    package.info[Applet] = from_hex("01 07A0000000010101 0001");
    // Shareable, and the interface with one method, which is the class's ninth.
    package.info[Class] = concat(from_hex("42 8103 00 00 00 07 02 00 00"),
                                 ByteWriter()
                                     .u16(static_cast<unsigned>(process_at))
                                     .u16(static_cast<unsigned>(process_at + process.size()))
                                     .take(),
                                 from_hex(personalization ? "8208 01 08 8102 00" : "8200 01 08 8102 00"));
    package.info[Method] = concat(from_hex("00"), install, process, process_data);
    package.info[StaticField] = from_hex("0000 0000 0000 0000 0000");
    package.info[ConstantPool] = from_hex("0004 01 0000 00  06 81 03 00  03 8103 01  06 81 07 01");
    package.info[RefLocation] = from_hex("0000 0000");
    ByteWriter directory;
    for (std::uint8_t tag = 1; tag <= 11; ++tag) {
        auto found = package.info.find(cap::ComponentTag{tag});
        directory.u16(tag == 2                      ? 31
                      : found == package.info.end() ? 0U
                                                    : static_cast<unsigned>(found->second.size()));
    }
    package.info[Directory] = directory.put(from_hex("0000 0000 0000 03 01 00")).take();
    return package.block();
}

class PersonalizationTest : public testing::Test, public CodeStore {
  protected:
    Result<Bytes> load_file_data_block(const iso7816::Aid&) const override { return Bytes{}; }
    AppletId install(const Bytes& block) {
        runtime = Runtime::start({objects, *this, memory, platform}).value();
        auto loaded = runtime->load(block);
        EXPECT_TRUE(loaded) << loaded.error().message;
        EXPECT_TRUE(runtime->install(kPackage, kModule, kInstance, {}).ok());
        return runtime->find(kInstance)->id;
    }

    AmpleMemory memory;
    MapStore objects;
    FakePlatform platform;
    std::unique_ptr<Runtime> runtime;
};

TEST_F(PersonalizationTest, HandsTheWholeCommandOverAndTheResponseBack) {
    auto applet = install(block_of(true));
    EXPECT_TRUE(runtime->accepts_data(applet));
    auto how = runtime->process_data(applet, 0, from_hex("80E2800003 010203"));
    EXPECT_TRUE(how.ok()) << how.why;
    EXPECT_EQ(to_hex(how.response), "03");
    EXPECT_EQ(runtime->process_data(applet, 0, Bytes(262)).sw, 0x6700);
}

TEST_F(PersonalizationTest, CallsApplicationAndGivesItsStatus) {
    auto applet = install(block_of(false));
    auto how = runtime->process_data(applet, 0, from_hex("12E2800000"));
    EXPECT_EQ(how.sw, 0x0012);
    EXPECT_TRUE(how.response.empty());
}

TEST_F(PersonalizationTest, RefusesAnAppletThatTakesNone) {
    auto applet = install(applet_block());
    EXPECT_FALSE(runtime->accepts_data(applet));
    EXPECT_EQ(runtime->process_data(applet, 0, from_hex("80E2800000")).sw, 0x6985);
}

TEST_F(PersonalizationTest, RefusesAnAppletThatIsSelectedElsewhere) {
    auto applet = install(block_of(true));
    ASSERT_TRUE(runtime->select(applet, 1).ok());
    EXPECT_EQ(runtime->process_data(applet, 0, from_hex("80E2800001FF")).sw, 0x6985);
    (void)runtime->deselect(applet, 1);
    EXPECT_TRUE(runtime->process_data(applet, 0, from_hex("80E2800001FF")).ok());
}

}  // namespace
}  // namespace oti::javacard
