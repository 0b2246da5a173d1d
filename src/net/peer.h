// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace oti::net {

/// Who is at the other end, by the certificate that TLS verified. All empty where there was none.
struct Peer {
    std::string common_name;     ///< CN of the subject
    std::string role;            ///< OU of the subject, the first one
    bool authenticated = false;  ///< there was a certificate, and a trusted authority issued it
};

}  // namespace oti::net
