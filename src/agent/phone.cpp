// SPDX-License-Identifier: Apache-2.0
#include "agent/phone.h"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "base/log.h"

namespace oti::agent {

class Phone::Impl : public std::enable_shared_from_this<Impl> {
  public:
    Impl(net::Executor executor, SharedCard& card, std::function<void(std::string_view)> on_notification)
        : executor_(std::move(executor)),
          on_notification_(std::move(on_notification)),
          handset_(executor_, std::make_shared<PhonesCard>(card),
                   {.on_submit = [this](const ota::SmsSubmit& message) { submit(message); },
                    .on_event = [](std::string_view event) { log::info("the card: {}", event); }}) {}

    Status start(bearer::SmppAccount account) {
        auto on_message = [weak = weak_from_this()](ota::SmsDeliver message) -> net::Task<bool> {
            auto self = weak.lock();
            if (!self) co_return false;
            co_return co_await take(self, std::move(message));
        };
        OTI_TRY(sms_, bearer::SmsPhone::start(executor_, std::move(account), std::move(on_message)));
        boost::asio::co_spawn(executor_, switch_on(shared_from_this()), boost::asio::detached);
        return {};
    }
    void stop() {
        handset_.stop();
        if (sms_) sms_->stop();
    }

  private:
    using SelfPtr = std::shared_ptr<Impl>;

    static net::Task<void> switch_on(SelfPtr self) {
        auto started = co_await self->handset_.start();
        if (!started) log::warning("the phone's card: {}", started.error().message);
    }
    /// Whether the message is out of the centre's hands.
    static net::Task<bool> take(SelfPtr self, ota::SmsDeliver message) {
        if (!message.content.is_for_card()) {
            if (self->on_notification_)
                self->on_notification_(fmt::format("a short message from {}", message.originator.digits));
            co_return true;
        }
        auto said = co_await self->handset_.deliver(message);
        if (!said) {
            log::warning("a short message for the card: {}", said.error().message);
            co_return false;
        }
        if (said->is_busy()) co_return false;
        if (said->data.empty()) co_return true;
        // SMPP has no place for a report of delivery, which goes as a message, as those of a centre's own
        // handsets do.
        ota::SmsSubmit report;
        report.destination = message.originator;
        report.content = said->as_answer_to(message.content);
        self->submit(report);
        co_return true;
    }
    void submit(const ota::SmsSubmit& message) {
        boost::asio::co_spawn(executor_, send(shared_from_this(), message), boost::asio::detached);
    }
    static net::Task<void> send(SelfPtr self, ota::SmsSubmit message) {
        if (!self->sms_) co_return;
        auto sent = co_await self->sms_->send(message);
        if (!sent) log::warning("a short message of the card's: {}", sent.error().message);
    }

    net::Executor executor_;
    std::function<void(std::string_view)> on_notification_;
    std::optional<bearer::SmsPhone> sms_;
    bearer::HandsetDriver handset_;
};

Result<Phone> Phone::start(net::Executor executor, SharedCard& card, bearer::SmppAccount account,
                           std::function<void(std::string_view)> on_notification) {
    auto impl = std::make_shared<Impl>(std::move(executor), card, std::move(on_notification));
    OTI_CHECK(impl->start(std::move(account)));
    return Phone(std::move(impl));
}

void Phone::stop() {
    impl_->stop();
}

}  // namespace oti::agent
