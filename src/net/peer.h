// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace oti::net {

/// Who is at the other end, by the certificate that TLS verified. All empty where there was none; a field
/// that is there more than once counts as not there.
struct Peer {
    std::string common_name;     ///< CN of the subject
    std::string role;            ///< OU of the subject
    bool authenticated = false;  ///< there was a certificate, and a trusted authority issued it
};

}  // namespace oti::net
