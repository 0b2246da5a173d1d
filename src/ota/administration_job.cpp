// SPDX-License-Identifier: Apache-2.0
#include "ota/administration_job.h"

#include <fmt/format.h>

namespace oti::ota {

void AdministrationJob::fail_with(Error error) {
    error_ = std::move(error);
    awaiting_ = false;
}

Status AdministrationJob::prepare() {
    if (at_ < scripts_.size()) return {};
    OTI_TRY(commands_, work_->next());
    scripts_.clear();
    at_ = 0;
    if (commands_.empty()) {
        done_ = true;
        return {};
    }
    OTI_TRY(scripts_, make_scripts(ScriptFormat::kExpanded, commands_, max_script_));
    return {};
}

std::optional<Bytes> AdministrationJob::next() {
    if (is_over()) return std::nullopt;
    if (auto prepared = prepare(); !prepared) fail_with(std::move(prepared).error());
    if (is_over()) return std::nullopt;
    awaiting_ = true;
    ++sent_;
    return scripts_[at_].data;
}

void AdministrationJob::answer(BytesView response_script) {
    if (!awaiting_) return;
    awaiting_ = false;
    if (auto read_it = read(response_script); !read_it) fail_with(std::move(read_it).error());
}

/// The card reports commands with response data, and the last one that it ran.
Status AdministrationJob::read(BytesView response_script) {
    OTI_TRY(auto answer, read_answer(ScriptFormat::kExpanded, response_script));
    const auto& script = scripts_[at_];
    if (answer.executed == 0 || answer.executed > script.count)
        return fail(ErrorKind::kCard, "ota.refused",
                    "the card counts commands that the script does not have");
    auto last = script.first + answer.executed - 1;
    auto response = answer.all.begin();
    for (auto n = script.first; n <= last; ++n) {
        if (!commands_[n].wants_data && n != last) continue;
        if (response == answer.all.end())
            return fail(ErrorKind::kCard, "ota.refused",
                        "the card does not report all that it was asked for");
        OTI_CHECK(work_->on_response(n, *response++));
    }
    bool stopped = answer.executed != script.count || !iso7816::is_success_or_warning(answer.last.sw);
    if (stopped) scripts_.clear();
    at_ = stopped ? 0 : at_ + 1;
    return {};
}

void AdministrationJob::refused(const std::string& status) {
    if (!awaiting_) return;
    fail_with({ErrorKind::kCard, "ota.refused", fmt::format("the card did not take the script: {}", status)});
}

void AdministrationJob::interrupted() {
    if (!std::exchange(awaiting_, false) && at_ == 0) return;
    ++interruptions_;
    scripts_.clear();
    at_ = 0;
    if (auto goes_on = work_->interrupted(); !goes_on) fail_with(std::move(goes_on).error());
}

}  // namespace oti::ota
