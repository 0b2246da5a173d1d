// SPDX-License-Identifier: Apache-2.0
// The smaller data objects of GET DATA.
#pragma once

#include <optional>
#include <vector>

#include "base/tlv.h"
#include "iso7816/aid.h"

namespace oti::globalplatform {

/// The value of the one object that a response holds. Error `parse.invalid` for another tag than the one
/// asked for.
Result<Bytes> value_of(BytesView response, Tag tag);
/// The same for what is a number: C1, C2. At most 8 bytes.
Result<std::uint64_t> number_of(BytesView response, Tag tag);

/// Extended Card Resources Information (ETSI TS 102 226, 8.2.1.7.2): `FF21 { 81, 82, 83 }`.
struct CardResources {
    std::uint64_t applications = 0;       ///< installed applications
    std::uint64_t free_non_volatile = 0;  ///< bytes
    std::uint64_t free_volatile = 0;      ///< bytes

    static Result<CardResources> parse(BytesView response);
};

/// List of applications, GET DATA 2F00 (table 11-30): `61 { 4F … }` any number of times.
Result<std::vector<iso7816::Aid>> parse_application_list(BytesView response);

/// The AID in the FCI that SELECT answers: 84 in 6F (11.9.3.1); nothing if there is none.
std::optional<iso7816::Aid> aid_of_fci(BytesView fci);

}  // namespace oti::globalplatform
