// SPDX-License-Identifier: Apache-2.0
// SCP11 (GlobalPlatform Card Specification 2.3, Amendment F 1.4) as a security domain offers it. References
// are to Amendment F.
#pragma once

#include "base/tlv.h"
#include "card/environment.h"

namespace oti::card {

/// PERFORM SECURITY OPERATION (7.5): takes the certificates of an off-card entity. 6D00: no SCP11 here.
Answer perform_security_operation(Environment& environment, Channel& channel, const Application& domain,
                                  const CommandApdu& command);
/// MUTUAL AUTHENTICATE and INTERNAL AUTHENTICATE (7.6, 7.7). 6D00: no SCP11 here.
Answer authenticate_scp11(Environment& environment, Channel& channel, const Application& domain,
                          const CommandApdu& command);

using DataValue = std::expected<Bytes, StatusWord>;
/// GET DATA [Certificate Store] (7.2), [CA-KLOC KID-KVN] (7.3), [Supported CA Identifiers] (7.4): values of
/// BF21, 83, and FF33 (`of_hosts`) or FF34. `reference` is the command data. Errors 6A80, 6A88.
DataValue scp11_certificates(const Environment& environment, const Application& domain, BytesView reference);
DataValue scp11_authority_key(const Environment& environment, const Application& domain, BytesView reference);
DataValue scp11_authorities(const Environment& environment, const Application& domain, bool of_hosts);

}  // namespace oti::card
