// SPDX-License-Identifier: Apache-2.0
// A card at the end of a socket, with terminals that come, go and misbehave.
#include "bearer/card_server.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <thread>

#include "base/byte_writer.h"
#include "card/testing.h"

namespace oti::bearer {
namespace {

/// Two ends of a pipe; the reading end is readable once the writing end is closed.
struct Stop {
    Stop() {
        int ends[2] = {-1, -1};
        EXPECT_EQ(::pipe(ends), 0);
        readable = Descriptor(ends[0]);
        writable = Descriptor(ends[1]);
    }
    Descriptor readable, writable;
};

/// The terminal's end of a connection. Nothing is waited for longer than 20 s.
class Peer {
  public:
    explicit Peer(Descriptor socket) : socket_(std::move(socket)) {
        timeval limit{20, 0};
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    }
    void send_bytes(BytesView bytes) {
        for (BytesView rest = bytes; !rest.empty();) {
            auto count = ::send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
            if (count <= 0) return;
            rest = rest.subspan(static_cast<std::size_t>(count));
        }
    }
    void send(std::string_view hex) { send(from_hex(hex)); }
    void send(BytesView message) {
        send_bytes(ByteWriter().u16(static_cast<unsigned>(message.size())).put(message).take());
    }
    /// In hex; "closed" if nothing comes any more.
    std::string receive() {
        auto length = read(2);
        if (length.size() < 2) return "closed";
        return to_hex(read(static_cast<std::size_t>(length[0] << 8 | length[1])));
    }
    std::string exchange(std::string_view hex) {
        send(hex);
        return receive();
    }
    void close() { socket_.reset(); }

  private:
    Bytes read(std::size_t size) {
        Bytes bytes(size);
        std::size_t done = 0;
        while (done < size) {
            auto count = ::recv(socket_.get(), bytes.data() + done, size - done, 0);
            if (count <= 0) break;
            done += static_cast<std::size_t>(count);
        }
        bytes.resize(done);
        return bytes;
    }

