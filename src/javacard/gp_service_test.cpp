// SPDX-License-Identifier: Apache-2.0
// Services that one applet gives to others (GPCS 2.3.1, 8.1).
#include "javacard/gp_applet.h"
#include "javacard/gp_testing.h"

namespace oti::javacard {
namespace {

/// class Server extends Applet implements GlobalService {
///     Shareable getShareableInterfaceObject(AID client, byte parameter) {
///         return parameter == GPSystem.GLOBAL_SERVICE_IDENTIFIER ? this : null; }
///     Shareable getServiceInterface(GPRegistryEntry client, short name, byte[] b, short o, short l) {
///         return this; } }
Bytes server_block() {
    auto shareable = GpApplet::method(
        "03 30", "sload_2 bspush -128 if_scmpeq own aconst_null areturn own: aload_0 areturn");
    auto service = GpApplet::method("03 60", "aload_0 areturn");
    return GpApplet::block(5, {shareable, {}, GpApplet::method("04 20", "return"), service}, "8205 01 08");
}

class GpServiceTest : public NativeCallTest {
  protected:
    static inline const auto kServer = kInstance;
    static inline const auto kClient = iso7816::Aid::constant("A0000000010103");
    static constexpr int kName = static_cast<std::int16_t>(0x8211);

    void SetUp() override {
        NativeCallTest::SetUp();
        auto loaded = runtime->load(server_block());
        ASSERT_TRUE(loaded) << loaded.error().message;
        for (const auto& instance : {kClient, kServer}) {
            auto how = runtime->install(kPackage, kModule, instance, {});
            ASSERT_TRUE(how.ok()) << how.why;
            platform.registry.emplace(instance, RegistryEntry{.state = 0x07, .domain = kServer});
        }
        client = {runtime->find(kClient)->package, runtime->find(kClient)->id};
        platform.services.emplace(static_cast<std::uint16_t>(kName), kServer);
    }
    Result<Bytes> load_file_data_block(const iso7816::Aid&) const override { return server_block(); }
    void make_it_a_server() {
        platform.registry.at(kServer).privileges = 1U << (23 - gp_privilege::kGlobalService);
    }
    Guest<Value> system(std::string_view method, const std::vector<Value>& arguments) {
        return call("org.globalplatform.GPSystem", method, arguments, client);
    }

    Owner client;
};

TEST_F(GpServiceTest, IsWhatItsServerShares) {
    EXPECT_TRUE(Returns(system("getService", {obj(kNull), num(kName)}), 0));
    make_it_a_server();
    EXPECT_TRUE(Returns(system("getService", {obj(kNull), num(kName)}), runtime->find(kServer)->object));
    EXPECT_TRUE(Returns(system("getService", {obj(kNull), num(0x1234)}), 0));
    auto server = runtime->aid_object(runtime->find(kServer)->id);
    auto other = runtime->aid_object(client.applet);
    EXPECT_TRUE(Returns(system("getService", {obj(server), num(kName)}), runtime->find(kServer)->object));
    EXPECT_TRUE(Returns(system("getService", {obj(other), num(kName)}), 0));
}

TEST_F(GpServiceTest, TakesThePlaceOfTheGlobalPin) {
    EXPECT_FALSE(Returns(system("getCVM", {num(0x11)}), 0));
    make_it_a_server();
    // Its service is no CVM: better none than one that is not what the applet calls it.
    EXPECT_TRUE(Returns(system("getCVM", {num(0x11)}), 0));
}

TEST_F(GpServiceTest, KeepsNobodyFromBeingDeleted) {
    auto entry = system("getRegistryEntry", {obj(kNull)});
    ASSERT_TRUE(entry);
    runtime->end_command();
    EXPECT_TRUE(runtime->remove(std::array{kClient}, {}));
    runtime->end_command();
    restart();
    EXPECT_NE(heap().find(entry->as_ref()), nullptr);
}

}  // namespace
}  // namespace oti::javacard
