// SPDX-License-Identifier: Apache-2.0
#include "card/multiselectable.h"

namespace oti::card {

bool is_multiselectable(const Registry& registry, const Application& application) {
    if (application.is_security_domain()) return true;
    auto block = registry.code(application.load_file);
    if (!block) return false;
    auto package = cap::Package::parse_load_file_data_block(*block);
    return package && package->is_multiselectable();
}

}  // namespace oti::card