    Descriptor socket_;
};

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

Peer connect_to(std::uint16_t port) {
    Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    auto address = loopback(port);
    EXPECT_EQ(::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    return Peer(std::move(socket));
}

class CardServerTest : public ::testing::Test {
  protected:
    ~CardServerTest() override {
        stop_.writable.reset();
        if (thread_.joinable()) thread_.join();
    }
    /// Serves one terminal at the other end of what is returned.
    Peer serve_one() {
        if (thread_.joinable()) thread_.join();
        int ends[2] = {-1, -1};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
        thread_ = std::thread([this, end = ends[0]] {
            Descriptor socket(end);
            server_.serve(socket.get());
        });
        return Peer(Descriptor(ends[1]));
    }
    /// Waits for terminals; the port.
    std::uint16_t listen() {
        std::promise<std::uint16_t> port;
        thread_ = std::thread([this, &port] {
            EXPECT_TRUE(
                server_.listen({"127.0.0.1", 0}, [&](std::uint16_t number) { port.set_value(number); }));
        });
        return port.get_future().get();
    }

    Stop stop_;
    crypto::SystemRandom random_;
    card::SecureElement se_ = card::testing::make_se(random_, "ese-2024");
    CardServer server_{se_, nullptr, stop_.readable.get()};
    std::thread thread_;
};

constexpr std::string_view kSelect = "00A4040000";
constexpr std::string_view kFci = "6F118408A000000151000000A5059F650208009000";

TEST_F(CardServerTest, TellsItsAnswerToResetAndTakesCommands) {
    auto peer = serve_one();
    EXPECT_EQ(peer.exchange("04").substr(0, 6), "3B9B18");
    peer.send("01");
    EXPECT_EQ(peer.exchange(kSelect), kFci);
    EXPECT_EQ(peer.exchange(""), "") << "what is no command gets an empty answer";
    EXPECT_EQ(peer.exchange("03"), "");
    EXPECT_EQ(peer.exchange("00A4"), "6700");
    EXPECT_EQ(peer.exchange(kSelect), kFci);
}

TEST_F(CardServerTest, LosesItsChannelsWithThePower) {
    auto peer = serve_one();
    for (const auto* control : {"00", "01", "02"}) {
        EXPECT_EQ(peer.exchange("0070000001"), "019000");
        peer.send(control);
        EXPECT_EQ(peer.exchange("01A4040C00").substr(0, 4), "9000") << "SELECT opens it here";
        peer.send(control);
    }
    EXPECT_EQ(peer.exchange("81CA004200"), "6881");
}

TEST_F(CardServerTest, TakesAMessageInAnyPieces) {
    auto peer = serve_one();
    auto framed = concat(from_hex("0005"), from_hex(kSelect));
    for (auto byte : framed) peer.send_bytes({&byte, 1});
    EXPECT_EQ(peer.receive(), kFci);
    peer.send_bytes(concat(framed, framed, from_hex("0001")));
    EXPECT_EQ(peer.receive(), kFci);
    EXPECT_EQ(peer.receive(), kFci);
    peer.send_bytes(from_hex("04"));
    EXPECT_EQ(peer.receive().substr(0, 4), "3B9B");
}

TEST_F(CardServerTest, SurvivesTheLongestMessage) {
    auto peer = serve_one();
    peer.send(Bytes(0xFFFF, 0x00));
    EXPECT_EQ(peer.receive(), "6700");
    EXPECT_EQ(peer.exchange(kSelect), kFci);
}

TEST_F(CardServerTest, SurvivesATerminalThatIsGoneAmidstAMessage) {
    for (const auto* rest : {"", "00", "0005", "000500A404"}) {
        auto peer = serve_one();
        EXPECT_EQ(peer.exchange("0070000001"), "019000") << "as after a reset, whatever the one before left";
        peer.send_bytes(from_hex(rest));
        peer.close();
    }
    auto peer = serve_one();
    peer.send(kSelect);
    peer.close();  // without waiting for the answer
    EXPECT_EQ(serve_one().exchange(kSelect), kFci);
}

TEST_F(CardServerTest, StopsWhileATerminalSaysNothing) {
    auto peer = serve_one();
    peer.send_bytes(from_hex("0005"));
    stop_.writable.reset();
    EXPECT_EQ(peer.receive(), "closed");
}

TEST_F(CardServerTest, ServesOneTerminalAfterAnother) {
    auto port = listen();
    auto first = connect_to(port);
    EXPECT_EQ(first.exchange("0070000001"), "019000");
    auto second = connect_to(port);
    second.send("0070000001");
    EXPECT_EQ(first.exchange("0070000001"), "029000") << "the second one waits";
    first.close();
    EXPECT_EQ(second.receive(), "019000");
}

TEST_F(CardServerTest, AnswersAtOnceToATerminalThatSendsLengthAndCommandApart) {
    auto port = listen();
    auto peer = connect_to(port);
    auto command = from_hex("80CA004200");
    auto best = std::chrono::steady_clock::duration::max();
    for (int n = 0; n < 60; ++n) {
        auto begin = std::chrono::steady_clock::now();
        peer.send_bytes(from_hex("0005"));
        peer.send_bytes(command);  // held back by the terminal's kernel until the former is acknowledged
        ASSERT_EQ(peer.receive(), "4204F04F54499000");
        // The kernel acknowledges at once in the beginning of a connection anyway.
        if (n >= 40) best = std::min(best, std::chrono::steady_clock::now() - begin);
    }
    EXPECT_LT(best, std::chrono::milliseconds(20)) << "a delayed acknowledgement takes 40 ms";
}

TEST_F(CardServerTest, JoinsAVpcdAgainThatWentAway) {
    Descriptor acceptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    auto address = loopback(0);
    socklen_t size = sizeof address;
    ASSERT_EQ(::bind(acceptor.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    ASSERT_EQ(::listen(acceptor.get(), 1), 0);
    ASSERT_EQ(::getsockname(acceptor.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    thread_ = std::thread(
        [this, port = ntohs(address.sin_port)] { EXPECT_TRUE(server_.join({"127.0.0.1", port})); });
    for (int n = 0; n < 2; ++n) {
        Peer vpcd(Descriptor(::accept4(acceptor.get(), nullptr, nullptr, SOCK_CLOEXEC)));
        EXPECT_EQ(vpcd.exchange("04").substr(0, 4), "3B9B");
        EXPECT_EQ(vpcd.exchange("0070000001"), "019000");
    }
}

}  // namespace
}  // namespace oti::bearer
