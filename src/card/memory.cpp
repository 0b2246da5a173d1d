// SPDX-License-Identifier: Apache-2.0
#include "card/memory.h"

#include <algorithm>
#include <limits>
#include <map>

#include "card/applets.h"

namespace oti::card {
namespace {

/// The use of the non-volatile memory, by instances and load files.
class MemoryUse {
  public:
    explicit MemoryUse(const Environment& environment) : applications_(environment.registry.applications()) {
        for (const auto& file : environment.registry.load_files())
            files_[file.security_domain.hex()].push_back(file.aid.hex());
        // Records are called "kind/AID" or "kind/AID/…"; objects say whose they are.
        environment.nvm.for_each("", [&](std::string_view name, BytesView value) {
            if (is_object(name)) {
                if (auto owner = environment.applets.owner_of(value))
                    own_[owner->hex()] += name.size() + value.size();
                return;
            }
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

    /// What is left of the quotas of an instance and of the domains that it belongs to.
    std::uint64_t left_of_quotas(const Registry& registry, Aid instance) const {
        auto left = std::numeric_limits<std::uint64_t>::max();
        for (;;) {
            auto entry = registry.application(instance);
            if (!entry) return left;
            if (auto quota = entry->memory.nonvolatile_quota)
                left = std::min<std::uint64_t>(left,
                                               *quota - std::min<std::uint64_t>(*quota, used_by(instance)));
            if (entry->security_domain == instance) return left;
            instance = entry->security_domain;
        }
    }
    /// What is reserved for an instance and not used yet.
    std::uint64_t unused_reserve_of(const Application& entry) const {
        auto reserved = entry.memory.nonvolatile_reserved.value_or(0);
        auto used = used_by(entry.aid);
        return reserved > used ? reserved - used : 0;
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

/// Transient memory that is in use, or reserved and not in use yet.
std::uint64_t taken_volatile(const Environment& environment) {
    std::uint64_t taken = 0;
    for (const auto& entry : environment.registry.applications()) {
        taken += std::max<std::uint64_t>(entry.memory.volatile_reserved.value_or(0),
                                         environment.applets.volatile_memory_used_by(entry.aid));
    }
    return taken;
}

}  // namespace

std::uint64_t free_nonvolatile_memory(const Environment& environment) {
    auto taken = environment.nvm.bytes_used() + MemoryUse(environment).reserved_and_unused();
    auto capacity = environment.profile.capacity;
    return capacity > taken ? capacity - taken : 0;
}

std::uint64_t free_volatile_memory(const Environment& environment) {
    auto taken = taken_volatile(environment);
    return kVolatileMemory > taken ? kVolatileMemory - taken : 0;
}

std::uint64_t nonvolatile_memory_left_for(const Environment& environment,
                                          const std::optional<Aid>& instance) {
    MemoryUse use(environment);
    auto taken = environment.nvm.bytes_used() + use.reserved_and_unused();
    auto entry = instance ? environment.registry.application(*instance) : std::nullopt;
    // What is reserved for itself it may take.
    if (entry) taken -= use.unused_reserve_of(*entry);
    auto capacity = environment.profile.capacity;
    auto left = capacity > taken ? capacity - taken : 0;
    return entry ? std::min(left, use.left_of_quotas(environment.registry, entry->aid)) : left;
}

std::uint64_t volatile_memory_left_for(const Environment& environment, const std::optional<Aid>& instance) {
    auto left = free_volatile_memory(environment);
    auto entry = instance ? environment.registry.application(*instance) : std::nullopt;
    if (!entry) return left;
    auto used = environment.applets.volatile_memory_used_by(entry->aid);
    auto reserved = entry->memory.volatile_reserved.value_or(0);
    if (reserved > used) left += reserved - used;
    if (auto quota = entry->memory.volatile_quota)
        left = std::min<std::uint64_t>(left, *quota - std::min<std::uint64_t>(*quota, used));
    return left;
}

std::uint64_t memory_used_by(const Environment& environment, const Aid& aid) {
    return MemoryUse(environment).used_by(aid);
}

bool fits_in_memory(const Environment& environment) {
    MemoryUse use(environment);
    return use.within_quotas() &&
           environment.nvm.bytes_used() + use.reserved_and_unused() <= environment.profile.capacity &&
           taken_volatile(environment) <= kVolatileMemory;
}

}  // namespace oti::card
