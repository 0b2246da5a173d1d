// SPDX-License-Identifier: Apache-2.0
// Encodings by hand, after ISO/IEC 8825-1, 8.1.
#include "javacard/ber_form.h"
#include "javacard/native_call_testing.h"

namespace oti::javacard {
namespace {

using namespace tlv_reason;

class TlvTest : public NativeCallTest {
  protected:
    static constexpr auto kTag = "javacardx.framework.tlv.BERTag";
    static constexpr auto kTlv = "javacardx.framework.tlv.BERTLV";
    static constexpr auto kPrimitive = "javacardx.framework.tlv.PrimitiveBERTLV";
    static constexpr auto kConstructed = "javacardx.framework.tlv.ConstructedBERTLV";

    static int size(std::string_view hex) { return static_cast<int>(hex.size() / 2); }
    /// A static method of an array of bytes and an offset of 0.
    Guest<Value> of(const char* type, const char* method, std::string_view text) {
        auto array = bytes(text);
        return call(type, method, {obj(array), num(0)});
    }
    Ref tlv(std::string_view text) {
        auto array = bytes(text);
        auto made = call(kTlv, "getInstance", {obj(array), num(0), num(size(text))});
        return made ? made->as_ref() : kNull;
    }
    std::string shown(Ref object) {
        auto array = bytes(Bytes(300));
        auto written = call(object, "toBytes", {obj(array), num(0)});
        return written ? hex(array).substr(0, 2 * static_cast<std::size_t>(written->number)) : "nothing";
    }
    Ref tag(std::string_view text) {
        auto array = bytes(text);
        return call(kTag, "getInstance", {obj(array), num(0)}).value().as_ref();
    }
    static testing::AssertionResult Refuses(const Guest<Value>& result, std::uint16_t reason) {
        return Throws(result, kTlvException, reason);
    }
};

TEST_F(TlvTest, ReadsTags) {
    EXPECT_TRUE(Returns(of(kTag, "size([BS)B", "5A"), 1));
    EXPECT_TRUE(Returns(of(kTag, "tagNumber([BS)S", "5A"), 0x1A));
    EXPECT_TRUE(Returns(of(kTag, "tagClass([BS)B", "5A"), 1));
    EXPECT_TRUE(Returns(of(kTag, "isConstructed([BS)Z", "5A"), 0));
    // 9F 81 02: context-specific, primitive, number 1 * 128 + 2.
    EXPECT_TRUE(Returns(of(kTag, "size([BS)B", "9F8102"), 3));
    EXPECT_TRUE(Returns(of(kTag, "tagNumber([BS)S", "9F8102"), 130));
    EXPECT_TRUE(Returns(of(kTag, "tagClass([BS)B", "9F8102"), 2));
    EXPECT_TRUE(Returns(of(kTag, "isConstructed([BS)Z", "BF8102"), 1));
    EXPECT_TRUE(Refuses(of(kTag, "size([BS)B", "9F808002"), kMalformedTag));
    EXPECT_TRUE(Refuses(of(kTag, "size([BS)B", "9F818102"), kIllegalSize));
    EXPECT_TRUE(Throws(of(kTag, "size([BS)B", "9F81"), exception::kArrayIndex));
    EXPECT_TRUE(Returns(of(kTag, "verifyFormat", "9F8002"), 0));
    EXPECT_TRUE(Returns(of(kTag, "verifyFormat", "9F02"), 1));
}

TEST_F(TlvTest, WritesTags) {
    auto array = bytes("00000000");
    auto write = [&](int tag_class, int constructed, int number) {
        return call(kTag, "toBytes(SZS[BS)S",
                    {num(tag_class), num(constructed), num(number), obj(array), num(1)});
    };
    EXPECT_TRUE(Returns(write(1, 1, 30), 1));
    EXPECT_EQ(hex(array), "007E0000");
    EXPECT_TRUE(Returns(write(2, 0, 31), 2));
    EXPECT_EQ(hex(array), "009F1F00");
    EXPECT_TRUE(Returns(write(3, 0, 0x3FFF), 3));
    EXPECT_EQ(hex(array), "00DFFF7F");
    EXPECT_TRUE(Refuses(write(3, 0, 0x4000), kIllegalSize));
    EXPECT_TRUE(Refuses(write(4, 0, 1), kInvalidParam));
    EXPECT_TRUE(Refuses(write(0, 0, -1), kInvalidParam));
}

TEST_F(TlvTest, HasTagsAsObjects) {
    auto a = tag("9F02"), b = construct("javacardx.framework.tlv.PrimitiveBERTag", "()V", {});
    EXPECT_TRUE(Refuses(call(b, "size", {}), kEmptyTag));
    EXPECT_TRUE(Returns(call(a, "equals(Ljavacardx/framework/tlv/BERTag;)Z", {obj(b)}), 0));
    EXPECT_TRUE(Succeeds(call(b, "init(BS)V", {num(2), num(2)})));
    EXPECT_EQ(shown(b), "82");
    auto array = bytes("9F02");
    EXPECT_TRUE(Succeeds(call(b, "init([BS)V", {obj(array), num(0)})));
    EXPECT_TRUE(Returns(call(a, "equals(Ljavacardx/framework/tlv/BERTag;)Z", {obj(b)}), 1));
    EXPECT_TRUE(Returns(call(a, "equals(Ljava/lang/Object;)Z", {obj(array)}), 0));
    array = bytes("BF02");
    EXPECT_TRUE(Refuses(call(b, "init([BS)V", {obj(array), num(0)}), kMalformedTag));
}

TEST_F(TlvTest, ReadsTlvs) {
    EXPECT_TRUE(Returns(of(kTlv, "getLength([BS)S", "5A03010203"), 3));
    EXPECT_TRUE(Returns(of(kTlv, "getLength([BS)S", "5A8103010203"), 3));
    EXPECT_TRUE(Refuses(of(kTlv, "getLength([BS)S", "5A80010000"), kMalformedTlv));
    EXPECT_TRUE(Refuses(of(kTlv, "getLength([BS)S", "5A828000"), kLengthTooLong));
    EXPECT_TRUE(Throws(of(kTlv, "getLength([BS)S", "5A04010203"), exception::kArrayIndex));
    EXPECT_TRUE(Returns(of(kPrimitive, "getValueOffset", "5A8103010203"), 3));
    EXPECT_TRUE(Refuses(of(kPrimitive, "getValueOffset", "7A00"), kMalformedTlv));
    auto verify = [&](std::string_view text) {
        auto array = bytes(text);
        return call(kTlv, "verifyFormat", {obj(array), num(0), num(size(text))});
    };
    EXPECT_TRUE(Returns(verify("7A055A00820101"), 1));
    EXPECT_TRUE(Returns(verify("7A055A00820201"), 0));
    EXPECT_TRUE(Returns(verify("5A0001"), 0));
}

TEST_F(TlvTest, KeepsWhatItWasMadeOf) {
    auto object = tlv("7A075A00A103820101");
    EXPECT_EQ(shown(object), "7A075A00A103820101");
    EXPECT_TRUE(Returns(call(object, "size", {}), 9));
    EXPECT_TRUE(Returns(call(object, "getLength", {}), 7));
    auto wanted = tag("A1");
    auto inner = call(object, "find", {obj(wanted)}).value().as_ref();
    EXPECT_EQ(shown(inner), "A103820101");
    EXPECT_EQ(shown(call(object, "find", {obj(kNull)}).value().as_ref()), "5A00");
    EXPECT_TRUE(Returns(call(object, "findNext", {obj(wanted), obj(inner), num(1)}), 0));
    EXPECT_TRUE(Refuses(call(object, "findNext", {obj(wanted), obj(inner), num(2)}), kInvalidParam));
    EXPECT_EQ(tlv("7A055A00820201"), kNull);
    EXPECT_EQ(tlv(""), kNull);
}

TEST_F(TlvTest, BuildsPrimitives) {
    auto object = construct(kPrimitive, "(S)V", {num(2)});
    EXPECT_TRUE(Refuses(call(object, "size", {}), kEmptyTlv));
    auto array = bytes("010203");
    EXPECT_TRUE(Refuses(call(object, "appendValue", {obj(array), num(0), num(1)}), kEmptyTlv));
    auto name = tag("5A");
    constexpr auto kInit = "init(Ljavacardx/framework/tlv/PrimitiveBERTag;[BSS)S";
    EXPECT_TRUE(Returns(call(object, kInit, {obj(name), obj(array), num(0), num(3)}), 5));
    EXPECT_TRUE(Returns(call(object, "appendValue", {obj(array), num(1), num(2)}), 7));
    EXPECT_EQ(shown(object), "5A050102030203");
    EXPECT_TRUE(Returns(call(object, "replaceValue", {obj(array), num(2), num(1)}), 3));
    EXPECT_EQ(shown(object), "5A0103");
    EXPECT_TRUE(Returns(call(object, "getValue", {obj(array), num(0)}), 1));
    EXPECT_EQ(hex(array), "030203");
    // The tag is the applet's object: what is done to it is done to the TLV.
    EXPECT_TRUE(Succeeds(call(name, "init(BS)V", {num(2), num(1)})));
    EXPECT_EQ(shown(object), "810103");
    auto large = bytes(Bytes(200));
    EXPECT_TRUE(Returns(call(object, "replaceValue", {obj(large), num(0), num(200)}), 203));
    EXPECT_EQ(shown(object).substr(0, 8), "8181C800");
}

TEST_F(TlvTest, BuildsConstructedOnesWithoutCircles) {
    auto outer = construct(kConstructed, "(S)V", {num(0)});
    auto name = tag("7A");
    auto inner = tlv("A100"), leaf = tlv("820101");
    constexpr auto kInit =
        "init(Ljavacardx/framework/tlv/ConstructedBERTag;Ljavacardx/framework/tlv/BERTLV;)S";
    EXPECT_TRUE(Returns(call(outer, kInit, {obj(name), obj(inner)}), 4));
    EXPECT_TRUE(Returns(call(inner, "append", {obj(leaf)}), 5));
    EXPECT_TRUE(Returns(call(outer, "append", {obj(leaf)}), 10));
    EXPECT_TRUE(Returns(call(outer, "append", {obj(leaf)}), 13));
    EXPECT_EQ(shown(outer), "7A0BA103820101820101820101");
    EXPECT_TRUE(Refuses(call(inner, "append", {obj(outer)}), kInvalidParam));
    EXPECT_TRUE(Refuses(call(outer, "append", {obj(outer)}), kInvalidParam));
    EXPECT_TRUE(Refuses(call(outer, "delete", {obj(leaf), num(3)}), kInvalidParam));
    EXPECT_TRUE(Returns(call(outer, "delete", {obj(leaf), num(2)}), 10));
    EXPECT_EQ(shown(outer), "7A08A103820101820101");
    auto array = bytes(
        "8200"
        "8300");
    constexpr auto kInitBytes = "init(Ljavacardx/framework/tlv/ConstructedBERTag;[BSS)S";
    EXPECT_TRUE(Returns(call(outer, kInitBytes, {obj(name), obj(array), num(0), num(4)}), 6));
    EXPECT_EQ(shown(outer), "7A0482008300");
    EXPECT_TRUE(Refuses(call(outer, kInitBytes, {obj(name), obj(array), num(0), num(3)}), kMalformedTlv));
}

TEST_F(TlvTest, FollowsNoEndlessNesting) {
    auto inner = tlv("A100");
    for (int depth = 0; depth < 40; ++depth) {
        auto outer = tlv("A100");
        if (!call(outer, "append", {obj(inner)})) {
            EXPECT_GE(depth, 30);
            return;
        }
        inner = outer;
    }
    FAIL() << "nothing refused it";
}

TEST_F(TlvTest, EditsBytesInPlace) {
    auto array = bytes("7A048200830100000000");
    EXPECT_TRUE(Throws(call(kConstructed, "find([BS[BS)S", {obj(array), num(0), obj(kNull), num(0)}),
                       kTlvException, kMalformedTlv));
    array = bytes(
        "7A0482008300"
        "0000000000");
    auto second = bytes("83");
    EXPECT_TRUE(Returns(call(kConstructed, "find([BS[BS)S", {obj(array), num(0), obj(second), num(0)}), 4));
    EXPECT_TRUE(Returns(call(kConstructed, "find([BS[BS)S", {obj(array), num(0), obj(kNull), num(0)}), 2));
    EXPECT_TRUE(Returns(
        call(kConstructed, "findNext([BSS[BS)S", {obj(array), num(0), num(2), obj(kNull), num(0)}), 4));
    EXPECT_TRUE(Returns(
        call(kConstructed, "findNext([BSS[BS)S", {obj(array), num(0), num(4), obj(kNull), num(0)}), -1));
    EXPECT_TRUE(
        Refuses(call(kConstructed, "findNext([BSS[BS)S", {obj(array), num(0), num(3), obj(kNull), num(0)}),
                kInvalidParam));
    auto added = bytes("840155");
    EXPECT_TRUE(Returns(call(kConstructed, "append([BS[BS)S", {obj(added), num(0), obj(array), num(0)}), 9));
    EXPECT_EQ(hex(array), "7A07820083008401550000");
    EXPECT_TRUE(Returns(
        call(kPrimitive, "appendValue([BS[BSS)S", {obj(added), num(0), obj(array), num(0), num(0)}), 3));
    EXPECT_TRUE(
        Throws(call(kPrimitive, "appendValue([BS[BSS)S", {obj(added), num(0), obj(array), num(0), num(1)}),
               exception::kArrayIndex));
    auto name = bytes("9F02");
    EXPECT_TRUE(Returns(call(kPrimitive, "toBytes([BS[BSS[BS)S",
                             {obj(name), num(0), obj(added), num(1), num(2), obj(array), num(1)}),
                        5));
    EXPECT_EQ(hex(array),
              "7A9F02020155"
              "8401550000");
    EXPECT_TRUE(Returns(call(kTlv, "getTag([BS[BS)S", {obj(array), num(1), obj(added), num(0)}), 2));
    EXPECT_EQ(hex(added), "9F0255");
}

}  // namespace
}  // namespace oti::javacard
