// SPDX-License-Identifier: Apache-2.0
// STORE DATA for an applet (GPCS 2.3.1, 7.3.2).
#include <gtest/gtest.h>

#include "javacard/gp_applet.h"
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
    auto process = GpApplet::method("04 20", "return");
    if (personalization) {
        auto process_data = GpApplet::method(
            "05 60", "aload 4 sload 5 aload_1 sload_3 sconst_1 ssub baload bastore sconst_1 sreturn");
        return GpApplet::block(7, {process, process_data}, "8208 01 08");
    }
    auto process_data = GpApplet::method("04 40", "aload_1 sload_2 baload invokestatic 3 return");
    return GpApplet::block(7, {process, process_data}, "8200 01 08");
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
