// SPDX-License-Identifier: Apache-2.0
#include "net/url.h"

#include <gtest/gtest.h>

namespace oti::net {
namespace {

TEST(Url, TakesItsPartsApart) {
    auto url = Url::parse("HTTPS://SP.example:8443/gp/seram?a=1&b=2").value();
    EXPECT_EQ(url.scheme(), "https");
    EXPECT_EQ(url.host(), "sp.example");
    EXPECT_EQ(url.port(), 8443);
    EXPECT_EQ(url.target(), "/gp/seram?a=1&b=2");
    EXPECT_EQ(url.authority(), "sp.example:8443");
    EXPECT_EQ(url.to_string(), "https://sp.example:8443/gp/seram?a=1&b=2");
}

TEST(Url, HasDefaults) {
    auto url = Url::parse("wss://sp.example").value();
    EXPECT_EQ(url.port(), 443);
    EXPECT_EQ(url.target(), "/");
    EXPECT_EQ(url.authority(), "sp.example");
    EXPECT_EQ(Url::parse("https://h?q=1").value().target(), "/?q=1");
    EXPECT_EQ(Url::parse("https://h:443/x").value().to_string(), "https://h/x");
}

TEST(Url, TakesAddressesOfBothFamilies) {
    EXPECT_EQ(Url::parse("https://127.0.0.1:1").value().host(), "127.0.0.1");
    auto url = Url::parse("https://[::1]:8443/").value();
    EXPECT_EQ(url.host(), "::1");
    EXPECT_EQ(url.authority(), "[::1]:8443");
}

TEST(Url, RefusesWhatItIsNot) {
    for (auto text : {"",
                      "https",
                      "https:/h",
                      "http://h/",
                      "ftp://h/",
                      "https://",
                      "https:///x",
                      "https://h:/",
                      "https://h:0/",
                      "https://h:65536/",
                      "https://h:8443x/",
                      "https://user@h/",
                      "https://h/#part",
                      "https://h/a b",
                      "https://h/a\r\nX: y",
                      "https://[::1/",
                      "https://[h]/",
                      "https://[::1]8443/",
                      "https://h h/",
                      "https://h\x80/",
                      "https://h/\x80"}) {
        auto url = Url::parse(text);
        ASSERT_FALSE(url) << text;
        EXPECT_EQ(url.error().code, "url.invalid");
        EXPECT_EQ(url.error().kind, ErrorKind::kUsage);
    }
    EXPECT_FALSE(Url::parse("https://h/" + std::string(2048, 'a')));
}

TEST(Url, ChangesItsTarget) {
    auto url = Url::parse("https://h:1/a").value();
    EXPECT_EQ(url.with_target("/b?c").value().to_string(), "https://h:1/b?c");
    EXPECT_FALSE(url.with_target("b"));
    EXPECT_FALSE(url.with_target("/b c"));
}

TEST(Target, IsDecoded) {
    auto target = parse_target("/apps/a%20b?name=Caf%C3%A9+1&empty=&flag&&x=1%2B1").value();
    EXPECT_EQ(target.path, "/apps/a b");
    EXPECT_EQ(target.query.size(), 4U);
    EXPECT_EQ(target.query.at("name"), "Caf\xC3\xA9 1");
    EXPECT_EQ(target.query.at("empty"), "");
    EXPECT_EQ(target.query.at("flag"), "");
    EXPECT_EQ(target.query.at("x"), "1+1");
}

TEST(Target, RefusesWhatIsAmbiguous) {
    for (auto text :
         {"", "*", "a", "https://h/", "/%", "/%4", "/%4g", "/%00", "/%0A", "/a b", "/?a=1&a=2", "/?a=%"}) {
        EXPECT_FALSE(parse_target(text)) << text;
    }
}

TEST(PercentEncode, EscapesAllButUnreserved) {
    EXPECT_EQ(percent_encode("a-b_c.d~1"), "a-b_c.d~1");
    EXPECT_EQ(percent_encode("a b/c?&+%\xC3"), "a%20b%2Fc%3F%26%2B%25%C3");
}

}  // namespace
}  // namespace oti::net
