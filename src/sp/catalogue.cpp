// SPDX-License-Identifier: Apache-2.0
#include "sp/catalogue.h"

#include <fmt/format.h>

#include <algorithm>

#include "cap/cap_file.h"
#include "cap/load_file.h"

namespace oti::sp {
namespace {

constexpr std::string_view kColumns = "name,version,major,minor,load_file_aid,module,instance,parameters";

bool is_name(std::string_view name) {
    auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    };
    return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, allowed);
}

Result<Published> published_of(const storage::Row& row) {
    OTI_TRY(auto load_file, iso7816::Aid::parse(row.text(4)));
    OTI_TRY(auto module, iso7816::Aid::parse(row.text(5)));
    OTI_TRY(auto instance, iso7816::Aid::parse(row.text(6)));
    globalplatform::DesiredApplication application{load_file, module, instance};
    application.parameters = row.bytes(7);
    application.version = {static_cast<std::uint8_t>(row.integer(2)),
                           static_cast<std::uint8_t>(row.integer(3))};
    return Published{row.text(0), row.text(1), std::move(application)};
}

}  // namespace

Result<Published> Catalogue::publish(std::string_view name, BytesView cap_file, BytesView parameters) {
    if (!is_name(name)) {
        return fail(ErrorKind::kUsage, "app.invalid", fmt::format("'{}' is no name for an application", name),
                    "use up to 64 of a-z, 0-9, '-', '_' and '.'");
    }
    OTI_TRY(auto file, cap::CapFile::parse(cap_file));
    const auto& package = file.package();
    if (package.applets().empty()) {
        return fail(ErrorKind::kUsage, "cap.no_applet",
                    "the CAP file is a library: there is nothing to install");
    }
    auto module = package.applets().front();
    OTI_TRY(auto taken, database_->query_one(
                            "SELECT name FROM application WHERE name!=? AND (load_file_aid=? OR instance=?)",
                            {std::string(name), package.aid().hex(), module.hex()}));
    if (taken) {
        return fail(ErrorKind::kUsage, "app.aid",
                    fmt::format("the application {} has the same AIDs", taken->text(0)),
                    "publish it under that name, or give the package other AIDs");
    }
    auto version = package.version();
    OTI_CHECK(database_->execute(
        "INSERT OR REPLACE INTO "
        "application(name,version,major,minor,load_file_aid,module,instance,parameters,load_file) "
        "VALUES(?,?,?,?,?,?,?,?,?)",
        {std::string(name), fmt::format("{}.{}", version.major, version.minor), std::int64_t{version.major},
         std::int64_t{version.minor}, package.aid().hex(), module.hex(), module.hex(), to_bytes(parameters),
         cap::load_file(file.load_file_data_block())}));
    return find(name, fmt::format("{}.{}", version.major, version.minor));
}

Result<Published> Catalogue::find(std::string_view name, std::string_view version) const {
    auto sql = fmt::format(
        "SELECT {},load_file FROM application WHERE name=? AND (?='' OR version=?) "
        "ORDER BY major DESC,minor DESC LIMIT 1",
        kColumns);
    OTI_TRY(auto row,
            database_->query_one(sql, {std::string(name), std::string(version), std::string(version)}));
    if (!row) {
        return fail(ErrorKind::kUsage, "app.unknown",
                    fmt::format("there is no application {}{}{}", name, version.empty() ? "" : " ", version),
                    "oti sp app list shows what is published");
    }
    OTI_TRY(auto published, published_of(*row));
    published.application.load_file_data = row->bytes(8);
    published.load_file_size = published.application.load_file_data.size();
    return published;
}

Result<std::vector<Published>> Catalogue::all() const {
    auto sql =
        fmt::format("SELECT {},length(load_file) FROM application ORDER BY name,major,minor", kColumns);
    OTI_TRY(auto rows, database_->query(sql));
    std::vector<Published> all;
    for (const auto& row : rows) {
        OTI_TRY(auto published, published_of(row));
        published.load_file_size = static_cast<std::size_t>(row.integer(8));
        all.push_back(std::move(published));
    }
    return all;
}

Result<std::vector<cap::Import>> imports_of(const globalplatform::DesiredApplication& application) {
    OTI_TRY(auto block, cap::data_block_of(application.load_file_data));
    OTI_TRY(auto package, cap::Package::parse_load_file_data_block(block));
    return package.imports();
}

}  // namespace oti::sp
