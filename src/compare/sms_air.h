// SPDX-License-Identifier: Apache-2.0
// A short message to a phone over the signalling channel of GSM (SDCCH): declared, not measured.
#pragma once

#include <chrono>
#include <cstddef>

namespace oti::compare {

inline constexpr std::chrono::microseconds kBlockTime{235'400};
inline constexpr std::size_t kBlock = 20;
/// Around the user data of an SMS-DELIVER: TPDU 19, RP-DATA 12, CP-DATA 3 (TS 23.040, TS 24.011); around that
/// of a report: TPDU 4, RP-ACK 4, CP-DATA 3.
inline constexpr std::size_t kDeliverOverhead = 34, kReportOverhead = 11;
/// SABM and UA of SAPI 3, and a CP-ACK each way, a block each.
inline constexpr std::size_t kOtherBlocks = 3;

/// What comes before the first message to an idle phone: half of the time between two of its pagings, which
/// are 2 to 9 multiframes apart (TS 45.002, 6.5.3), a multiframe for CHANNEL REQUEST and IMMEDIATE
/// ASSIGNMENT, and a block each for PAGING RESPONSE, its UA, AUTHENTICATION REQUEST and RESPONSE, CIPHERING
/// MODE COMMAND and COMPLETE (TS 44.018, TS 24.008). Messages that wait behind it go over the same connection
/// (TP-MMS).
inline constexpr std::chrono::microseconds kConnectionTime =
    kBlockTime * 11 / 4 + kBlockTime + kBlockTime * 6;

constexpr std::size_t blocks(std::size_t octets) {
    return (octets + kBlock - 1) / kBlock;
}
/// One message and its report, with so much user data each.
constexpr std::chrono::microseconds message_time(std::size_t message, std::size_t report) {
    return kBlockTime *
           (blocks(message + kDeliverOverhead) + kOtherBlocks + blocks(report + kReportOverhead));
}

}  // namespace oti::compare
