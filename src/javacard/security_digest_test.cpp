// SPDX-License-Identifier: Apache-2.0
// MessageDigest, InitializedMessageDigest, Checksum and RandomData.
#include "javacard/native_call_testing.h"
#include "javacard/security.h"

namespace oti::javacard {
namespace {

constexpr auto kDigest = "javacard.security.MessageDigest";
constexpr std::uint16_t kIllegalValue = 1, kNoSuchAlgorithm = 3, kIllegalUse = 5;

class Digest : public NativeCallTest {
  protected:
    Ref get(int algorithm) { return call(kDigest, "getInstance", {num(algorithm), num(0)})->as_ref(); }
    std::string hash(Ref digest, std::string_view text) {
        auto in = bytes(as_bytes(text));
        auto out = bytes(Bytes(64));
        auto length =
            call(digest, "doFinal", {obj(in), num(0), num(static_cast<int>(text.size())), obj(out), num(0)});
        return hex(out).substr(0, 2 * static_cast<std::size_t>(length->number));
    }
};

// FIPS 180-4's examples (csrc.nist.gov), RFC 1321 A.5, the RIPEMD-160 page of its authors, FIPS 202's
// examples.
TEST_F(Digest, OfAbc) {
    for (auto [algorithm, expected] : std::initializer_list<std::pair<int, const char*>>{
             {1, "A9993E364706816ABA3E25717850C26C9CD0D89D"},
             {2, "900150983CD24FB0D6963F7D28E17F72"},
             {3, "8EB208F7E05D987A9B044A8E98C6B087F15A0BFC"},
             {4, "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"},
             {5,
              "CB00753F45A35E8BB5A03D699AC65007272C32AB0EDED1631A8B605A43FF5BED8086072BA1E7CC2358BAECA134C825"
              "A7"},
             {6,
              "DDAF35A193617ABACC417349AE20413112E6FA4E89A97EA20A9EEEE64B55D39A2192992A274FC1A836BA3C23A3FEEB"
              "BD454D"
              "4423643CE80E2A9AC94FA54CA49F"},
             {7, "23097D223405D8228642A477BDA255B32AADBCE4BDA0B3F7E36C9DA7"},
             {8, "E642824C3F8CF24AD09234EE7D3C766FC9A3A5168D0C94AD73B46FDF"},
             {9, "3A985DA74FE225B2045C172D6BD390BD855F086E3E9D525B46BFE24511431532"},
             {10,
              "EC01498288516FC926459F58E2C6AD8DF9B473CB0FC08C2596DA7CF0E49BE4B298D88CEA927AC7F539F1EDF228376D"
              "25"},
             {11,
              "B751850B1A57168A5693CD924B6B096E08F621827444F70D884F5D0240D2712E10E116E9192AF3C91A7EC57647E393"
              "4057340B"
              "4CF408D5A56592F8274EEC53F0"}}) {
        auto digest = get(algorithm);
        EXPECT_EQ(hash(digest, "abc"), expected);
        EXPECT_TRUE(Returns(call(digest, "getAlgorithm", {}), algorithm));
        EXPECT_TRUE(
            Returns(call(digest, "getLength", {}), static_cast<int>(std::string_view(expected).size() / 2)));
    }
    EXPECT_TRUE(Throws(call(kDigest, "getInstance", {num(0), num(0)}), exception::kCrypto, kNoSuchAlgorithm));
    EXPECT_TRUE(
        Throws(call(kDigest, "getInstance", {num(12), num(0)}), exception::kCrypto, kNoSuchAlgorithm));
}

TEST_F(Digest, InPartsIsForgottenByAReset) {
    constexpr auto kAbc = "A9993E364706816ABA3E25717850C26C9CD0D89D";
    auto digest = get(1);
    auto a = bytes("61");
    ASSERT_TRUE(Succeeds(call(digest, "update", {obj(a), num(0), num(1)})));
    EXPECT_EQ(hash(digest, "bc"), kAbc);
    EXPECT_EQ(hash(digest, "abc"), kAbc);
    ASSERT_TRUE(Succeeds(call(digest, "update", {obj(a), num(0), num(1)})));
    runtime->reset();
    EXPECT_EQ(hash(digest, "abc"), kAbc);
    ASSERT_TRUE(Succeeds(call(digest, "update", {obj(a), num(0), num(1)})));
    ASSERT_TRUE(Succeeds(call(digest, "reset", {})));
    EXPECT_EQ(hash(digest, "abc"), kAbc);
}

TEST_F(Digest, IsNotUndoneByAnAbort) {
    auto digest = get(1);
    ASSERT_TRUE(heap().begin_transaction());
    ASSERT_TRUE(Succeeds(call(digest, "update", {obj(bytes("61")), num(0), num(1)})));
    ASSERT_TRUE(heap().abort_transaction());
    EXPECT_EQ(hash(digest, "bc"), "A9993E364706816ABA3E25717850C26C9CD0D89D");
}

TEST_F(Digest, MayLieOverItsInput) {
    auto buffer = bytes("6162630000000000000000000000000000000000");
    EXPECT_TRUE(Returns(call(get(1), "doFinal", {obj(buffer), num(0), num(3), obj(buffer), num(0)}), 20));
    EXPECT_EQ(hex(buffer), "A9993E364706816ABA3E25717850C26C9CD0D89D");
    // No room for it.
    EXPECT_TRUE(Throws(call(get(1), "doFinal", {obj(buffer), num(0), num(3), obj(buffer), num(1)}),
                       exception::kArrayIndex));
    EXPECT_TRUE(Throws(call(get(1), "update", {obj(kNull), num(0), num(3)}), exception::kNullPointer));
}

TEST_F(Digest, OfAnObjectThatNobodyMadeIsRefused) {
    auto digest = make(kDigest);
    auto in = bytes("00");
    EXPECT_TRUE(Throws(call(digest, "doFinal", {obj(in), num(0), num(1), obj(in), num(0)}),
                       exception::kCrypto, kIllegalUse));
    EXPECT_TRUE(Returns(call(digest, "getAlgorithm", {}), 0));
}

// The chaining values after one block of the letter a, computed from the text of FIPS 180-4 and RFC 1321 with
// Python's integers; the digests of that block and "abc" are coreutils'.
TEST_F(Digest, GoesOnFromAChainingValue) {
    struct Case {
        int algorithm;
        const char* digested;
        const char* state;
        const char* expected;
    };
    for (const auto& known :
         {Case{1, "40", "DA4968EB2E377C1F884E8F5283524BEBE74EBDBD",
               "A5177E48D19A714D0463DBEAFAAB7F5C6D140FF3"},
          Case{2, "40", "56FFD48962D95C1233DECA6925E33300", "DF0F5D0C5CBD59AC5E9A9A65499CCEB9"},
          Case{4, "0000000000000040", "DF5BB81CE81E0626FB45A8944FD40F31B25E6816D6D499C1AB90492900635E66",
               "18917C887594F95A0A81701C589533FF21C74B1FB567E4521272F37815A64275"},
          Case{6, "0080",
               "03BF7C6E55C11B040D48757F45285FDCED46689BFC9026C0281701A1424C80F5CA31738BEFE6AFEE30F5FE8D4E41E"
               "2489379D57C74895AF44B1E84EBC1BAB8B0",
               "A287CFA5FE2F8EC7151EF6BCD9A081E7B1FCF860CC76B99359B5412562997AB637E72A489A18DF1C691C0B4C6CF50"
               "1A155F07ED737D35B28C714923CEBC65804"}}) {
        auto digest =
            call(kDigest, "getInitializedMessageDigestInstance", {num(known.algorithm), num(0)})->as_ref();
        auto state = bytes(known.state);
        auto digested = bytes(known.digested);
        auto size = [&](Ref array) { return num(static_cast<int>(heap().find(array)->size())); };
        auto set = [&](int less) {
            return call(
                digest, "setInitialDigest",
                {obj(state), num(0), num(size(state).number - less), obj(digested), num(0), size(digested)});
        };
        EXPECT_TRUE(Succeeds(set(0)));
        EXPECT_EQ(hash(digest, "abc"), known.expected);
        EXPECT_NE(hash(digest, "abc"), known.expected);
        EXPECT_TRUE(Throws(set(1), exception::kCrypto, kIllegalValue));
        digested = bytes("41");
        EXPECT_TRUE(Throws(set(0), exception::kCrypto, kIllegalValue));
        digested = bytes("010000000000000000");
        EXPECT_TRUE(Throws(set(0), exception::kCrypto, kIllegalValue));
    }
    EXPECT_TRUE(Throws(call(kDigest, "getInitializedMessageDigestInstance", {num(9), num(0)}),
                       exception::kCrypto, kNoSuchAlgorithm));
}

TEST_F(Digest, OneShotIsForOneOperationAtATime) {
    constexpr auto kOneShot = "javacard.security.MessageDigest$OneShot";
    auto digest = call(kOneShot, "open", {num(1)})->as_ref();
    EXPECT_EQ(hash(digest, "abc"), "A9993E364706816ABA3E25717850C26C9CD0D89D");
    auto in = bytes("61");
    EXPECT_TRUE(Throws(call(digest, "update", {obj(in), num(0), num(1)}), exception::kCrypto, kIllegalUse));
    EXPECT_TRUE(Throws(call(digest, "close", {}, kStranger), exception::kSecurity));
    EXPECT_TRUE(Succeeds(call(digest, "close", {})));
    EXPECT_TRUE(Throws(call(digest, "getLength", {}), exception::kCrypto, kIllegalUse));
    for (std::size_t i = 0; i < OneShots::kPool; ++i) EXPECT_TRUE(Succeeds(call(kOneShot, "open", {num(1)})));
    EXPECT_TRUE(Throws(call(kOneShot, "open", {num(1)}), exception::kSystem, reason::kNoResource));
    runtime->end_command();
    EXPECT_TRUE(Succeeds(call(kOneShot, "open", {num(1)})));
    EXPECT_TRUE(Throws(call(kOneShot, "open", {num(0)}), exception::kCrypto, kNoSuchAlgorithm));
}

// What cards of NXP (JCOP 31/36) answer; the values are in jcardsim's tests CRC16Test and CRC32Test.
TEST_F(Digest, Checksums) {
    auto in = bytes("C46A3D01F5494013F9DFF3C5392C64");
    auto out = bytes("00000000");
    for (auto [algorithm, size, expected] : {std::tuple{1, 2, "0B930000"}, std::tuple{2, 4, "7C6277D0"}}) {
        auto checksum = call("javacard.security.Checksum", "getInstance", {num(algorithm), num(0)})->as_ref();
        EXPECT_TRUE(Returns(call(checksum, "doFinal", {obj(in), num(0), num(15), obj(out), num(0)}), size));
        EXPECT_EQ(hex(out), expected);
        ASSERT_TRUE(Succeeds(call(checksum, "update", {obj(in), num(0), num(7)})));
        EXPECT_TRUE(Returns(call(checksum, "doFinal", {obj(in), num(7), num(8), obj(out), num(0)}), size));
        EXPECT_EQ(hex(out), expected);
        EXPECT_TRUE(Throws(call(checksum, "init", {obj(in), num(0), num(size + 1)}), exception::kCrypto,
                           kIllegalValue));
    }
    EXPECT_TRUE(Throws(call("javacard.security.Checksum", "getInstance", {num(3), num(0)}),
                       exception::kCrypto, kNoSuchAlgorithm));
}

struct CountingRandom : crypto::Random {
    void fill(std::span<std::uint8_t> out) override {
        for (auto& byte : out) byte = ++next;
    }
    std::uint8_t next = 0;
};

TEST_F(Digest, RandomComesFromTheCardsSource) {
    CountingRandom source;
    runtime->machine().use_random(source);
    auto random = call("javacard.security.RandomData", "getInstance", {num(2)})->as_ref();
    auto out = bytes("0000000000");
    EXPECT_TRUE(Succeeds(call(random, "generateData", {obj(out), num(1), num(2)})));
    EXPECT_TRUE(Returns(call(random, "nextBytes", {obj(out), num(3), num(2)}), 5));
    EXPECT_EQ(hex(out), "0001020304");
    EXPECT_TRUE(
        Throws(call(random, "generateData", {obj(out), num(0), num(0)}), exception::kCrypto, kIllegalValue));
    EXPECT_TRUE(Throws(call(random, "nextBytes", {obj(out), num(4), num(2)}), exception::kArrayIndex));
    EXPECT_TRUE(Throws(call("javacard.security.RandomData", "getInstance", {num(7)}), exception::kCrypto,
                       kNoSuchAlgorithm));
}

}  // namespace
}  // namespace oti::javacard
