// SPDX-License-Identifier: Apache-2.0
#include "net/internal/connect.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include "net/internal/net_error.h"

namespace oti::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

Task<Result<tcp::resolver::results_type>> resolve(Executor executor, std::string host, std::uint16_t port,
                                                  Deadline deadline) {
    boost::system::error_code code;
    if (auto address = asio::ip::make_address(host, code); !code) {
        co_return tcp::resolver::results_type::create(tcp::endpoint(address, port), "", "");
    }
    // The system's resolver cannot be interrupted: after the deadline its answer comes to nobody.
    struct Answer {
        asio::steady_timer arrived;
        std::optional<boost::system::error_code> code;
        tcp::resolver::results_type results;
    };
    auto answer = std::make_shared<Answer>(asio::steady_timer(executor, deadline));
    tcp::resolver resolver(executor);
    resolver.async_resolve(host, std::to_string(port), [answer](auto result, auto results) {
        answer->code = result;
        answer->results = std::move(results);
        answer->arrived.cancel();
    });
    co_await answer->arrived.async_wait(kAwait);
    auto attempted = "look up the host " + host;
    if (!answer->code) co_return std::unexpected(timeout_error(attempted));
    if (*answer->code) {
        co_return fail(ErrorKind::kIo, "net.connect", attempted + ": " + answer->code->message(),
                       "check the host name and that this machine is online");
    }
    co_return std::move(answer->results);
}

}  // namespace

Task<Result<tcp::socket>> connect_socket(Executor executor, std::string host, std::uint16_t port,
                                         Deadline deadline) {
    bool is_ipv6 = host.find(':') != std::string::npos;
    auto attempted = "connect to " + (is_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
    OTI_CO_TRY(auto endpoints, co_await resolve(executor, std::move(host), port, deadline));
    beast::tcp_stream stream(executor);
    stream.expires_at(deadline);
    auto [code, endpoint] = co_await stream.async_connect(endpoints, kAwait);
    if (code == beast::error::timeout) co_return std::unexpected(timeout_error(attempted));
    if (code) {
        co_return fail(ErrorKind::kIo, "net.connect", attempted + ": " + code.message(),
                       "check that the server runs and that the address and port are right");
    }
    auto socket = stream.release_socket();
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    co_return std::move(socket);
}

}  // namespace oti::net
