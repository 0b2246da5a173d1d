// SPDX-License-Identifier: Apache-2.0
#include "bearer/sms_phone.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <deque>

#include "bearer/smpp_connection.h"
#include "ota/smpp_sms.h"

namespace oti::bearer {

class SmsPhone::Impl : public std::enable_shared_from_this<Impl> {
  public:
    Impl(net::Executor executor, const ota::SmsAddress& number, OnMessage on_message)
        : executor_(std::move(executor)),
          number_(ota::smpp_address_of(number)),
          on_message_(std::move(on_message)) {}

    Status connect(SmppAccount account, const SmppPatience& patience);
    SmppConnection& connection() { return *connection_; }
    net::Task<Status> send(const ota::SmsSubmit& message) {
        return SmppConnection::submit(
            connection_,
            ota::smpp_message_of(number_, ota::smpp_address_of(message.destination), message.content));
    }

  private:
    using Arrived = ota::SmppClient::Arrived;
    using SelfPtr = std::shared_ptr<Impl>;

    void on(const Arrived& arrived);
    /// What came by the session before comes again.
    void on(const ota::SmppClient::Bound&) { waiting_.clear(); }
    void on(const auto& /* the connection's affair */) {}
    static net::Task<void> hand_over(SelfPtr self);
    static net::Task<std::uint32_t> hand_over(SelfPtr self, ota::SmppMessage message);

    net::Executor executor_;
    ota::SmppAddress number_;
    OnMessage on_message_;
    SmppConnection::Ptr connection_;
    std::deque<Arrived> waiting_;
    bool busy_ = false;  ///< handing over
};

Status SmsPhone::Impl::connect(SmppAccount account, const SmppPatience& patience) {
    account.system_id = number_.digits;
    auto on_event = [weak = weak_from_this()](const ota::SmppClient::Event& event) {
        if (auto self = weak.lock()) std::visit([&](const auto& happened) { self->on(happened); }, event);
    };
    OTI_TRY(connection_, SmppConnection::start(executor_, std::move(account), patience, std::move(on_event)));
    return {};
}

void SmsPhone::Impl::on(const Arrived& arrived) {
    waiting_.push_back(arrived);
    if (busy_) return;
    busy_ = true;
    boost::asio::co_spawn(executor_, hand_over(shared_from_this()), boost::asio::detached);
}

net::Task<void> SmsPhone::Impl::hand_over(SelfPtr self) {
    while (!self->waiting_.empty() && !self->connection_->is_stopping()) {
        auto [delivery, message] = std::move(self->waiting_.front());
        self->waiting_.pop_front();
        auto status = co_await hand_over(self, std::move(message));
        self->connection_->answer(delivery, status);
    }
    self->busy_ = false;
}

/// What the centre is told.
net::Task<std::uint32_t> SmsPhone::Impl::hand_over(SelfPtr self, ota::SmppMessage message) {
    if (message.text().size() > ota::kMaxUserData) co_return ota::smpp_status::kInvalidMessageLength;
    auto deliver = ota::deliver_of(message);
    if (!deliver) co_return ota::smpp_status::kInvalidSource;
    bool taken = co_await self->on_message_(std::move(*deliver));
    co_return taken ? ota::smpp_status::kOk : ota::smpp_status::kReceiverBusy;
}

Result<SmsPhone> SmsPhone::start(net::Executor executor, SmppAccount account, OnMessage on_message,
                                 const SmppPatience& patience) {
    OTI_TRY(auto number, ota::SmsAddress::of_number(account.system_id));
    auto impl = std::make_shared<Impl>(std::move(executor), number, std::move(on_message));
    OTI_CHECK(impl->connect(std::move(account), patience));
    return SmsPhone(std::move(impl));
}

SmsPhone::SmsPhone(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
SmsPhone::SmsPhone(SmsPhone&&) noexcept = default;

SmsPhone& SmsPhone::operator=(SmsPhone&& other) noexcept {
    if (impl_) impl_->connection().abandon();
    impl_ = std::move(other.impl_);
    return *this;
}

SmsPhone::~SmsPhone() {
    if (impl_) impl_->connection().abandon();
}

net::Task<Status> SmsPhone::send(const ota::SmsSubmit& message) {
    return impl_->send(message);
}

void SmsPhone::stop() {
    impl_->connection().stop();
}

}  // namespace oti::bearer
