// SPDX-License-Identifier: Apache-2.0
// TCP sockets that block, for programs that do one thing at a time.
#pragma once

#include "base/bytes.h"
#include "base/descriptor.h"
#include "base/result.h"
#include "bearer/endpoint.h"

namespace oti::bearer {

/// A socket that listens. Errors `serve.address`, `serve.listen`.
Result<Descriptor> listen_on(const Endpoint& endpoint);
/// The next connection, where one is known to wait; nothing if it is gone already.
Descriptor accept_from(int listener);
/// A connection to one of the endpoint's addresses; nothing if none answers. Error `serve.address`.
Result<Descriptor> connect_to(const Endpoint& endpoint);
std::uint16_t port_of(int socket);

/// Whether there is something to read (or an end to notice) at `fd`, which may be none; false if there is
/// something at `stop`, or if nothing is after so many milliseconds (negative: for ever).
bool wait_for(int fd, int stop, int milliseconds = -1);
bool is_readable(int fd);
/// What is there, at most so much; empty at the end.
Bytes receive_some(int socket, std::size_t most = 4096);
bool send_all(int socket, BytesView octets);

}  // namespace oti::bearer
