// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>

#include "javacard/types.h"

namespace oti::javacard {

/// What native code keeps of an object beside its cells while a session lasts, such as a digest that is under
/// way: no transaction undoes it, and no reset leaves it.
class NativeState {
  public:
    virtual ~NativeState() = default;
};

class NativeStates {
  public:
    /// Null if there is none of that type.
    template <typename State>
    State* find(Ref object) const {
        auto entry = states_.find(object);
        return entry == states_.end() ? nullptr : dynamic_cast<State*>(entry->second.get());
    }
    template <typename State>
    State& put(Ref object, State state) {
        auto owned = std::make_unique<State>(std::move(state));
        auto& put = *owned;
        states_[object] = std::move(owned);
        return put;
    }
    void drop(Ref object) { states_.erase(object); }
    void clear() { states_.clear(); }

  private:
    std::map<Ref, std::unique_ptr<NativeState>> states_;
};

}  // namespace oti::javacard
