// SPDX-License-Identifier: Apache-2.0
// Memory that is reserved, and quotas that hold (GPCS 2.3.1, 9.7).
#include "card/memory.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "card/content_fixture.h"

namespace oti::card {
namespace {

class MemoryTest : public ContentFixture {
  protected:
    static constexpr std::uint64_t kCapacity = 5120;

    void SetUp() override {
        auto small = testing::must(load_profile("uicc-2024"));
        auto at = small.toml.find("capacity = ");
        small.toml.replace(at, small.toml.find_first_of(" \n", at + 11) - at,
                           fmt::format("capacity = {}", kCapacity));
        small.profile = testing::must(Profile::parse("small", small.toml));
        Personalization personalization{testing::keys_of(testing::kTestKey), 0x30,
                                        Personalization::identity_for("small")};
        medium_ = std::make_shared<MemoryMedium>();
        se_ = testing::must(
            SecureElement::create(std::make_unique<MemoryNvmFile>(medium_), small, personalization, random_));
        free_ = kCapacity - se_.bytes_used();
        open_issuer();
    }
    static std::string object(std::uint8_t tag, std::uint64_t bytes) {
        return bytes > 0x7FFF ? fmt::format("{:02X}04{:08X}", tag, bytes)
                              : fmt::format("{:02X}02{:04X}", tag, bytes);
    }
    static std::string system(const std::string& objects) {
        return to_hex(encode_tlv(0xEF, from_hex(objects)));
    }
    void load_only() {
        ASSERT_EQ(announce(kHello), StatusWord::kOk);
        ASSERT_EQ(load_blocks(load_file("hello.cap")), StatusWord::kOk);
    }
    StatusWord make_hello(const std::string& objects, std::string_view instance = kHelloModule) {
        return sw(install_hello(0x0C, "00", "C900" + system(objects), instance));
    }

    std::uint64_t free_ = 0;
};

TEST_F(MemoryTest, WhatALoadNeedsMustBeFree) {
    EXPECT_EQ(announce(kHello, ""), StatusWord::kOk);
    auto announce_with = [&](const std::string& objects) {
        return sw(install(0x02, {kHello, "", ""}, system(objects)));
    };
    EXPECT_EQ(announce_with(object(0xC6, free_)), StatusWord::kOk);
    EXPECT_EQ(announce_with(object(0xC6, free_ + 1)), StatusWord::kNoSpace);
    EXPECT_EQ(announce_with(object(0xC6, free_ - 10) + object(0xC8, 10)), StatusWord::kOk);
    EXPECT_EQ(announce_with(object(0xC6, free_ - 10) + object(0xC8, 11)), StatusWord::kNoSpace)
        << "code and data are in one memory";
    EXPECT_EQ(announce_with(object(0xC6, 0xFFFFFFFF) + object(0xC8, 0xFFFFFFFF)), StatusWord::kNoSpace);
    EXPECT_EQ(announce_with(object(0xC7, kVolatileMemory)), StatusWord::kOk);
    EXPECT_EQ(announce_with(object(0xC7, kVolatileMemory + 1)), StatusWord::kNoSpace);
    EXPECT_EQ(announce_with("C60100"), StatusWord::kWrongData) << "2 bytes, or 4";
}

TEST_F(MemoryTest, WhatIsReservedIsNobodyElses) {
    load_only();
    // The runtime environment's own list of applets grows, too.
    constexpr auto kSlack = 100;
    auto left = kCapacity - se_.bytes_used() - kSlack;
    EXPECT_EQ(make_hello(object(0xD8, left)), StatusWord::kOk);
    EXPECT_EQ(create_domain(), StatusWord::kNoSpace);
    EXPECT_EQ(sw(install(0x02, {"F04F544902", "", ""}, system(object(0xC6, kSlack)))), StatusWord::kNoSpace);
    ASSERT_EQ(sw("80E40000084F06F04F54490101"), StatusWord::kOk);
    EXPECT_EQ(create_domain(), StatusWord::kOk) << "it is given back";
    EXPECT_EQ(make_hello(object(0xD8, left + kSlack)), StatusWord::kNoSpace);
    EXPECT_EQ(make_hello(object(0xD7, kVolatileMemory)), StatusWord::kOk);
    EXPECT_EQ(make_hello(object(0xD7, 1), "F04F54490102"), StatusWord::kNoSpace) << "volatile memory too";
}

TEST_F(MemoryTest, AQuotaIsNoLessThanWhatIsReserved) {
    load_only();
    EXPECT_EQ(make_hello(object(0xC8, 99) + object(0xD8, 100)), StatusWord::kWrongData);
    EXPECT_EQ(make_hello(object(0xC7, 99) + object(0xD7, 100)), StatusWord::kWrongData);
    EXPECT_EQ(make_hello(object(0xC8, 10)), StatusWord::kNoSpace) << "less than its entry takes";
    EXPECT_EQ(make_hello(object(0xC8, 200) + object(0xD8, 200) + object(0xC7, 100) + object(0xD7, 100)),
              StatusWord::kOk);
}

TEST_F(MemoryTest, ADomainsQuotaHoldsAllThatIsItsOwn) {
    // Room for the domain and its keys, but not for an applet.
    auto c9 = std::string("C90481020370");
    auto command = install(0x0C, {"A0000001515350", "A000000151535041", kDomain, "80C000"},
                           c9 + system(object(0xC8, 500)));
    ASSERT_EQ(sw(command), StatusWord::kOk);
    ASSERT_EQ(terminal_.open(kDomain, testing::keys_of(testing::kTestKey)), StatusWord::kOk);
    ASSERT_EQ(put_keys(testing::kTestKey, 0, 0x31, kOwnKey).sw, StatusWord::kOk);
    open_domain(kDomain);
    auto before = se_.bytes_used();
    EXPECT_EQ(announce(kHello), StatusWord::kOk);
    EXPECT_EQ(load_blocks(load_file("hello.cap")), StatusWord::kNoSpace);
    EXPECT_EQ(se_.bytes_used(), before);
    // By extradition no byte is added to the card, yet the quota holds.
    open_issuer();
    load_only();
    EXPECT_EQ(sw(install(0x10, {kDomain, "", kHello, ""})), StatusWord::kNoSpace);
    EXPECT_EQ(se_.registry().load_file(Aid::constant(kHello))->security_domain, Aid::constant(kIssuer));
    ASSERT_EQ(make_hello(object(0xD8, 500)), StatusWord::kOk);
    EXPECT_EQ(sw(install(0x10, {kDomain, "", kHelloModule, ""})), StatusWord::kNoSpace)
        << "what is reserved counts";
    EXPECT_EQ(sw(install(0x40, {kDomain, "", kHelloModule, ""})), StatusWord::kNoSpace);
    EXPECT_EQ(application(kHelloModule)->security_domain, Aid::constant(kIssuer));
}

}  // namespace
}  // namespace oti::card
