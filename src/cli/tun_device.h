// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/descriptor.h"
#include "base/result.h"

namespace oti::cli {

/// A network device whose wire is this process: what is sent through it can be read, what is written is
/// received. It is gone with this object.
class TunDevice {
  public:
    /// In the calling thread's network namespace, and up. IPv4 addresses, its own and that of the only host
    /// at the other end. Error `network.tun`.
    static Result<TunDevice> create(const std::string& address, const std::string& peer, std::uint16_t mtu);

    int descriptor() const { return file_.get(); }
    /// The next packet that was sent; empty if there is none.
    Bytes read();
    /// One that cannot be received now is lost, like any packet.
    void write(BytesView packet);

  private:
    TunDevice(Descriptor file, std::uint16_t mtu) : file_(std::move(file)), mtu_(mtu) {}
    Descriptor file_;
    std::uint16_t mtu_;
};

/// The device of this name in the calling thread's network namespace. Error `network.device`.
Status bring_up(const std::string& device);

}  // namespace oti::cli
