// SPDX-License-Identifier: Apache-2.0
#include "compare/sms_bearer.h"

#include "compare/simulated_card.h"
#include "compare/sms_air.h"
#include "ota/remote_conversation.h"
#include "ota/simulated_sms.h"
#include "ota/sms_carrier.h"

namespace oti::compare {
namespace {

using std::chrono::microseconds;

/// A response packet: header, MAC, status words (TS 102 225).
constexpr std::size_t kProof = 40;
/// Of a packet, as `oti ota send` and the servers have it unless they are told otherwise.
constexpr std::size_t kMessages = 4;
/// One message, as long as it can be, with its report; and what the report takes more if it brings the proof
/// of receipt: that of a packet's last message.
constexpr microseconds kMessageTime = message_time(ota::kMaxUserData, 0);
constexpr microseconds kProofTime = message_time(0, kProof) - message_time(0, 0);

/// The trial's card, whose answers take the time that its profile says.
class PacedChannel final : public iso7816::CardChannel {
  public:
    PacedChannel(SimulatedCard& card, Clock& clock) : card_(&card), clock_(&clock) {}
    Result<Bytes> transmit(BytesView command) override {
        auto answer = card_->transmit(to_bytes(command));
        clock_->sleep_until(clock_->now() + std::chrono::duration_cast<microseconds>(answer.after));
        return std::move(answer.response);
    }
    Status reset() override {
        card_->reset();
        return {};
    }

  private:
    SimulatedCard* card_;
    Clock* clock_;
};

/// Without the issuer there are only the provider's keys, which the issuer's domain does not have.
Result<scp::Scp80Host> host_of(const Trial& trial) {
    if (trial.issuer_helps)
        return scp::Scp80Host::create(trial.subject.remote_keys(), Subject::kRemoteKeys, {}, {});
    auto access = trial.subject.access();
    const auto& own = access.keys.front().keys;
    scp::Scp80Keys keys{scp::Scp80Algorithm::kAes, own.enc.clone(), own.mac.clone(), 8};
    return scp::Scp80Host::create(keys, Subject::kRemoteKeys, {}, {});
}

Result<ota::RemoteConversation> installation(const Trial& trial) {
    OTI_TRY(auto host, host_of(trial));
    auto max_packet = ota::max_packet(kMessages);
    auto block = ota::command_data_size(host, ota::ScriptFormat::kCompact, max_packet);
    std::vector<ota::RemoteCommand> commands;
    auto issuer = iso7816::Aid::constant(card::kIssuerDomainAid);
    auto operations = globalplatform::plan({{trial.applet.application}, {}}, {});
    for (auto& command : globalplatform::commands(operations, issuer, block)) {
        commands.push_back({std::move(command.apdu), false});
    }
    return ota::RemoteConversation::create(std::move(host), ota::ScriptFormat::kCompact, commands, 1,
                                           max_packet);
}

}  // namespace

Result<Outcome> SmsBearer::install(const Trial& trial) const {
    SeededRandom random(trial.seed, trial.name);
    OTI_TRY(auto card, SimulatedCard::create(trial, random));
    VirtualClock clock;
    PacedChannel channel(card, clock);
    // The report is part of the same dialogue.
    ota::SimulatedSms sms(channel, clock, {.connection = kConnectionTime, .transfer = kMessageTime},
                          {.transfer = kProofTime}, trial.seed);
    OTI_TRY(auto conversation, installation(trial));
    auto begin = clock.now();
    auto carried = ota::carry(conversation, sms);
    Outcome outcome;
    outcome.completed = carried.has_value();
    if (!carried) outcome.error = carried.error().code;
    outcome.duration = std::chrono::duration_cast<Time>(clock.now() - begin);
    outcome.sms = sms.down().accepted;
    auto proofs = sms.up().accepted;
    outcome.round_trips = proofs;
    outcome.apdus = card.apdus();
    outcome.bytes_down = outcome.sms * (ota::kMaxUserData + kDeliverOverhead);
    outcome.bytes_up = outcome.sms * kReportOverhead + proofs * kProof;
    outcome.radio = std::chrono::duration_cast<Time>(kMessageTime) * static_cast<int>(outcome.sms) +
                    std::chrono::duration_cast<Time>(kProofTime + kConnectionTime) * static_cast<int>(proofs);
    return outcome;
}

}  // namespace oti::compare
