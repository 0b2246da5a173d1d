// SPDX-License-Identifier: Apache-2.0
#include "ota/smpp_status.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/hex.h"

namespace oti::ota::smpp_status {
namespace {

struct Entry {
    std::uint32_t status;
    std::string_view meaning;
};

/// Table 5-2.
constexpr auto kMeanings = std::to_array<Entry>({
    {kOk, "no error"},
    {kInvalidMessageLength, "invalid length of the message"},
    {kInvalidLength, "invalid length of the PDU"},
    {kInvalidCommand, "unknown command"},
    {kInvalidBindState, "not allowed in this state of the session"},
    {kAlreadyBound, "already bound"},
    {0x06, "invalid priority"},
    {0x07, "invalid request for a receipt"},
    {kSystemError, "system error"},
    {kInvalidSource, "invalid source address"},
    {kInvalidDestination, "invalid destination address"},
    {0x0C, "invalid message id"},
    {kBindFailed, "bind failed"},
    {kInvalidPassword, "invalid password"},
    {0x0F, "invalid system_id"},
    {0x11, "a message could not be cancelled"},
    {0x13, "a message could not be replaced"},
    {kQueueFull, "message queue full"},
    {0x15, "invalid service type"},
    {0x33, "invalid number of destinations"},
    {0x34, "invalid distribution list"},
    {0x40, "invalid destination flag"},
    {0x42, "invalid request to replace"},
    {0x43, "invalid esm_class"},
    {0x44, "no submission to distribution lists"},
    {0x45, "submission failed"},
    {0x48, "invalid type of the source address"},
    {0x49, "invalid numbering plan of the source address"},
    {0x50, "invalid type of the destination address"},
    {0x51, "invalid numbering plan of the destination address"},
    {0x53, "invalid system_type"},
    {0x54, "invalid flag to replace"},
    {0x55, "invalid number of messages"},
    {kThrottled, "too many messages in too short a time"},
    {0x61, "invalid time of delivery"},
    {0x62, "invalid validity period"},
    {0x63, "predefined message not found"},
    {kReceiverBusy, "the receiver has a temporary error"},
    {0x65, "the receiver has a permanent error"},
    {0x66, "the receiver rejects the message"},
    {0x67, "query failed"},
    {0xC0, "error in the optional parameters"},
    {0xC1, "an optional parameter is not allowed"},
    {0xC2, "invalid length of a parameter"},
    {0xC3, "an optional parameter is missing"},
    {0xC4, "invalid value of an optional parameter"},
    {0xFE, "delivery failed"},
    {0xFF, "unknown error"},
});

}  // namespace

std::string meaning(std::uint32_t status) {
    Bytes octets;
    for (int shift = 24; shift >= 0; shift -= 8) {
        if (auto octet = static_cast<std::uint8_t>(status >> shift);
            octet != 0 || shift == 0 || !octets.empty())
            octets.push_back(octet);
    }
    auto found = std::ranges::find(kMeanings, status, &Entry::status);
    auto what = found == kMeanings.end() ? std::string_view("a reason of its own") : found->meaning;
    return std::string(what) + " (status " + to_hex(octets) + ")";
}

}  // namespace oti::ota::smpp_status
