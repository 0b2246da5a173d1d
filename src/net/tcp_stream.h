// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "net/executor.h"

namespace oti::net {

class TcpConnection;

/// A TCP connection, for protocols that have no TLS of their own. Full duplex: one coroutine may read while
/// another one writes, both on `executor()`. The handle can be moved meanwhile; when it is destroyed, the
/// connection is closed.
class TcpStream {
  public:
    explicit TcpStream(std::shared_ptr<TcpConnection> connection);
    ~TcpStream();
    TcpStream(TcpStream&&) noexcept = default;
    TcpStream& operator=(TcpStream&& other) noexcept;

    /// What has come, at least one octet. Errors `net.timeout` (the connection lives on), `net.closed`.
    Task<Result<Bytes>> read(Deadline deadline);
    /// Errors `net.closed`, `net.timeout`, after which the connection is closed, since part may have gone.
    Task<Status> write(Bytes bytes, Deadline deadline);
    /// Whoever reads or writes gets `net.closed`.
    void close();

    Executor executor() const;

  private:
    std::shared_ptr<TcpConnection> connection_;
};

/// `host` is a name or an IP address. Errors `net.connect`, `net.timeout`.
Task<Result<TcpStream>> connect_tcp(Executor executor, std::string host, std::uint16_t port,
                                    Deadline deadline);

}  // namespace oti::net
