// SPDX-License-Identifier: Apache-2.0
#include "card/memory.h"

#include <algorithm>
#include <map>

namespace oti::card {
namespace {

/// The use of the non-volatile memory, by instances and load files.
class MemoryUse {
  public:
    explicit MemoryUse(const Environment& environment) : applications_(environment.registry.applications()) {
        for (const auto& file : environment.registry.load_files())
            files_[file.security_domain.hex()].push_back(file.aid.hex());
        // Records are called "kind/AID" or "kind/AID/…".
        environment.nvm.for_each("", [&](std::string_view name, BytesView value) {
            auto begin = name.find('/');
            if (begin == std::string_view::npos) return;
            auto aid = name.substr(begin + 1);
            aid = aid.substr(0, aid.find('/'));
            own_[std::string(aid)] += name.size() + value.size();
        });
        for (const auto& entry : applications_) {
            if (entry.security_domain == entry.aid) charge(entry);
        }
    }

    bool within_quotas() const { return within_quotas_; }
    std::uint64_t reserved_and_unused() const { return reserved_and_unused_; }
    std::uint64_t used_by(const Aid& aid) const {
        if (auto used = used_.find(aid.hex()); used != used_.end()) return used->second;
        auto own = own_.find(aid.hex());
        return own == own_.end() ? 0 : own->second;
    }

  private:
    /// What an instance takes from the domain that it is associated with.
    std::uint64_t charge(const Application& entry) {
        auto used = own_[entry.aid.hex()];
        if (entry.is_security_domain()) {
            for (const auto& file : files_[entry.aid.hex()]) used += own_[file];
            for (const auto& below : applications_) {
                bool is_below = below.security_domain == entry.aid && below.aid != entry.aid;
                if (is_below) used += charge(below);
            }
        }
        used_[entry.aid.hex()] = used;
        auto reserved = entry.memory.nonvolatile_reserved.value_or(0);
        if (reserved > used) reserved_and_unused_ += reserved - used;
        // What is reserved is part of the quota, which is never less (9.7).
        if (entry.memory.nonvolatile_quota && used > *entry.memory.nonvolatile_quota) within_quotas_ = false;
        return std::max<std::uint64_t>(used, reserved);
    }

    std::vector<Application> applications_;
    std::map<std::string, std::vector<std::string>> files_;
    std::map<std::string, std::uint64_t> own_;   ///< the records of each
    std::map<std::string, std::uint64_t> used_;  ///< by instances, with what is associated
    bool within_quotas_ = true;
    std::uint64_t reserved_and_unused_ = 0;
};

std::uint64_t reserved_volatile(const Environment& environment) {
    std::uint64_t reserved = 0;
    for (const auto& entry : environment.registry.applications()) {
        reserved += entry.memory.volatile_reserved.value_or(0);
    }
    return reserved;
}

}  // namespace

std::uint64_t free_nonvolatile_memory(const Environment& environment) {
    auto taken = environment.nvm.bytes_used() + MemoryUse(environment).reserved_and_unused();
    auto capacity = environment.profile.capacity;
    return capacity > taken ? capacity - taken : 0;
}

std::uint64_t free_volatile_memory(const Environment& environment) {
    auto reserved = reserved_volatile(environment);
    return kVolatileMemory > reserved ? kVolatileMemory - reserved : 0;
}

std::uint64_t memory_used_by(const Environment& environment, const Aid& aid) {
    return MemoryUse(environment).used_by(aid);
}

bool fits_in_memory(const Environment& environment) {
    MemoryUse use(environment);
    return use.within_quotas() &&
           environment.nvm.bytes_used() + use.reserved_and_unused() <= environment.profile.capacity &&
           reserved_volatile(environment) <= kVolatileMemory;
}

}  // namespace oti::card
