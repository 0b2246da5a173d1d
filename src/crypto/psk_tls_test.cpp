// SPDX-License-Identifier: Apache-2.0
#include "crypto/psk_tls.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <vector>

#include "base/descriptor.h"
#include "base/hex.h"

namespace oti::crypto {
namespace {

constexpr std::string_view kKey = "101112131415161718191A1B1C1D1E1F", kIdentity = "8901@card.example";

SecretBytes secret(std::string_view hex) {
    return SecretBytes::take(from_hex(hex));
}

PskTls make_client(std::string_view key = kKey, PskTls::Options options = {},
                   std::string_view identity = kIdentity) {
    return PskTls::client({std::string(identity), secret(key)}, options).value();
}

PskTls make_server(PskTls::Options options = {}) {
    return PskTls::server(
        [](std::string_view identity) {
            return identity == kIdentity ? std::optional(secret(kKey)) : std::nullopt;
        },
        options);
}

/// Carries octets until neither has any; the first error, and the plaintext of each.
struct Exchange {
    Status client = {}, server = {};
    Bytes to_client = {}, to_server = {};
};

Exchange carry(PskTls& client, PskTls& server, std::size_t piece = 1 << 20) {
    Exchange exchange;
    auto give = [&](PskTls& from, PskTls& to, Status& status, Bytes& plain) {
        auto octets = from.take_outgoing();
        bool any = !octets.empty();
        for (BytesView rest = octets; !rest.empty() && status;
             rest = rest.subspan(std::min(piece, rest.size()))) {
            auto got = to.receive(rest.first(std::min(piece, rest.size())));
            if (got) append(plain, *got);
            if (!got) status = std::unexpected(got.error());
        }
        return any;
    };
    for (bool any = true; any;) {
        any = give(client, server, exchange.server, exchange.to_server);
        any = give(server, client, exchange.client, exchange.to_client) || any;
    }
    return exchange;
}

TEST(PskTls, OpensAndCarriesBothWays) {
    auto client = make_client();
    auto server = make_server();
    EXPECT_EQ(client.send(as_bytes("early")).error().code, "tls.not_open");
    auto opening = carry(client, server);
    EXPECT_TRUE(opening.client && opening.server);
    ASSERT_TRUE(client.is_open() && server.is_open());
    EXPECT_TRUE(client.is_encrypted());
    EXPECT_EQ(server.identity(), kIdentity);

    Bytes much(40'000, 0x5A);
    ASSERT_TRUE(client.send(much));
    ASSERT_TRUE(server.send(as_bytes("an answer")));
    auto data = carry(client, server);
    EXPECT_EQ(data.to_server, much);
    EXPECT_EQ(as_text(data.to_client), "an answer");

    EXPECT_FALSE(server.is_closed_by_peer());
    client.close();
    EXPECT_EQ(client.send(as_bytes("late")).error().code, "tls.not_open");
    EXPECT_TRUE(carry(client, server).server);
    EXPECT_TRUE(server.is_closed_by_peer());
}

TEST(PskTls, TakesOctetsOneByOne) {
    auto client = make_client();
    auto server = make_server();
    auto opening = carry(client, server, 1);
    EXPECT_TRUE(opening.client && opening.server);
    ASSERT_TRUE(client.send(as_bytes("x")));
    EXPECT_EQ(as_text(carry(client, server, 1).to_server), "x");
}

TEST(PskTls, AnotherKeyOpensNothing) {
    auto client = make_client("FF1112131415161718191A1B1C1D1E1F");
    auto server = make_server();
    auto opening = carry(client, server);
    EXPECT_EQ(opening.server.error().code, "tls.failed");
    EXPECT_EQ(opening.client.error().code, "tls.failed");
    EXPECT_FALSE(client.is_open() || server.is_open());
    EXPECT_EQ(server.receive(Bytes{1}).error().code, "tls.failed");
}

TEST(PskTls, AnUnknownIdentityIsSaidToBeOne) {
    auto client = make_client(kKey, {}, "somebody else");
    auto server = make_server();
    auto opening = carry(client, server);
    EXPECT_EQ(opening.server.error().code, "tls.identity");
    EXPECT_EQ(opening.client.error().code, "tls.identity");
    EXPECT_EQ(server.identity(), "");
}

TEST(PskTls, OnlyIdentitiesAndKeysThatFit) {
    for (auto [identity, key] : {std::pair<std::string, std::string_view>{"", kKey},
                                 {std::string(129, 'a'), kKey},
                                 {std::string("a\0b", 3), kKey},
                                 {"a", ""}}) {
        EXPECT_EQ(PskTls::client({identity, secret(key)}, {}).error().code, "tls.credentials");
    }
}

TEST(PskTls, EncryptsWhereBothCan) {
    auto client = make_client(kKey, {.allow_null = true});
    auto server = make_server({.allow_null = true});
    EXPECT_TRUE(carry(client, server).server);
    EXPECT_TRUE(client.is_encrypted() && server.is_encrypted());
}

TEST(PskTls, AsksForShortRecords) {
    auto client = make_client(kKey, {.max_fragment = 512});
    auto server = make_server();
    carry(client, server);
    ASSERT_TRUE(server.send(Bytes(2000)));
    auto octets = server.take_outgoing();
    std::size_t records = 0;
    for (BytesView rest = octets; rest.size() >= 5; ++records) {
        auto size = std::size_t{rest[3]} << 8 | rest[4];
        EXPECT_LE(size, 512U + 16 + 16 + 32);
        rest = rest.subspan(5 + size);
    }
    EXPECT_EQ(records, 4U);
}

TEST(PskTls, OctetsThatAreChangedOrCutOff) {
    auto client = make_client();
    auto server = make_server();
    carry(client, server);
    ASSERT_TRUE(client.send(as_bytes("a command")));
    auto octets = client.take_outgoing();
    auto half = BytesView(octets).first(octets.size() - 1);
    EXPECT_EQ(server.receive(half).value(), Bytes());
    EXPECT_FALSE(server.is_closed_by_peer());
    octets.back() ^= 1;
    EXPECT_EQ(server.receive(BytesView(octets).last(1)).error().code, "tls.failed");
    EXPECT_FALSE(server.is_open());
}

TEST(PskTls, WhatIsNoTls) {
    auto server = make_server();
    EXPECT_EQ(server.receive(as_bytes("GET / HTTP/1.1\r\n\r\n")).error().code, "tls.failed");
}

/// OpenSSL's own program at the other end, in a process of its own.
class Program {
  public:
    explicit Program(std::vector<std::string> arguments) {
        int in[2], out[2];
        EXPECT_EQ(pipe(in) + pipe(out), 0);
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, in[0], 0);
        posix_spawn_file_actions_adddup2(&actions, out[1], 1);
        for (int fd : {in[1], out[0]}) posix_spawn_file_actions_addclose(&actions, fd);
        arguments.insert(arguments.begin(), "openssl");
        std::vector<char*> argv;
        for (auto& argument : arguments) argv.push_back(argument.data());
        argv.push_back(nullptr);
        EXPECT_EQ(posix_spawnp(&process_, "openssl", &actions, nullptr, argv.data(), environ), 0);
        posix_spawn_file_actions_destroy(&actions);
        close(in[0]);
        close(out[1]);
        input = Descriptor(in[1]);
        output = Descriptor(out[0]);
    }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;
    ~Program() {
        kill(process_, SIGTERM);
        waitpid(process_, nullptr, 0);
    }
    Descriptor input, output;

  private:
    pid_t process_ = 0;
};

constexpr int kPatience = 20'000;

Bytes read_some(int fd) {
    Bytes buffer(4096);
    pollfd wait{fd, POLLIN, 0};
    if (poll(&wait, 1, kPatience) <= 0) return {};
    auto size = read(fd, buffer.data(), buffer.size());
    buffer.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return buffer;
}

void write_all(int fd, BytesView octets) {
    EXPECT_EQ(write(fd, octets.data(), octets.size()), static_cast<ssize_t>(octets.size()));
}

std::string read_until(int fd, std::string_view end) {
    std::string text;
    while (text.find(end) == std::string::npos) {
        auto more = read_some(fd);
        if (more.empty()) return text;
        text += as_text(more);
    }
    return text;
}

/// Carries octets over the socket until so much plaintext has come.
std::string talk(PskTls& tls, int socket, std::size_t wanted) {
    std::string text;
    while (true) {
        write_all(socket, tls.take_outgoing());
        if (text.size() >= wanted && tls.is_open()) return text;
        auto octets = read_some(socket);
        if (octets.empty()) return text;
        auto plain = tls.receive(octets);
        if (!plain) return plain.error().code;
        text += as_text(*plain);
    }
}

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

const std::vector<std::string> kPsk{"-psk", std::string(kKey), "-psk_identity", std::string(kIdentity),
                                    "-tls1_2"};

class WithOpenssl : public testing::TestWithParam<bool> {
  protected:
    std::vector<std::string> arguments(std::vector<std::string> first) const {
        first.insert(first.end(), kPsk.begin(), kPsk.end());
        first.emplace_back("-cipher");
        first.emplace_back(GetParam() ? "PSK-NULL-SHA256:@SECLEVEL=0" : "PSK-AES128-CBC-SHA256");
        return first;
    }
};

TEST_P(WithOpenssl, TheClientTalksToItsServer) {
    Program server(arguments({"s_server", "-accept", "127.0.0.1:0", "-nocert", "-rev"}));
    auto said = read_until(server.output.get(), "ACCEPT 127.0.0.1:");
    if (!said.ends_with('\n')) said += read_until(server.output.get(), "\n");
    auto colon = said.rfind(':');
    ASSERT_NE(colon, std::string::npos) << said;
    auto address = loopback(static_cast<std::uint16_t>(std::stoi(said.substr(colon + 1))));
    Descriptor socket(::socket(AF_INET, SOCK_STREAM, 0));
    ASSERT_EQ(connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    auto client = make_client(kKey, {.allow_null = GetParam(), .max_fragment = 1024});
    EXPECT_EQ(talk(client, socket.get(), 0), "");
    ASSERT_TRUE(client.is_open());
    EXPECT_EQ(client.is_encrypted(), !GetParam());
    ASSERT_TRUE(client.send(as_bytes("abc\n")));
    EXPECT_EQ(talk(client, socket.get(), 4), "cba\n");
}

TEST_P(WithOpenssl, TheServerTalksToItsClient) {
    Descriptor listener(::socket(AF_INET, SOCK_STREAM, 0));
    auto address = loopback(0);
    socklen_t size = sizeof address;
    ASSERT_EQ(bind(listener.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    ASSERT_EQ(listen(listener.get(), 1), 0);
    ASSERT_EQ(getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    Program client(arguments(
        {"s_client", "-connect", "127.0.0.1:" + std::to_string(ntohs(address.sin_port)), "-quiet"}));
    Descriptor socket(accept(listener.get(), nullptr, nullptr));
    auto server = make_server({.allow_null = GetParam()});
    EXPECT_EQ(talk(server, socket.get(), 0), "");
    ASSERT_TRUE(server.is_open());
    EXPECT_EQ(server.is_encrypted(), !GetParam());
    EXPECT_EQ(server.identity(), kIdentity);
    write_all(client.input.get(), as_bytes("question\n"));
    EXPECT_EQ(talk(server, socket.get(), 9), "question\n");
    ASSERT_TRUE(server.send(as_bytes("answer\n")));
    write_all(socket.get(), server.take_outgoing());
    EXPECT_EQ(read_until(client.output.get(), "\n"), "answer\n");
}

INSTANTIATE_TEST_SUITE_P(PskTls, WithOpenssl, testing::Bool(), [](const auto& suite) {
    return suite.param ? std::string("WithoutEncryption") : std::string("Encrypted");
});

}  // namespace
}  // namespace oti::crypto
