// SPDX-License-Identifier: Apache-2.0
#include "card/class_byte.h"

#include "iso7816/apdu.h"

namespace oti::card {
namespace {

constexpr std::uint8_t kProprietary = 0x80, kFurther = 0x40, kReservedOrSecured = 0x20, kChained = 0x10,
                       kFirstSecured = 0x0C, kProtocolSelection = 0xFF;

}  // namespace

std::optional<ClassByte> ClassByte::parse(std::uint8_t cla) {
    bool proprietary = (cla & kProprietary) != 0, further = (cla & kFurther) != 0;
    bool reserved = !proprietary && !further && (cla & kReservedOrSecured) != 0;
    if (reserved || cla == kProtocolSelection) return std::nullopt;
    bool secured = (cla & (further ? kReservedOrSecured : kFirstSecured)) != 0;
    return ClassByte{iso7816::channel_of(cla), proprietary, secured, (cla & kChained) != 0};
}

std::uint8_t on_basic_channel(std::uint8_t cla) {
    return iso7816::with_channel(cla, 0);
}

bool is_for_domain(std::uint8_t cla) {
    return (cla & kFurther) != 0 || (cla & kReservedOrSecured) == 0;
}

}  // namespace oti::card
