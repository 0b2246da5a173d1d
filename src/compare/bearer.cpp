// SPDX-License-Identifier: Apache-2.0
#include "compare/bearer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compare/bip_bearer.h"
#include "compare/json_bearer.h"
#include "compare/sms_bearer.h"
#include "compare/stream_bearer.h"
#include "compare/wire_bearer.h"

namespace oti::compare {
namespace {

struct Known {
    std::string_view name;
    std::unique_ptr<Bearer> (*make)();
};

const Known kKnown[] = {
    {"otw", [] { return std::unique_ptr<Bearer>(std::make_unique<WireBearer>()); }},
    {"oti",
     [] { return std::unique_ptr<Bearer>(std::make_unique<StreamBearer>(StreamBearer::Sort::kWarm)); }},
    {"oti-cold",
     [] { return std::unique_ptr<Bearer>(std::make_unique<StreamBearer>(StreamBearer::Sort::kCold)); }},
    {"oti-lockstep",
     [] { return std::unique_ptr<Bearer>(std::make_unique<StreamBearer>(StreamBearer::Sort::kLockstep)); }},
    {"seram", [] { return std::unique_ptr<Bearer>(std::make_unique<JsonBearer>()); }},
    {"ota-sms", [] { return std::unique_ptr<Bearer>(std::make_unique<SmsBearer>()); }},
    {"bip", [] { return std::unique_ptr<Bearer>(std::make_unique<BipBearer>()); }},
};

}  // namespace

std::vector<std::string> bearer_names() {
    std::vector<std::string> names;
    for (const auto& known : kKnown) names.emplace_back(known.name);
    return names;
}

Result<std::unique_ptr<Bearer>> make_bearer(std::string_view name) {
    for (const auto& known : kKnown) {
        if (known.name == name) return known.make();
    }
    auto hint = fmt::format("use {}", fmt::join(bearer_names(), ", "));
    return fail(ErrorKind::kUsage, "compare.bearer", fmt::format("there is no bearer '{}'", name), hint);
}

}  // namespace oti::compare
