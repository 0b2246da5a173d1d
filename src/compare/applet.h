// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cap/cap_file.h"
#include "globalplatform/plan.h"

namespace oti::compare {

/// What is installed.
struct Applet {
    std::string name;
    globalplatform::DesiredApplication application;

    std::size_t size() const { return application.load_file_data.size(); }  ///< octets that the LOADs carry
};

/// Of a CAP file. Errors: those of `CapFile`, `cap.no_applet`.
Result<Applet> read_applet(const std::string& path);

/// The same applet grown by methods that nobody calls until its load file has this many octets. Errors
/// `compare.size` for one that is smaller than the applet or larger than a package can be.
Result<Applet> grown(const Applet& applet, std::size_t size);

}  // namespace oti::compare
