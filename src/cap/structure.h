// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "base/byte_reader.h"
#include "cap/package.h"

namespace oti::cap {

/// Reads one component; an error says which one it is, and where in it.
class ComponentReader {
  public:
    /// The package has this component.
    ComponentReader(const Package& package, ComponentTag tag)
        : content_(*package.component(tag)), tag_(tag) {}

    /// `read` consumes the whole content. Its parse errors come back as `cap.damaged`, others as they are.
    Status read(const std::function<Status(ByteReader&)>& read) const;

  private:
    BytesView content_;
    ComponentTag tag_;
};

/// Sizes and counts of the components whose inside matters only to a virtual machine: Class, Method,
/// StaticField, Export, ConstantPool and RefLocation.
Status check_structure(const Package& package);

}  // namespace oti::cap
