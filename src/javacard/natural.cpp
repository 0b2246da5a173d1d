// SPDX-License-Identifier: Apache-2.0
#include "javacard/natural.h"

#include <algorithm>

namespace oti::javacard {
namespace {

std::uint8_t low(unsigned value) {
    return static_cast<std::uint8_t>(value);
}

}  // namespace

Natural::Natural(BytesView binary) : digits_(binary.rbegin(), binary.rend()) {
    trim();
}

void Natural::trim() {
    while (!digits_.empty() && digits_.back() == 0) digits_.pop_back();
}

bool is_bcd(BytesView bytes) {
    return std::ranges::all_of(bytes, [](auto byte) { return byte >> 4 <= 9 && (byte & 0x0F) <= 9; });
}

std::optional<Natural> Natural::from_bcd(BytesView bcd, std::size_t max_size) {
    if (!is_bcd(bcd)) return std::nullopt;
    Natural value;
    for (auto byte : bcd) {
        unsigned carry = (byte >> 4) * 10U + (byte & 0x0FU);
        for (auto& digit : value.digits_) {
            carry += digit * 100U;
            digit = low(carry);
            carry >>= 8;
        }
        if (carry != 0) value.digits_.push_back(low(carry));
        if (value.digits_.size() > max_size) return std::nullopt;
    }
    return value;
}

Bytes Natural::binary() const {
    if (digits_.empty()) return {0};
    return {digits_.rbegin(), digits_.rend()};
}

Bytes Natural::bcd() const {
    Bytes bcd;  // the lowest first
    auto rest = *this;
    do {
        unsigned remainder = 0;
        for (auto digit = rest.digits_.rbegin(); digit != rest.digits_.rend(); ++digit) {
            remainder = remainder << 8 | *digit;
            *digit = low(remainder / 100);
            remainder %= 100;
        }
        rest.trim();
        bcd.push_back(low(remainder / 10 << 4 | remainder % 10));
    } while (!rest.digits_.empty());
    std::ranges::reverse(bcd);
    return bcd;
}

std::strong_ordering Natural::operator<=>(const Natural& other) const {
    if (auto order = digits_.size() <=> other.digits_.size(); order != 0) return order;
    return std::lexicographical_compare_three_way(digits_.rbegin(), digits_.rend(), other.digits_.rbegin(),
                                                  other.digits_.rend());
}

Natural operator+(const Natural& a, const Natural& b) {
    Natural sum;
    unsigned carry = 0;
    for (std::size_t i = 0; i < std::max(a.digits_.size(), b.digits_.size()) || carry != 0; ++i) {
        carry += (i < a.digits_.size() ? a.digits_[i] : 0U) + (i < b.digits_.size() ? b.digits_[i] : 0U);
        sum.digits_.push_back(low(carry));
        carry >>= 8;
    }
    return sum;
}

Natural operator*(const Natural& a, const Natural& b) {
    Natural product;
    product.digits_.resize(a.digits_.size() + b.digits_.size());
    for (std::size_t i = 0; i < a.digits_.size(); ++i) {
        unsigned carry = 0;
        for (std::size_t j = 0; j < b.digits_.size() || carry != 0; ++j) {
            auto factor = j < b.digits_.size() ? b.digits_[j] : 0U;
            carry += product.digits_[i + j] + a.digits_[i] * factor;
            product.digits_[i + j] = low(carry);
            carry >>= 8;
        }
    }
    product.trim();
    return product;
}

std::optional<Natural> Natural::difference(const Natural& a, const Natural& b) {
    if (a < b) return std::nullopt;
    auto rest = a;
    unsigned borrow = 0;
    for (std::size_t i = 0; i < rest.digits_.size(); ++i) {
        unsigned take = borrow + (i < b.digits_.size() ? b.digits_[i] : 0U);
        borrow = rest.digits_[i] < take ? 1 : 0;
        rest.digits_[i] = low(rest.digits_[i] - take);
    }
    rest.trim();
    return rest;
}

}  // namespace oti::javacard
