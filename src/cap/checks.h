// SPDX-License-Identifier: Apache-2.0
// The checks of the single components, of use inside this module only. Each reads one info item from
// beginning to end, compares it with what the layout knows already and adds to it. Errors `cap.damaged`.
#pragma once

#include "base/result.h"
#include "cap/component_reader.h"
#include "cap/layout.h"

namespace oti::cap {

/// 6.4. Also `cap.format`.
Status check_header(ComponentReader& header, Layout& layout);
/// 6.5. The sizes are for the caller to compare.
Status check_directory(ComponentReader& directory, Layout& layout);
/// 6.7
Status check_import(ComponentReader& import, Layout& layout);
/// 6.11
Status check_static_field(ComponentReader& field, Layout& layout);
/// 6.16
Status check_static_resources(ComponentReader& resources, Layout& layout);

/// 6.10: notes where the methods lie.
Status check_method_extent(ComponentReader& method, Layout& layout);
/// 6.9. Needs imports and methods.
Status check_class(ComponentReader& classes, Layout& layout);
/// 6.8. Needs imports, classes, methods.
Status check_constant_pool(ComponentReader& pool, Layout& layout);
/// 6.10.2. Needs the constant pool.
Status check_exception_handlers(ComponentReader& method, Layout& layout);
/// 6.12. Needs the constant pool.
Status check_ref_location(ComponentReader& locations, Layout& layout);
/// 6.6. Needs methods.
Status check_applet(ComponentReader& applet, Layout& layout);
/// 6.13. Needs classes and methods.
Status check_export(ComponentReader& exports, Layout& layout);
/// 6.14. Needs all of the above.
Status check_descriptor(ComponentReader& descriptor, Layout& layout);

}  // namespace oti::cap
