// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "compare/bearer.h"

namespace oti::compare {

/// The secure element of a trial: the real one, at the speed of its profile in virtual time, behind whoever
/// carries the APDUs.
class SimulatedCard {
  public:
    static Result<SimulatedCard> create(const Trial& trial, crypto::Random& random);

    struct Answer {
        Bytes response;
        Time after;  ///< how long the secure element took for it
    };
    Answer transmit(Bytes command);
    void reset() { se_.reset(); }
    std::size_t apdus() const { return apdus_; }
    bool has(const iso7816::Aid& instance) const { return se_.registry().application(instance).has_value(); }

  private:
    SimulatedCard(const Trial& trial, card::SecureElement se) : trial_(&trial), se_(std::move(se)) {}
    const Trial* trial_;
    card::SecureElement se_;
    std::size_t apdus_ = 0;
};

}  // namespace oti::compare
