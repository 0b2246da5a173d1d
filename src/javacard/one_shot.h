// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "javacard/trap.h"

namespace oti::javacard {

class Heap;
class Machine;

/// The instances of the OneShot classes (API 3.0.5): temporary entry point objects of the runtime environment
/// that an applet opens, uses for one operation each time, and closes; at the latest they are closed when the
/// command ends.
class OneShots {
  public:
    /// Open at once, of one class.
    static constexpr std::size_t kPool = 4;

    /// An instance that nobody else has; SystemException NO_RESOURCE if all are in use.
    Guest<Ref> open(Machine& machine, ClassId type);
    /// Whether `object` is such an instance, and closed: nothing works on it then.
    bool is_closed(Ref object) const;
    bool is_open(Ref object) const;
    /// Nothing is left in it. Does nothing if it is closed already. SecurityException for a context that did
    /// not open it.
    Guest<void> close(Heap& heap, Ref object, ContextId context);
    void close_all(Heap& heap);

  private:
    struct Instance {
        ClassId type;
        Ref object = kNull;
        bool open = false;
        ContextId context = kRuntimeContext;  ///< that opened it
    };
    const Instance* find(Ref object) const;
    static void close(Heap& heap, Instance& instance);

    std::vector<Instance> instances_;
};

}  // namespace oti::javacard
