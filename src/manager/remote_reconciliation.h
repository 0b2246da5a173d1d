// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>

#include "globalplatform/plan.h"
#include "manager/conversation.h"
#include "ota/administration_work.h"

namespace oti::manager {

/// Makes a domain's content what is desired, by scripts that need no channel of ours: reads the registry,
/// executes what is missing, reads it again. After an interruption it reads again first, so that nothing is
/// assumed of what was on its way.
///
/// Errors: `card.*` with the step; `manager.not_reached` if the registry read at the end is not what was
/// desired; `parse.*` for a registry that is none.
class RemoteReconciliation final : public ota::AdministrationWork {
  public:
    /// `block_size`: data bytes of a LOAD.
    RemoteReconciliation(const iso7816::Aid& domain, globalplatform::DesiredState desired,
                         std::size_t block_size);

    Result<std::vector<ota::RemoteCommand>> next() override;
    Status on_response(std::size_t command, const iso7816::ResponseApdu& response) override;
    Status interrupted() override;

    /// After the end: what is on the card now.
    const globalplatform::Registry& registry() const { return registry_; }
    Progress progress() const { return progress_; }

  private:
    enum class Phase : std::uint8_t { kRead, kExecute, kVerify, kDone };
    /// A part of the registry that is still to be read; one that does not fit into a response is read alone.
    struct Due {
        globalplatform::Element element;
        bool is_long = false;
        bool continues = false;
    };

    void read_in(Phase phase);
    std::vector<ota::RemoteCommand> reads();
    Status on_read(const iso7816::ResponseApdu& response);

    iso7816::Aid domain_;
    globalplatform::DesiredState desired_;
    std::size_t block_size_;
    Phase phase_ = Phase::kRead;
    std::deque<Due> due_;
    std::vector<globalplatform::RegistryRead> reads_;
    std::vector<globalplatform::PlannedCommand> plan_;
    globalplatform::Registry registry_;
    Progress progress_;
};

}  // namespace oti::manager
