// SPDX-License-Identifier: Apache-2.0
#include "compare/tcp_stream.h"

#include <algorithm>

namespace oti::compare {

using namespace std::chrono_literals;

void TcpStream::write(std::size_t size, std::function<void()> delivered) {
    written_ += size;
    messages_.push_back({written_, std::move(delivered)});
    send_what_may_go();
}

void TcpStream::send_what_may_go() {
    bool idle = sent_ == acknowledged_;
    while (sent_ < written_ && static_cast<double>(sent_ - acknowledged_) < window_) {
        auto end = std::min<std::uint64_t>(sent_ + kSegment, written_);
        segments_[sent_] = end;
        transmit(sent_, false);
        sent_ = end;
    }
    if (idle && sent_ > acknowledged_) set_timer();
}

void TcpStream::transmit(std::uint64_t begin, bool again) {
    auto end = segments_.at(begin);
    if (again) {
        bytes_again_ += end - begin;
        sent_at_.erase(begin);
    } else {
        sent_at_[begin] = simulator_->now();
    }
    data_->send(end - begin + kPacketHeader, [this, alive = std::weak_ptr(alive_), begin, end] {
        if (alive.lock()) on_segment(begin, end);
    });
}

void TcpStream::on_segment(std::uint64_t begin, std::uint64_t end) {
    if (end > received_) early_[begin] = end;
    while (!early_.empty() && early_.begin()->first <= received_) {
        received_ = std::max(received_, early_.begin()->second);
        early_.erase(early_.begin());
    }
    acknowledgements_->send(kPacketHeader, [this, alive = std::weak_ptr(alive_), upto = received_] {
        if (alive.lock()) on_acknowledgement(upto);
    });
    auto alive = std::weak_ptr(alive_);
    while (alive.lock() && !messages_.empty() && messages_.front().end <= received_) {
        auto delivered = std::move(messages_.front().delivered);
        messages_.pop_front();
        delivered();  // may close this connection
    }
}

void TcpStream::on_acknowledgement(std::uint64_t upto) {
    if (upto <= acknowledged_) {
        if (sent_ > acknowledged_ && ++duplicates_ == 3 && acknowledged_ >= recover_) {
            lose_window();
            window_ = threshold_;
            transmit(acknowledged_, true);
        }
        return;
    }
    // What was held for a hole before it tells of the hole, not of the way.
    auto last = std::prev(segments_.lower_bound(upto))->first;
    if (sent_at_.contains(acknowledged_) && sent_at_.contains(last)) {
        sample(simulator_->now() - sent_at_[last]);
    }
    acknowledged_ = upto;
    timeout_ = timeout();  // what is acknowledged ends the doubling
    duplicates_ = 0;
    segments_.erase(segments_.begin(), segments_.lower_bound(upto));
    sent_at_.erase(sent_at_.begin(), sent_at_.lower_bound(upto));
    if (acknowledged_ < recover_) {
        transmit(acknowledged_, true);  // the next hole
    } else {
        window_ += window_ < threshold_ ? kSegment : kSegment * kSegment / window_;
    }
    ++timer_;
    if (sent_ > acknowledged_) set_timer();
    send_what_may_go();
}

void TcpStream::lose_window() {
    threshold_ = std::max(static_cast<double>(sent_ - acknowledged_) / 2, 2.0 * kSegment);
    recover_ = sent_;
}

void TcpStream::set_timer() {
    simulator_->after(timeout_, [this, alive = std::weak_ptr(alive_), mine = ++timer_] {
        if (!alive.lock() || mine != timer_ || sent_ == acknowledged_) return;
        lose_window();
        window_ = kSegment;
        duplicates_ = 0;
        timeout_ = std::min<Time>(timeout_ * 2, 60s);
        transmit(acknowledged_, true);
        set_timer();
    });
}

void TcpStream::sample(Time round_trip) {
    if (!measured_) {
        smoothed_ = round_trip;
        deviation_ = round_trip / 2;
    } else {
        auto difference = smoothed_ > round_trip ? smoothed_ - round_trip : round_trip - smoothed_;
        deviation_ = (3 * deviation_ + difference) / 4;
        smoothed_ = (7 * smoothed_ + round_trip) / 8;
    }
    measured_ = true;
}

Time TcpStream::timeout() const {
    return measured_ ? std::max<Time>(smoothed_ + 4 * deviation_, 200ms) : 1s;
}

}  // namespace oti::compare
