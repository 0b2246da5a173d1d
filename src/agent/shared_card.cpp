// SPDX-License-Identifier: Apache-2.0
#include "agent/shared_card.h"

#include "net/blocking.h"

namespace oti::agent {

net::Task<Status> SharedCard::acquire() {
    while (taken_ && !stopping_) co_await free_.wait(net::kNever);
    if (stopping_) co_return fail(ErrorKind::kIo, "seram.se_unavailable", "the SE Manager is being stopped");
    taken_ = true;
    co_return Status{};
}

void SharedCard::release() {
    taken_ = false;
    free_.notify();
}

net::Task<Status> SharedCard::reset() {
    ++resets_;
    co_return co_await net::run_blocking(thread_, [this] { return channel_->reset(); });
}

net::Task<Result<Bytes>> SharedCard::transmit(Bytes command) {
    co_return co_await net::run_blocking(thread_, [this, &command] { return channel_->transmit(command); });
}

void SharedCard::stop() {
    stopping_ = true;
    free_.notify();
}

net::Task<Result<bool>> PhonesCard::take() {
    if (has_it_) co_return false;
    OTI_CO_CHECK(co_await card_->acquire());
    has_it_ = true;
    bool is_as_it_was = resets_ != 0 && resets_ == card_->resets();
    if (is_as_it_was) co_return false;
    OTI_CO_CHECK(co_await card_->reset());
    co_return true;
}

void PhonesCard::let_go() {
    if (!std::exchange(has_it_, false)) return;
    resets_ = card_->resets();
    card_->release();
}

}  // namespace oti::agent
