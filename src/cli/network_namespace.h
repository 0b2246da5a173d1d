// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/descriptor.h"
#include "base/result.h"

namespace oti::cli {

/// A network of its own (network_namespaces(7)), with nothing in it but loopback. It has no name and is
/// mounted nowhere: the kernel removes it, and the devices in it, with the last process in it and the last
/// descriptor of it, however they end.
class NetworkNamespace {
  public:
    /// Error `network.namespace`, where this process may not have one.
    static Result<NetworkNamespace> create();

    /// While this is there, the thread that has entered is in the namespace, and so is what it starts
    /// meanwhile: threads and processes.
    class Stay {
      public:
        Stay(Stay&&) noexcept = default;
        ~Stay();

      private:
        friend class NetworkNamespace;
        explicit Stay(Descriptor before) : before_(std::move(before)) {}
        Descriptor before_;
    };
    Result<Stay> enter() const;

    /// For setns(2).
    int descriptor() const { return here_.get(); }

  private:
    explicit NetworkNamespace(Descriptor here) : here_(std::move(here)) {}
    Descriptor here_;
};

}  // namespace oti::cli
