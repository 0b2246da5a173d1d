// SPDX-License-Identifier: Apache-2.0
#include "cap/component.h"

namespace oti::cap {

std::string_view name(ComponentTag tag) {
    switch (tag) {
        case ComponentTag::Header:
            return "Header";
        case ComponentTag::Directory:
            return "Directory";
        case ComponentTag::Applet:
            return "Applet";
        case ComponentTag::Import:
            return "Import";
        case ComponentTag::ConstantPool:
            return "ConstantPool";
        case ComponentTag::Class:
            return "Class";
        case ComponentTag::Method:
            return "Method";
        case ComponentTag::StaticField:
            return "StaticField";
        case ComponentTag::RefLocation:
            return "RefLocation";
        case ComponentTag::Export:
            return "Export";
        case ComponentTag::Descriptor:
            return "Descriptor";
        case ComponentTag::Debug:
            return "Debug";
        case ComponentTag::StaticResources:
            return "StaticResources";
    }
    return "unknown";
}

}  // namespace oti::cap
