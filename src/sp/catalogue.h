// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cap/package.h"
#include "globalplatform/plan.h"
#include "storage/database.h"

namespace oti::sp {

/// An application in one version, ready to be installed.
struct Published {
    std::string name;
    std::string version;  ///< of the package: "1.0"
    globalplatform::DesiredApplication application;
    std::size_t load_file_size = 0;
};

/// What the provider offers: CAP files under names.
class Catalogue {
  public:
    static constexpr std::string_view kMigration = R"sql(
        CREATE TABLE application(
            name TEXT NOT NULL,
            version TEXT NOT NULL,
            major INTEGER NOT NULL,
            minor INTEGER NOT NULL,
            load_file_aid TEXT NOT NULL,
            module TEXT NOT NULL,
            instance TEXT NOT NULL,
            parameters BLOB NOT NULL,
            load_file BLOB NOT NULL,
            PRIMARY KEY(name, version))
    )sql";

    explicit Catalogue(storage::Database& database) : database_(&database) {}

    /// One applet of a CAP file; `parameters` are handed to it at its installation. Publishing the same
    /// version again replaces it. Errors: those of `cap::CapFile`, `cap.no_applet`, `app.invalid` (name),
    /// `app.aid` (another application has its AIDs).
    Result<Published> publish(std::string_view name, BytesView cap_file, BytesView parameters);
    /// `version` empty: the highest one. Error `app.unknown`.
    Result<Published> find(std::string_view name, std::string_view version) const;
    /// Without load files.
    Result<std::vector<Published>> all() const;

  private:
    storage::Database* database_;
};

/// The packages that the application needs.
Result<std::vector<cap::Import>> imports_of(const globalplatform::DesiredApplication& application);

}  // namespace oti::sp
