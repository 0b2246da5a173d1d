// SPDX-License-Identifier: Apache-2.0
#include "bearer/administration_listener.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <set>

#include "net/tcp_server.h"

namespace oti::bearer {
namespace {

using namespace std::chrono_literals;

/// A card that is silent for so long has lost its phone.
constexpr auto kSilence = 120s, kWrite = 30s;
/// More are closed as they come.
constexpr std::size_t kMaxConnections = 10'000;

}  // namespace

class AdministrationListener::Impl : public std::enable_shared_from_this<Impl> {
  public:
    Impl(net::Executor executor, ota::AdministrationServer::FindCard find, OnTurn on_turn)
        : executor_(std::move(executor)), find_(std::move(find)), on_turn_(std::move(on_turn)) {}

    Status listen(boost::asio::io_context& io, const Endpoint& endpoint) {
        auto on_stream = [weak = weak_from_this()](net::TcpStream stream) {
            auto self = weak.lock();
            if (!self || self->stopping_ || self->streams_.size() >= kMaxConnections) return;
            auto connection = std::make_shared<net::TcpStream>(std::move(stream));
            boost::asio::co_spawn(self->executor_, serve(self, std::move(connection)), boost::asio::detached);
        };
        OTI_TRY(server_, net::TcpServer::start(io, endpoint.host, endpoint.port, std::move(on_stream)));
        return {};
    }
    std::uint16_t port() const { return server_->port(); }
    void stop() {
        stopping_ = true;
        if (server_) server_->stop();
        for (const auto& stream : streams_) stream->close();
    }

  private:
    static net::Task<void> serve(std::shared_ptr<Impl> self, std::shared_ptr<net::TcpStream> stream) {
        self->streams_.insert(stream);
        ota::AdministrationServer server(self->find_);
        while (!self->stopping_) {
            auto octets = co_await stream->read(net::after(kSilence));
            if (!octets || self->stopping_) break;
            auto taken = server.receive(*octets);
            auto sent = co_await stream->write(server.take_outgoing(), net::after(kWrite));
            if (!self->stopping_) self->on_turn_(taken);
            if (!taken || !sent) break;
        }
        stream->close();
        self->streams_.erase(stream);
    }

    net::Executor executor_;
    ota::AdministrationServer::FindCard find_;
    OnTurn on_turn_;
    std::optional<net::TcpServer> server_;
    std::set<std::shared_ptr<net::TcpStream>> streams_;
    bool stopping_ = false;
};

AdministrationListener::AdministrationListener(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
AdministrationListener::AdministrationListener(AdministrationListener&&) noexcept = default;
AdministrationListener& AdministrationListener::operator=(AdministrationListener&&) noexcept = default;

AdministrationListener::~AdministrationListener() {
    if (impl_) impl_->stop();
}

Result<AdministrationListener> AdministrationListener::start(boost::asio::io_context& io,
                                                             const Endpoint& endpoint,
                                                             ota::AdministrationServer::FindCard find,
                                                             OnTurn on_turn) {
    auto impl = std::make_shared<Impl>(io.get_executor(), std::move(find), std::move(on_turn));
    OTI_CHECK(impl->listen(io, endpoint));
    return AdministrationListener(std::move(impl));
}

std::uint16_t AdministrationListener::port() const {
    return impl_->port();
}

void AdministrationListener::stop() {
    impl_->stop();
}

}  // namespace oti::bearer
