// SPDX-License-Identifier: Apache-2.0
// Where the virtual machine keeps its objects and finds its code: the card's non-volatile memory.
#pragma once

#include <functional>

#include "card/registry.h"
#include "javacard/runtime.h"

namespace oti::card {

/// Records "o/", number of the object (2).
class ObjectsInNvm final : public javacard::ObjectStore {
  public:
    explicit ObjectsInNvm(Nvm& nvm) : nvm_(nvm) {}

    Result<std::vector<std::pair<javacard::Ref, Bytes>>> records() const override;
    void put(javacard::Ref ref, Bytes record) override;
    void erase(javacard::Ref ref) override;

  private:
    Nvm& nvm_;
};

/// Whether a record of the memory is an object of the virtual machine.
bool is_object(std::string_view name);

/// Load file data blocks, as the registry keeps them.
class CodeInRegistry final : public javacard::CodeStore {
  public:
    explicit CodeInRegistry(const Registry& registry) : registry_(registry) {}
    Result<Bytes> load_file_data_block(const Aid& package) const override;

  private:
    const Registry& registry_;
};

}  // namespace oti::card
