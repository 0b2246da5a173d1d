// SPDX-License-Identifier: Apache-2.0
// How long the SE Manager waits for what.
#pragma once

#include <chrono>

namespace oti::agent {

/// Pause before a lost connection is opened again; doubled with each failure, up to the last.
inline constexpr std::chrono::milliseconds kFirstRetry{100}, kLastRetry{5000};
/// A session whose server stays away for so long is given up.
inline constexpr std::chrono::seconds kStanding{30};
/// Responses are gathered for so long before they are sent while commands are waiting: live progress, few
/// messages.
inline constexpr std::chrono::milliseconds kReportPause{100};
/// How often a request of the JSON binding is tried.
inline constexpr int kJsonRetries = 5;

}  // namespace oti::agent
