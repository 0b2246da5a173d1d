// SPDX-License-Identifier: Apache-2.0
// What a security domain hands to its application: Personalization.processData, or Application.processData
// (GPCS 2.3.1, 6.7 and 7.3.2).
#include <algorithm>

#include "javacard/org_globalplatform.h"
#include "javacard/runtime.h"
#include "javacard/type_check.h"

namespace oti::javacard {
namespace {

auto status(iso7816::StatusWord sw) {
    return Outcome{.sw = static_cast<std::uint16_t>(sw)};
}

}  // namespace

bool Runtime::accepts_data(AppletId id) const {
    const auto* applet = find(id);
    const auto* object = applet == nullptr ? nullptr : heap_->find(applet->object);
    return object != nullptr &&
           (is_instance(packages_, *object, *packages_.find(gp_class::kPersonalization)) ||
            is_instance(packages_, *object, *packages_.find(gp_class::kApplication)));
}

Outcome Runtime::process_data(AppletId id, std::uint8_t channel, BytesView command) {
    if (!accepts_data(id)) return status(iso7816::StatusWord::kConditionsNotSatisfied);
    const auto& applet = *find(id);
    // One of its package that is selected elsewhere would not expect it, unless it says that it does.
    bool elsewhere = std::ranges::any_of(selected_, [&](const auto& entry) {
        const auto* other = find(entry.second);
        return entry.first != channel && other != nullptr && other->package == applet.package;
    });
    if (elsewhere && !is_multiselectable(id)) return status(iso7816::StatusWord::kConditionsNotSatisfied);
    auto& in = heap_->find(apdu_buffer_)->data;
    auto& out = heap_->find(install_buffer_)->data;
    if (command.size() > in.size()) return status(iso7816::StatusWord::kWrongLength);
    std::ranges::fill(in, std::uint8_t{0});
    std::ranges::fill(out, std::uint8_t{0});
    std::ranges::copy(command, in.begin());
    channel_ = channel;
    see_selection();

    std::vector arguments{Value::of_ref(apdu_buffer_), Value::of_short(0),
                          Value::of_short(static_cast<std::int16_t>(command.size()))};
    bool answers =
        is_instance(packages_, *heap_->find(applet.object), *packages_.find(gp_class::kPersonalization));
    if (answers) arguments.insert(arguments.end(), {Value::of_ref(install_buffer_), Value::of_short(0)});
    auto result = machine_->invoke_interface(
        applet.object, answers ? gp_class::kPersonalization : gp_class::kApplication, 0, arguments);
    auto how = outcome(result);
    if (answers && how.ok()) {
        auto size = result->as_short();
        if (size < 0 || static_cast<std::size_t>(size) > out.size()) {
            return status(iso7816::StatusWord::kNoPreciseDiagnosis);
        }
        how.response.assign(out.begin(), out.begin() + size);
    }
    return how;
}

}  // namespace oti::javacard
