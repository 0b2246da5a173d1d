// SPDX-License-Identifier: Apache-2.0
// Memory Resource Management (GPCS 2.3.1, 9.7).
#pragma once

#include "card/environment.h"

namespace oti::card {

/// Bytes of volatile memory that a chip is taken to have for applications.
inline constexpr std::uint64_t kVolatileMemory = 8192;

/// What is left of the non-volatile memory, without what is reserved and not used yet.
std::uint64_t free_nonvolatile_memory(const Environment& environment);
/// What is left of the volatile memory without what is reserved.
std::uint64_t free_volatile_memory(const Environment& environment);

/// What an instance may still take of them, within its quota and those of the domains above it; without one,
/// what the card has left.
std::uint64_t nonvolatile_memory_left_for(const Environment& environment, const std::optional<Aid>& instance);
std::uint64_t volatile_memory_left_for(const Environment& environment, const std::optional<Aid>& instance);

/// What an instance or a load file has used of the non-volatile memory: of a domain with all that is
/// associated with it.
std::uint64_t memory_used_by(const Environment& environment, const Aid& aid);

/// Whether all fit that are on the card: into the memory, with what is reserved for them, and into their
/// quotas. An application has used its records, a domain those of itself and all that is associated with it.
bool fits_in_memory(const Environment& environment);

}  // namespace oti::card
