// SPDX-License-Identifier: Apache-2.0
#include "javacard/gp_testing.h"

namespace oti::javacard {
namespace {

class GpSecureChannelTest : public RegisteredAppletTest {
  protected:
    void SetUp() override {
        RegisteredAppletTest::SetUp();
        channel = system("getSecureChannel").value().as_ref();
    }
    Guest<Value> process(std::string_view command_bytes) {
        auto command = bytes(command_bytes);
        last = command;
        return call(channel, "processSecurity([BSSS)S",
                    {obj(command), num(0), num(static_cast<int>(command_bytes.size() / 2)), num(5)});
    }
    /// A method that changes `hex` in place, from its second byte on.
    Guest<Value> change(std::string_view method, std::string_view text) {
        last = bytes(text);
        return call(channel, method, {obj(last), num(1), num(static_cast<int>(text.size() / 2) - 1)});
    }

    Ref channel = kNull;
    Ref last = kNull;
};

TEST_F(GpSecureChannelTest, HandsCommandsToTheDomain) {
    EXPECT_TRUE(Returns(call(channel, "getSecurityLevel", {}), 0));
    EXPECT_TRUE(Returns(process("8050000002AABB"), 2));
    EXPECT_EQ(hex(last), "8050000002AABB");
    EXPECT_TRUE(Throws(process("80CA000000"), exception::kIso, 0x6D00));
    EXPECT_TRUE(Throws(process("8050"), exception::kIso, 0x6700));
    EXPECT_TRUE(Returns(process("8482030000"), 0));
    EXPECT_TRUE(Returns(call(channel, "getSecurityLevel", {}), static_cast<std::int8_t>(0x83)));
    EXPECT_TRUE(Succeeds(call(channel, "setSecurityLevel", {num(0x33)})));
    EXPECT_EQ(platform.level, 0x33);
    EXPECT_TRUE(Succeeds(call(channel, "resetSecurity", {})));
    EXPECT_TRUE(Returns(call(channel, "getSecurityLevel", {}), 0));
    EXPECT_TRUE(Throws(call(channel, "setSecurityLevel", {num(0x33)}), exception::kIso, 0x6985));
}

TEST_F(GpSecureChannelTest, ChangesMessagesInPlace) {
    platform.level = 0x81;
    EXPECT_TRUE(Returns(change("unwrap",
                               "0084E2000009"
                               "11"
                               "AA00000000000000"),
                        6));
    EXPECT_EQ(hex(last), "0080E200000111AA00000000000000");
    EXPECT_TRUE(Throws(change("unwrap",
                              "0084E2000009"
                              "11"
                              "BB00000000000000"),
                       exception::kIso, 0x6982));
    EXPECT_TRUE(Throws(change("unwrap", "0084E2"), exception::kIso, 0x6700));
    EXPECT_TRUE(Throws(change("wrap", "0011229000"), exception::kArrayIndex));
    last = bytes("00112290000000000000000000");
    EXPECT_TRUE(Returns(call(channel, "wrap", {obj(last), num(1), num(4)}), 10));
    EXPECT_EQ(hex(last), "001122BBBBBBBBBBBBBBBB0000");
    EXPECT_TRUE(Throws(change("wrap", "0090"), exception::kIso, 0x6700));
    EXPECT_TRUE(Returns(change("decryptData", "00010203"), 3));
    EXPECT_EQ(hex(last), "00030201");
    EXPECT_TRUE(Returns(change("encryptData", "00010203"), 3));
    platform.level = 0;
    EXPECT_TRUE(Throws(change("encryptData", "00010203"), exception::kIso, 0x6982));
    EXPECT_TRUE(Throws(call(channel, "unwrap", {obj(last), num(0), num(9)}), exception::kArrayIndex));
}

TEST_F(GpSecureChannelTest, ReadsTheCurrentCommandAndReceivesItsData) {
    auto& buffer = *heap().find(runtime->apdu_buffer());
    auto begin = [&](iso7816::CommandApdu command) {
        runtime->apdu().begin(std::move(command), Protocol::kT1, false, buffer);
    };
    auto apdu = runtime->apdu_object();
    auto process_apdu = [&] {
        return call(channel, "processSecurity(Ljavacard/framework/APDU;)S", {obj(apdu)});
    };
    using State = ApduExchange::State;

    begin({.cla = 0x80, .ins = 0x50, .data = from_hex("AABBCC")});
    EXPECT_TRUE(Returns(process_apdu(), 3));
    EXPECT_EQ(to_hex(platform.commands.back()), "8050000003AABBCC");
    EXPECT_EQ(runtime->apdu().state(), State::kFullIncoming);
    EXPECT_EQ(to_hex(BytesView(buffer.data).first(9)), "8050000003AABBCC00");

    // A command that is not the domain's is the applet's to receive.
    begin({.cla = 0x80, .ins = 0xCA, .data = from_hex("AA")});
    EXPECT_TRUE(Throws(process_apdu(), exception::kIso, 0x6D00));
    EXPECT_EQ(runtime->apdu().state(), State::kInitial);

    // What the applet received and unwrapped is read as it has become.
    begin({.cla = 0x84, .ins = 0x50, .data = from_hex("112233")});
    EXPECT_TRUE(Succeeds(call(apdu, "setIncomingAndReceive", {})));
    buffer.data[0] = 0x80;
    buffer.data[4] = 1;
    EXPECT_TRUE(Returns(process_apdu(), 1));
    EXPECT_EQ(to_hex(platform.commands.back()), "805000000111");

    (void)runtime->apdu().end();
    EXPECT_TRUE(Throws(process_apdu(), exception::kIso, 0x6985));
    EXPECT_TRUE(Throws(call(channel, "processSecurity(Ljavacard/framework/APDU;)S", {obj(kNull)}),
                       exception::kNullPointer));
}

}  // namespace
}  // namespace oti::javacard
