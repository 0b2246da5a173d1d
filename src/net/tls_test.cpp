// SPDX-License-Identifier: Apache-2.0
#include "net/http_testing.h"

namespace oti::net {
namespace {

class Tls : public HttpTest {};

TEST_F(Tls, ResumesTheTlsSession) {
    auto server = start();
    auto agent = client();
    EXPECT_TRUE(get(agent, url(server, "/"), {{"Connection", "close"}}));
    EXPECT_TRUE(get(agent, url(server, "/"), {{"Connection", "close"}}));
    EXPECT_EQ(last.peer.common_name, "phone");
    EXPECT_TRUE(get(agent, url(server, "/")));
    EXPECT_EQ(agent.counters().connections, 3U);
    EXPECT_EQ(agent.counters().resumptions, 2U);
    EXPECT_EQ(last.peer.common_name, "phone");
}

TEST_F(Tls, RefusesClientWithoutGoodCertificate) {
    auto server = start();
    auto nobody = client(authority.anonymous());
    auto stranger = client(other.identity_trusting(authority.pem(), "phone", "agent"));
    expect(get(nobody, url(server, "/")), "net.tls", ErrorKind::kAuthentication);
    expect(get(stranger, url(server, "/")), "net.tls", ErrorKind::kAuthentication);
    EXPECT_TRUE(last.method.empty());
}

TEST_F(Tls, TakesClientWithoutCertificateWhereAllowed) {
    auto server = start({.client_certificate = ClientCertificate::kOptional});
    auto nobody = client(authority.anonymous());
    auto stranger = client(other.identity_trusting(authority.pem(), "phone", "agent"));
    EXPECT_TRUE(get(nobody, url(server, "/")));
    EXPECT_FALSE(last.peer.authenticated);
    EXPECT_EQ(last.peer.common_name, "");
    expect(get(stranger, url(server, "/")), "net.tls", ErrorKind::kAuthentication);
    auto agent = client();
    EXPECT_TRUE(get(agent, url(server, "/")));
    EXPECT_TRUE(last.peer.authenticated);
}

TEST_F(Tls, RefusesServerOfAnotherAuthorityOrName) {
    auto server = start();
    auto distrusting = client(other.anonymous());
    expect(get(distrusting, url(server, "/")), "net.tls", ErrorKind::kAuthentication);
    auto elsewhere =
        HttpServer::listen(loop.io, "127.0.0.1", 0, authority.identity("s", "sp", {"sp.example"}));
    elsewhere->serve([this](HttpRequest request) { return answer(std::move(request)); });
    auto agent = client();
    expect(get(agent, url(*elsewhere, "/")), "net.tls", ErrorKind::kAuthentication);
    expect(get(agent, url(*elsewhere, "/", "localhost")), "net.tls", ErrorKind::kAuthentication);
    EXPECT_TRUE(get(agent, url(server, "/", "localhost")));
}

TEST_F(Tls, RefusesTls12) {
    auto server = start();
    EXPECT_FALSE(
        loop.run_beside([&] { return RawTlsClient(server.port(), identity, TLS1_2_VERSION).connected(); }));
    EXPECT_TRUE(loop.run_beside([&] { return RawTlsClient(server.port(), identity).connected(); }));
}

TEST_F(Tls, TicketOfAnOpenServerDoesNotOpenAnother) {
    auto shared = authority.identity("server");
    auto handler = [this](HttpRequest request) { return answer(std::move(request)); };
    auto open =
        HttpServer::listen(loop.io, "127.0.0.1", 0, shared, {.client_certificate = ClientCertificate::kNone});
    auto closed = HttpServer::listen(loop.io, "127.0.0.1", 0, shared);
    open->serve(handler);
    closed->serve(handler);
    auto nobody = authority.anonymous();
    auto both = loop.run_beside([&] {
        constexpr auto kRequest = "GET /secret HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
        RawTlsClient first(open->port(), nobody);
        first.write(kRequest);
        auto answered = first.read();
        auto ticket = first.ticket();
        RawTlsClient second(closed->port(), nobody, TLS1_3_VERSION, ticket.get());
        second.write(kRequest);
        return std::pair(answered, second.read());
    });
    EXPECT_TRUE(both.first.starts_with("HTTP/1.1 201 "));
    EXPECT_EQ(both.second, "");
}

TEST(TlsIdentity, RefusesWhatItCannotUse) {
    TestAuthority authority("authority");
    auto issued = authority.issue("sp"), other = authority.issue("sp");
    const auto& ca = authority.pem();
    auto broken = ca + "-----BEGIN CERTIFICATE-----\nAAAA\n";
    const auto& key = issued.private_key_pem;
    for (const auto& result :
         {TlsIdentity::create("", issued.certificate_pem, key), TlsIdentity::create(ca, "", key),
          TlsIdentity::create(ca, other.certificate_pem, key),
          TlsIdentity::create(ca, issued.certificate_pem, crypto::SecretBytes()),
          TlsIdentity::create(broken, issued.certificate_pem, key), TlsIdentity::anonymous("no PEM")}) {
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().code, "net.tls");
        EXPECT_EQ(result.error().kind, ErrorKind::kUsage);
    }
    EXPECT_TRUE(TlsIdentity::create(ca, issued.certificate_pem, key));
}

}  // namespace
}  // namespace oti::net
