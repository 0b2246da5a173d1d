// SPDX-License-Identifier: Apache-2.0
#include "iso7816/expectation.h"

#include <algorithm>

namespace oti::iso7816 {

bool Expectation::met_by(BytesView response) const {
    if (response.size() < 2) return false;
    if (is_any()) return true;
    if (const auto* exact = exact_response()) return same(response, *exact);
    auto status = response.last(2);
    return std::ranges::find(*accepted_status(), static_cast<StatusWord>(status[0] << 8 | status[1])) !=
           accepted_status()->end();
}

}  // namespace oti::iso7816
