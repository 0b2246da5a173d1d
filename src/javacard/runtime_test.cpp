// SPDX-License-Identifier: Apache-2.0
// The life of an applet, and a power cut after each command of it.
#include "javacard/runtime.h"

#include <gtest/gtest.h>

#include "javacard/gp_applet.h"

namespace oti::javacard {
namespace {

TEST_F(AppletTest, IsInstalledSelectedAndRun) {
    ASSERT_TRUE(install().ok());
    const auto* applet = runtime->find(kInstance);
    ASSERT_NE(applet, nullptr);
    auto selected = runtime->select(applet->id, 0);
    EXPECT_TRUE(selected.ok() && selected.result);
    // process counts in a field and throws an ISOException with the count.
    EXPECT_EQ(runtime->process(applet->id, 0, {}, false).sw, 1);
    EXPECT_EQ(runtime->process(applet->id, 0, {}, false).sw, 2);
}

TEST_F(AppletTest, KeepsItsFieldsOverSessions) {
    ASSERT_TRUE(install().ok());
    EXPECT_EQ(process(), 1);
    runtime->end_command();
    restart();
    EXPECT_EQ(process(), 2);
}

TEST_F(AppletTest, ForgetsWhatACommandDidThatWasCutOff) {
    ASSERT_TRUE(install().ok());
    runtime->end_command();
    EXPECT_EQ(process(), 1);
    restart();  // without end_command: the power failed
    EXPECT_EQ(process(), 1);
    runtime->end_command();
    restart();
    EXPECT_EQ(process(), 2);
}

TEST_F(AppletTest, LeavesNothingOfAFailedInstallation) {
    runtime->end_command();
    auto before = objects.map;
    auto used = runtime->heap().persistent_used();
    // Its first data byte is not zero: it does not register.
    auto outcome = install(from_hex("01"));
    EXPECT_EQ(outcome.sw, 0x6F00);
    EXPECT_EQ(runtime->find(kInstance), nullptr);
    runtime->end_command();
    EXPECT_EQ(objects.map, before);
    EXPECT_EQ(runtime->heap().persistent_used(), used);
    EXPECT_TRUE(install().ok());
}

TEST_F(AppletTest, IsRemovedWithItsObjects) {
    runtime->end_command();
    auto used = runtime->heap().persistent_used();
    ASSERT_TRUE(install().ok());
    EXPECT_GT(runtime->heap().persistent_used(), used);
    ASSERT_TRUE(runtime->remove({{kInstance}}, {}));
    runtime->end_command();
    EXPECT_EQ(runtime->heap().persistent_used(), used);
    restart();
    EXPECT_EQ(runtime->find(kInstance), nullptr);
    EXPECT_FALSE(runtime->remove({{kInstance}}, {}));
}

TEST_F(AppletTest, KeepsItsPackageWhileThereIsAnInstance) {
    ASSERT_TRUE(install().ok());
    auto refused = runtime->remove({}, {{kPackage}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "javacard.referenced");
    ASSERT_TRUE(runtime->remove({{kInstance}}, {}));
    ASSERT_TRUE(runtime->remove({}, {{kPackage}}));
    runtime->end_command();
    EXPECT_EQ(runtime->heap().persistent_used(), 0U);
    restart();
    EXPECT_EQ(runtime->packages().find(kPackage), nullptr);
}

TEST_F(AppletTest, IsNotInstalledTwiceUnderOneName) {
    ASSERT_TRUE(install().ok());
    EXPECT_EQ(install().sw, 0x6A80);
    EXPECT_EQ(runtime->install(kPackage, kInstance, kModule, {}).sw, 0x6A88);
}

TEST_F(AppletTest, CollectsOnlyWhatIsLost) {
    ASSERT_TRUE(install().ok());
    auto used = runtime->heap().persistent_used();
    auto owner = Owner{kFirstLoadedPackage, runtime->find(kInstance)->id};
    (void)runtime->heap().make_array(ObjectKind::kBytes, 10, owner);
    runtime->request_object_deletion();
    runtime->end_command();
    EXPECT_EQ(runtime->heap().persistent_used(), used);
    EXPECT_EQ(process(), 1);
}

/// Two instances of class Leaving extends Applet implements AppletEvent { static short seen;
///     void process(APDU apdu) { ISOException.throwIt(seen); }
///     void uninstall() { JCSystem.makeTransientByteArray(1, CLEAR_ON_DESELECT); seen = 1; } }
class RemovalTest : public AppletTest {
  protected:
    void SetUp() override {
        restart();
        auto process = GpApplet::method("01 20", "getstatic_s 7 invokestatic 3 return");
        auto uninstall =
            GpApplet::method("02 10", "sconst_1 sconst_2 invokestatic 6 pop sconst_1 putstatic_s 7 return");
        auto loaded = runtime->load(GpApplet::block(7, {process, uninstall}, "8112 01 08"));
        ASSERT_TRUE(loaded) << loaded.error().message;
        for (const auto& instance : {kInstance, kSecond})
            ASSERT_TRUE(runtime->install(kPackage, kModule, instance, {}).ok());
        runtime->end_command();
    }
    static inline const auto kSecond = iso7816::Aid::constant("A0000000010103");
};

// JCRE specification 3.0.5, 5.1: CLEAR_ON_DESELECT memory is of the context of the selected applet, which
// nothing is that is deleted.
TEST_F(RemovalTest, HasTheSelectionOfTheCommandAndNotOfOneBefore) {
    auto staying = runtime->find(kInstance)->id;
    ASSERT_TRUE(runtime->select(staying, 0).ok());
    ASSERT_TRUE(runtime->deselect(staying, 0).ok());
    ASSERT_TRUE(runtime->remove({{kSecond}}, {}, 0));
    EXPECT_EQ(runtime->process(staying, 0, {}, false).sw, 0) << "uninstall has made an array";
}

TEST_F(RemovalTest, HasTheSelectionOfTheChannelOfTheCommand) {
    auto staying = runtime->find(kInstance)->id;
    ASSERT_TRUE(runtime->select(staying, 1).ok());
    ASSERT_TRUE(runtime->remove({{kSecond}}, {}, 0));
    EXPECT_EQ(runtime->process(staying, 1, {}, false).sw, 0) << "uninstall has made an array";
}

TEST_F(AppletTest, RefusesAPackageThatIsThere) {
    EXPECT_EQ(runtime->load(applet_block()).error().code, "javacard.loaded");
}

}  // namespace
}  // namespace oti::javacard
