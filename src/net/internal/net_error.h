// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/system/error_code.hpp>
#include <string_view>

#include "base/result.h"

namespace oti::net {

/// The error for what Asio, Beast or OpenSSL reported while `attempted` ("read from sp.example:443").
/// Codes: `net.timeout`, `net.tls`, `net.closed`, `net.too_large`, `net.http`, otherwise `net.connect`.
Error net_error(const boost::system::error_code& code, std::string_view attempted);

Error timeout_error(std::string_view attempted);
Error closed_error(std::string_view attempted, std::string_view why);

}  // namespace oti::net
