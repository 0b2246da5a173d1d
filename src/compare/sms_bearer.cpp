// SPDX-License-Identifier: Apache-2.0
#include "compare/sms_bearer.h"

#include "compare/simulated_card.h"
#include "ota/remote_conversation.h"
#include "ota/simulated_sms.h"
#include "ota/sms_carrier.h"

namespace oti::compare {
namespace {

using std::chrono::microseconds;

constexpr microseconds kBlockTime{235'400};
constexpr std::size_t kBlock = 20;
/// Around the user data of an SMS-DELIVER: TPDU 19, RP-DATA 12, CP-DATA 3 (TS 23.040, TS 24.011); around that
/// of a report: TPDU 4, RP-ACK 4, CP-DATA 3.
constexpr std::size_t kDeliverOverhead = 34, kReportOverhead = 11;
/// SABM and UA of SAPI 3, and a CP-ACK each way, a block each.
constexpr std::size_t kOtherBlocks = 3;
/// A response packet: header, MAC, status words, in three blocks with what is around it (TS 102 225).
constexpr std::size_t kReport = 40;

constexpr std::size_t blocks(std::size_t octets) {
    return (octets + kBlock - 1) / kBlock;
}
/// One message and its report, as long as they can be.
constexpr microseconds kMessageTime = kBlockTime * (blocks(ota::kMaxUserData + kDeliverOverhead) +
                                                    kOtherBlocks + blocks(kReport + kReportOverhead));

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
    auto max_packet = ota::max_packet(1);
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
    ota::SimulatedSms sms(channel, clock, {.transfer = kMessageTime}, {}, trial.seed);
    OTI_TRY(auto conversation, installation(trial));
    auto begin = clock.now();
    auto carried = ota::carry(conversation, sms);
    Outcome outcome;
    outcome.completed = carried.has_value();
    if (!carried) outcome.error = carried.error().code;
    outcome.duration = std::chrono::duration_cast<Time>(clock.now() - begin);
    outcome.sms = sms.down().accepted;
    outcome.round_trips = outcome.sms;
    outcome.apdus = card.apdus();
    outcome.bytes_down = outcome.sms * (ota::kMaxUserData + kDeliverOverhead);
    outcome.bytes_up = outcome.sms * (kReport + kReportOverhead);
    outcome.radio = std::chrono::duration_cast<Time>(kMessageTime) * static_cast<int>(outcome.sms);
    return outcome;
}

}  // namespace oti::compare
