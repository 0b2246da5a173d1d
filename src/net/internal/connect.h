// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <string>

#include "base/result.h"
#include "net/executor.h"

namespace oti::net {

/// Looks the host up (an IP address needs no looking up) and connects to the first of its addresses that
/// answers; TCP_NODELAY is set. Errors `net.connect`, `net.timeout`.
Task<Result<boost::asio::ip::tcp::socket>> connect_socket(Executor executor, std::string host,
                                                          std::uint16_t port, Deadline deadline);

}  // namespace oti::net
