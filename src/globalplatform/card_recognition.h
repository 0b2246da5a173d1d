// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace oti::globalplatform {

/// A secure channel protocol with its options.
struct ChannelProtocol {
    std::uint8_t protocol = 0;
    std::uint8_t options = 0;  ///< `i`
    auto operator<=>(const ChannelProtocol&) const = default;
};

/// "SCP03 i=70: pseudo-random challenge, R-MAC, R-ENCRYPTION".
std::string describe(const ChannelProtocol& channel);

/// Card Recognition Data, or a domain's management data (GPCS 2.3.1, H.2 and H.3; both formats).
struct CardRecognition {
    std::string version;                     ///< of the Card Specification: "2.3.1"; empty if it says nothing
    bool identified_by_iin_and_cin = false;  ///< {globalPlatform 3}
    std::vector<ChannelProtocol> channels;
    std::vector<std::string> configuration_oids;  ///< tag 65, dotted
    std::vector<std::string> chip_oids;           ///< tag 66, dotted
    std::vector<std::string> trust_point_oids;    ///< tag 67
    std::vector<std::string> certificate_oids;    ///< tag 68

    /// `66 { 73 { … } }`, or `73 { … }`. Errors `parse.*`.
    static Result<CardRecognition> parse(BytesView object);
};

/// An object identifier in dotted form. Error `parse.invalid`.
Result<std::string> oid_text(BytesView encoded);
/// What an object identifier of tag 66 stands for, such as "Java Card 3.0.4"; empty if it is not known.
std::string oid_meaning(std::string_view dotted);

}  // namespace oti::globalplatform
