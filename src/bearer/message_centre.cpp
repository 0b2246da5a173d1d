// SPDX-License-Identifier: Apache-2.0
#include "bearer/message_centre.h"

#include "base/log.h"
#include "bearer/smpp_connection.h"
#include "bearer/sms_mailboxes.h"
#include "ota/smpp_sms.h"

namespace oti::bearer {
namespace {

using std::chrono::steady_clock;

std::string box_of(std::string_view number) {
    return std::string(ota::digits_of(number));
}

ota::SmppMessage message_of(const SmppAccount& account, std::string_view msisdn, Bytes user_data) {
    constexpr std::uint8_t kUnknown = 0, kInternational = 1, kIsdn = 1;
    auto type = account.source_address.starts_with('+') ? kInternational : kUnknown;
    auto message = ota::smpp_message_of({type, kIsdn, box_of(account.source_address)},
                                        {kInternational, kIsdn, box_of(msisdn)},
                                        {ota::kDataDownload, account.coding, true, std::move(user_data)});
    message.registered_delivery = account.receipts ? 1 : 0;
    return message;
}

}  // namespace

class MessageCentre::Impl {
  public:
    Impl(const net::Executor& executor, SmppAccount account, const SmppPatience& patience)
        : account_(std::move(account)), boxes_(patience.kept), arrivals_(executor) {}

    static Result<std::shared_ptr<Impl>> start(const net::Executor& executor, SmppAccount account,
                                               const SmppPatience& patience);
    net::Task<Status> submit(std::string_view msisdn, Bytes user_data) {
        return SmppConnection::submit(connection_, message_of(account_, msisdn, std::move(user_data)));
    }
    void discard(std::string_view msisdn) { boxes_.discard(box_of(msisdn)); }
    static net::Task<Result<std::optional<Bytes>>> receive(std::shared_ptr<Impl> self, std::string number,
                                                           net::Deadline deadline);
    void stop() {
        connection_->stop();
        arrivals_.notify();
    }
    void abandon() {
        connection_->abandon();
        arrivals_.notify();
    }

  private:
    void on(const ota::SmppClient::Accepted& accepted);
    void on(const ota::SmppClient::Arrived& arrived);
    void on(const ota::SmppReceipt& receipt);
    void on(const auto& /* the connection's affair */) {}

    SmppAccount account_;
    SmppConnection::Ptr connection_;
    SmsMailboxes boxes_;
    net::Signal arrivals_;  ///< there may be something in a mailbox
};

Result<std::shared_ptr<MessageCentre::Impl>> MessageCentre::Impl::start(const net::Executor& executor,
                                                                        SmppAccount account,
                                                                        const SmppPatience& patience) {
    OTI_CHECK((ota::SmppPdu{ota::SmppCommand::kSubmit, 0, 1, message_of(account, {}, {})}.encode()));
    auto impl = std::make_shared<Impl>(executor, account, patience);
    auto on_event = [weak = std::weak_ptr(impl)](const ota::SmppClient::Event& event) {
        if (auto self = weak.lock()) std::visit([&](const auto& happened) { self->on(happened); }, event);
    };
    OTI_TRY(impl->connection_,
            SmppConnection::start(executor, std::move(account), patience, std::move(on_event)));
    return impl;
}

void MessageCentre::Impl::on(const ota::SmppClient::Accepted& accepted) {
    if (!account_.receipts) return;
    boxes_.sent(accepted.message.destination.digits, accepted.message_id, steady_clock::now());
}

void MessageCentre::Impl::on(const ota::SmppClient::Arrived& arrived) {
    const auto& message = arrived.message;
    connection_->answer(arrived.delivery, ota::smpp_status::kOk);
    if ((message.esm_class & ota::SmppMessage::kHasHeader) == 0) {
        log::info("a message from {} has no user data header, and is no card's", message.source.digits);
        return;
    }
    boxes_.arrived(box_of(message.source.digits), to_bytes(message.text()), steady_clock::now());
    arrivals_.notify();
}

void MessageCentre::Impl::on(const ota::SmppReceipt& receipt) {
    log::debug("message {}: {}", receipt.message_id, receipt.state);
    if (!receipt.final) return;
    if (receipt.delivered) return boxes_.delivered(receipt.message_id);
    auto number = boxes_.undelivered(receipt.message_id, receipt.state, steady_clock::now());
    if (!number) return;
    log::warning("message {} to {} was not delivered: {}", receipt.message_id, *number, receipt.state);
    arrivals_.notify();
}

net::Task<Result<std::optional<Bytes>>> MessageCentre::Impl::receive(std::shared_ptr<Impl> self,
                                                                     std::string number,
                                                                     net::Deadline deadline) {
    while (!self->connection_->is_stopping()) {
        if (auto message = self->boxes_.take(number, steady_clock::now())) co_return std::move(*message);
        if (steady_clock::now() >= deadline) co_return std::nullopt;
        co_await self->arrivals_.wait(deadline);
    }
    co_return std::unexpected(SmppConnection::stopped_error());
}

Result<MessageCentre> MessageCentre::start(const net::Executor& executor, SmppAccount account,
                                           const SmppPatience& patience) {
    OTI_TRY(auto impl, Impl::start(executor, std::move(account), patience));
    return MessageCentre(std::move(impl));
}

MessageCentre::MessageCentre(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
MessageCentre::MessageCentre(MessageCentre&&) noexcept = default;

MessageCentre& MessageCentre::operator=(MessageCentre&& other) noexcept {
    if (impl_) impl_->abandon();
    impl_ = std::move(other.impl_);
    return *this;
}

MessageCentre::~MessageCentre() {
    if (impl_) impl_->abandon();
}

net::Task<Status> MessageCentre::submit(const std::string& msisdn, Bytes user_data) {
    return impl_->submit(msisdn, std::move(user_data));
}

net::Task<Result<std::optional<Bytes>>> MessageCentre::receive(const std::string& msisdn,
                                                               net::Deadline deadline) {
    return Impl::receive(impl_, box_of(msisdn), deadline);
}

void MessageCentre::discard(const std::string& msisdn) {
    impl_->discard(msisdn);
}

void MessageCentre::stop() {
    impl_->stop();
}

}  // namespace oti::bearer
