// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <string>
#include <utility>

namespace oti {

/// A name that cannot be mistaken for a name of another sort: `using SessionId = StrongId<struct
/// SessionTag>;`.
template <typename Of, typename T = std::string>
class StrongId {
  public:
    StrongId() = default;
    explicit StrongId(T value) : value_(std::move(value)) {}
    const T& value() const { return value_; }
    auto operator<=>(const StrongId&) const = default;

  private:
    T value_{};
};

}  // namespace oti
