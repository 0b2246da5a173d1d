// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace oti::globalplatform {

/// Card Production Life Cycle data (GET DATA 9F7F; Visa's GlobalPlatform implementation requirements, and
/// GPCS 2.1.1 as cards of all makers have it): 42 bytes, who made the chip and the card, and when.
struct Cplc {
    struct Field {
        std::string_view name;  ///< "IC fabricator", …
        Bytes value;            ///< 2 or 4 bytes
        bool is_date = false;
    };
    std::vector<Field> fields;  ///< 18, in the order of the data object

    /// The value of 9F7F, or the whole object. Error `parse.invalid` for other lengths than 42.
    static Result<Cplc> parse(BytesView bytes);
    /// Four digits YDDD: the last digit of a year and the day in it; the latest such day that is not after
    /// `today`. Nothing for 0000, FFFF and what is no date.
    static std::optional<std::chrono::year_month_day> date(BytesView value,
                                                           std::chrono::year_month_day today);
    /// The maker of the chip by the code of its first field, where it is known; else empty.
    std::string fabricator() const;
};

}  // namespace oti::globalplatform
