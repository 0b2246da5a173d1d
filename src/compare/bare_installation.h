// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "crypto/random.h"
#include "manager/conversation.h"
#include "manager/domain.h"

namespace oti::compare {

/// An installation as tools do it, and as the paper's figures were taken: authentication, INSTALL [for load],
/// LOADs, INSTALL [for install and make selectable]. Nothing is known of the card before, and nothing is
/// read.
class BareInstallation final : public manager::Conversation {
  public:
    BareInstallation(manager::DomainAccess access, globalplatform::DesiredApplication application,
                     std::size_t max_command_data, scp::Scp03Options options, crypto::Random& random);

    Result<iso7816::Script> next() override;
    Status on_response(BytesView response) override;
    bool awaiting() const override { return due_ > 0; }
    manager::Progress progress() const override { return progress_; }

  private:
    Result<iso7816::Script> opening();
    Result<iso7816::Script> execution();
    Status handle(std::size_t index, BytesView response);

    manager::DomainAccess access_;
    globalplatform::DesiredApplication application_;
    std::size_t max_command_data_;
    scp::Scp03Options options_;
    crypto::Random* random_;

    unsigned scripts_ = 0;
    std::size_t size_ = 0;  ///< of the current script
    std::size_t due_ = 0;   ///< responses of it that are to come
    Bytes instructions_;    ///< of its commands
    Bytes host_challenge_;
    std::optional<scp::Scp03Host> channel_;
    manager::Progress progress_;
};

}  // namespace oti::compare
