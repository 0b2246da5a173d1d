// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/environment.h"
#include "card/load_file_parts.h"

namespace oti::card {

/// The load file data block of a load file whose hash is the announced one and whose DAPs are right, also
/// those that the associated domain and domains with mandated DAP verification ask for; deciphered if it was
/// ciphered (GPCS 2.3.1, 9.2.1, 9.2.2, 9.3.5, C.2, C.3, C.6). 6A80 if something is missing, not wanted or not
/// whole, or the hash another one; 6982 if a signature is wrong; 6985 if the domain or the key for it is
/// missing.
std::expected<Bytes, StatusWord> verified_data_block(const Environment& environment, const Loading& loading);

}  // namespace oti::card
