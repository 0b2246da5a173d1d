// SPDX-License-Identifier: Apache-2.0
#include "compare/bare_installation.h"

#include "globalplatform/plan.h"
#include "iso7816/instruction.h"

namespace oti::compare {

using iso7816::Expectation;
using iso7816::ResponseApdu;

BareInstallation::BareInstallation(manager::DomainAccess access,
                                   globalplatform::DesiredApplication application,
                                   std::size_t max_command_data, scp::Scp03Options options,
                                   crypto::Random& random)
    : access_(std::move(access)),
      application_(std::move(application)),
      max_command_data_(max_command_data),
      options_(options),
      random_(&random) {}

Result<iso7816::Script> BareInstallation::next() {
    iso7816::Script script;
    if (scripts_ == 0) {
        OTI_TRY(script, opening());
    } else if (scripts_ == 1) {
        OTI_TRY(script, execution());
    }
    ++scripts_;
    size_ = due_ = script.size();
    instructions_.clear();
    for (const auto& command : script) instructions_.push_back(command.apdu[1]);
    progress_.total += size_;
    return script;
}

Result<iso7816::Script> BareInstallation::opening() {
    host_challenge_ = random_->bytes(options_.mac_size());
    return iso7816::Script{
        {globalplatform::select(access_.aid).encode()},
        {scp::initialize_update(scp::KeyVersion(0), host_challenge_).encode()},
    };
}

Result<iso7816::Script> BareInstallation::execution() {
    iso7816::Script script{{channel_->external_authenticate()}};
    auto operations = globalplatform::plan({{application_}, {}}, {});
    for (const auto& command :
         globalplatform::commands(operations, access_.aid, channel_->max_data(max_command_data_))) {
        OTI_TRY(auto wrapped, channel_->wrap(command.apdu));
        script.push_back({std::move(wrapped)});
    }
    return script;
}

Status BareInstallation::on_response(BytesView response) {
    if (due_ == 0) return fail(ErrorKind::kUsage, "manager.unexpected", "a response to no command");
    auto index = size_ - due_--;
    ++progress_.done;
    auto handled = handle(index, response);
    if (!handled) due_ = 0;
    return handled;
}

Status BareInstallation::handle(std::size_t index, BytesView response) {
    bool wrapped = scripts_ == 2 && index > 0;
    OTI_TRY(auto plain, wrapped ? channel_->unwrap(response) : ResponseApdu::parse(response));
    if (plain.sw != iso7816::StatusWord::kOk) {
        return std::unexpected(iso7816::card_error(plain.sw, instructions_[index]));
    }
    if (scripts_ == 1 && index == 1) {
        OTI_TRY(auto card, scp::InitializeUpdateResponse::parse(plain.data));
        OTI_TRY(channel_,
                scp::Scp03Host::open(access_.keys.front().keys, host_challenge_, card, access_.level));
    }
    return {};
}

}  // namespace oti::compare
