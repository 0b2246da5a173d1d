// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "card/nvm.h"
#include "iso7816/aid.h"
#include "scp/key_set.h"

namespace oti::card {

/// A key set of a security domain with its sequence counter (Amendment D, 6.2.2.1).
struct StoredKeySet {
    std::uint8_t version = 0;
    scp::KeySet keys;
    std::uint32_t sequence_counter = 0;
};

/// Greatest value of a sequence counter; beyond it the key set cannot be used any more.
inline constexpr std::uint32_t kMaxSequenceCounter = 0xFFFFFF;

/// The keys of all security domains.
class KeyStore {
  public:
    explicit KeyStore(Nvm& nvm) : nvm_(&nvm) {}

    std::vector<std::uint8_t> versions(const iso7816::Aid& domain) const;
    bool contains(const iso7816::Aid& domain, std::uint8_t version) const;
    /// `version` 0: the domain's first.
    std::optional<StoredKeySet> find(const iso7816::Aid& domain, std::uint8_t version) const;
    /// A new or wholly replaced key set: its counter is zero.
    void put(const iso7816::Aid& domain, std::uint8_t version, const scp::KeySet& keys);
    void set_sequence_counter(const iso7816::Aid& domain, std::uint8_t version, std::uint32_t counter);
    void erase(const iso7816::Aid& domain, std::uint8_t version);
    void erase_all(const iso7816::Aid& domain);

  private:
    Nvm* nvm_;
};

}  // namespace oti::card
