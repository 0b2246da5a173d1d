// SPDX-License-Identifier: Apache-2.0
#include "cli/network_namespace.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>

#include <cassert>
#include <cerrno>
#include <cstring>

#include "cli/tun_device.h"

namespace oti::cli {
namespace {

std::unexpected<Error> refused(std::string_view what) {
    return fail(ErrorKind::kIo, "network.namespace", fmt::format("{}: {}", what, std::strerror(errno)),
                "run it as root (CAP_SYS_ADMIN and CAP_NET_ADMIN) on Linux");
}

Result<Descriptor> current() {
    Descriptor here(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
    if (!here) return refused("look up the network namespace");
    return here;
}

}  // namespace

NetworkNamespace::Stay::~Stay() {
    if (!before_) return;
    // Who could enter another one is allowed to go back.
    [[maybe_unused]] auto result = ::setns(before_.get(), CLONE_NEWNET);
    assert(result == 0);
}

Result<NetworkNamespace> NetworkNamespace::create() {
    OTI_TRY(auto before, current());
    if (::unshare(CLONE_NEWNET) != 0) return refused("make a network namespace");
    Stay back(std::move(before));
    OTI_TRY(auto here, current());
    OTI_CHECK(bring_up("lo"));
    return NetworkNamespace(std::move(here));
}

Result<NetworkNamespace::Stay> NetworkNamespace::enter() const {
    OTI_TRY(auto before, current());
    if (::setns(here_.get(), CLONE_NEWNET) != 0) return refused("enter a network namespace");
    return Stay(std::move(before));
}

}  // namespace oti::cli
