// SPDX-License-Identifier: Apache-2.0
// Data objects that a card gives away of itself and of its domains.
#pragma once

#include "card/environment.h"

namespace oti::card {

/// Identification number (42) or image number (45) of a domain, to which the card's own are given if it has
/// none (GPCS 2.3.1, 7.4).
Bytes number_of(const Environment& environment, const Aid& domain, Tag tag);
/// With which the keys of the domain were made; 10 bytes.
Bytes key_diversification_data(const Environment& environment, const Aid& domain);

// Values, without tag and length.
/// Card Recognition Data, or Security Domain Management Data (66; H.2, H.3). It names SCP11 when the domain
/// has what a session of it needs: programs that do not know the protocol take it for an error.
Bytes card_recognition_data(const Environment& environment, const Application& domain);
/// Card Capability Information (67; H.4).
Bytes card_capability_information(const Profile& profile);
/// Extended Card Resources Information (FF21; ETSI TS 102 226, 8.2.1.7.2).
Bytes card_resources(const Environment& environment);
/// The templates 61 of applications that the domain may know of (11.3.3.1.3).
Bytes list_of_applications(const Environment& environment, const Application& domain);
/// Keys of a domain that fit into one response, as `page` counts (11.3.3.1.1); nothing beyond the last page.
std::optional<Bytes> key_information(const KeyStore& keys, const Aid& domain, std::size_t page);

}  // namespace oti::card
