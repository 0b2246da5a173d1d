// SPDX-License-Identifier: Apache-2.0
#include "net/http_codec.h"

#include <gtest/gtest.h>

namespace oti::net {
namespace {

template <typename Reader>
auto read(Reader& reader, std::string_view text) {
    return reader.take(as_bytes(text));
}

TEST(HttpCodec, WritesARequest) {
    RawRequest request{"POST", "/admin?a=1", "", {{"Host", "ras.example"}, {"X-Admin-From", "card"}}, {}};
    EXPECT_EQ(as_text(encode(request).value()),
              "POST /admin?a=1 HTTP/1.1\r\nHost: ras.example\r\nX-Admin-From: card\r\n\r\n");
    request.body = to_bytes(as_bytes("abc"));
    request.content_type = "a/b";
    EXPECT_EQ(as_text(encode(request).value()),
              "POST /admin?a=1 HTTP/1.1\r\nHost: ras.example\r\nX-Admin-From: card\r\nContent-Type: a/b\r\n"
              "Content-Length: 3\r\n\r\nabc");
}

TEST(HttpCodec, WritesAResponse) {
    EXPECT_EQ(as_text(encode(HttpResponse{200, "a/b", to_bytes(as_bytes("x")), {}}).value()),
              "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 1\r\n\r\nx");
    EXPECT_EQ(as_text(encode(HttpResponse{204, "", {}, {{"X-A", "b"}}}).value()),
              "HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n");
}

TEST(HttpCodec, WritesNothingThatWouldBeTwoHeaders) {
    EXPECT_EQ(encode(RawRequest{"POST", "/ HTTP/1.1\r\nX: y", "", {}, {}}).error().code, "net.usage");
    EXPECT_EQ(encode(RawRequest{"POST", "/", "", {{"X", "a\r\nY: b"}}, {}}).error().code, "net.usage");
    EXPECT_EQ(encode(HttpResponse{200, "a\nb", {}, {}}).error().code, "net.usage");
}

TEST(HttpCodec, ReadsRequestsOneAfterAnother) {
    constexpr std::string_view kText =
        "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"
        "POST /b HTTP/1.1\r\nHost: h\r\n\r\n";
    for (std::size_t piece : {std::size_t{1}, std::size_t{7}, kText.size()}) {
        HttpRequestReader reader;
        std::vector<RawRequest> requests;
        for (auto rest = kText; !rest.empty(); rest.remove_prefix(std::min(piece, rest.size()))) {
            auto some = read(reader, rest.substr(0, piece)).value();
            while (some) {
                requests.push_back(std::move(*some));
                some = read(reader, "").value();
            }
        }
        ASSERT_EQ(requests.size(), 2U) << piece;
        EXPECT_EQ(requests[0].target, "/a");
        EXPECT_EQ(as_text(requests[0].body), "abc");
        EXPECT_EQ(find_header(requests[1].headers, "host"), "h");
        EXPECT_FALSE(reader.is_in_message());
    }
}

TEST(HttpCodec, ReadsResponsesWithAndWithoutABody) {
    HttpResponseReader reader;
    auto some =
        read(reader, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\nX-A: b\r\n\r\nHTTP/1.1 2")
            .value();
    ASSERT_TRUE(some);
    EXPECT_EQ(some->status, 204U);
    EXPECT_EQ(find_header(some->headers, "x-a"), "b");
    EXPECT_TRUE(reader.is_in_message());
    some = read(reader, "00 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n")
               .value();
    ASSERT_TRUE(some);
    EXPECT_EQ(as_text(some->body), "abcde");
}

TEST(HttpCodec, AMessageThatIsCutOffStaysOne) {
    HttpResponseReader reader;
    EXPECT_FALSE(read(reader, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcd").value());
    EXPECT_TRUE(reader.is_in_message());
}

TEST(HttpCodec, RefusesWhatLiesOrIsTooLong) {
    for (auto text : {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n",
                      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
                      "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
                      "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n",
                      "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\nabc",
                      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n",
                      "nonsense\r\n\r\n", "HTTP/2 200\r\n\r\n"}) {
        HttpResponseReader reader;
        auto result = read(reader, text);
        ASSERT_FALSE(result) << text;
        EXPECT_EQ(result.error().code, "net.http");
        EXPECT_EQ(read(reader, "HTTP/1.1 204 No Content\r\n\r\n").error().code, "net.http");
    }
    HttpRequestReader reader;
    EXPECT_EQ(read(reader, "POST / HTTP/1.1\r\nX: " + std::string(9000, 'a')).error().code, "net.http");
    HttpRequestReader lines;
    EXPECT_EQ(read(lines, std::string(9000, 'a')).error().code, "net.http");
}

}  // namespace
}  // namespace oti::net
