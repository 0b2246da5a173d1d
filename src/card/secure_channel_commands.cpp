// SPDX-License-Identifier: Apache-2.0
#include "card/secure_channel_commands.h"

#include "base/byte_writer.h"
#include "card/card_data.h"
#include "card/channel_options.h"
#include "card/scp11_commands.h"
#include "scp/scp02_card.h"
#include "scp/scp03_card.h"

namespace oti::card {
namespace {

constexpr std::size_t kScp02HostChallenge = 8, kScp02CardChallenge = 6;

/// The keys, those who have them, and who is opened with them.
struct Opening {
    Aid holder;
    Aid invoker;  ///< the domain, or the application that uses its channel
    StoredKeySet set;
    Bytes diversification;
};

Answer initialize_scp03(Environment& environment, Channel& channel, const Opening& opening, std::uint8_t i,
                        BytesView host_challenge) {
    const auto& set = opening.set;
    if (host_challenge.size() != scp::Scp03Card::mac_size(i)) return refuse(StatusWord::kWrongLength);
    Bytes challenge, counter;
    if (scp::Scp03Card::is_pseudo_random(i)) {
        // Incremented before its use (Amendment D, 6.2.2.1), and durably so: a challenge never comes twice.
        if (set.sequence_counter >= kMaxSequenceCounter) return refuse(StatusWord::kConditionsNotSatisfied);
        auto next = set.sequence_counter + 1;
        environment.keys.set_sequence_counter(opening.holder, set.version, next);
        auto computed = scp::Scp03Card::pseudo_random_challenge(set.keys, i, next, opening.invoker.bytes());
        if (!computed) return refuse(StatusWord::kNoPreciseDiagnosis);
        challenge = std::move(*computed);
        auto four = ByteWriter().u32(next).take();
        counter.assign(four.begin() + 1, four.end());
    } else {
        challenge = environment.random.bytes(scp::Scp03Card::mac_size(i));
    }
    auto session = scp::Scp03Card::initialize(i, set.keys, host_challenge, challenge);
    if (!session) return refuse(StatusWord::kNoPreciseDiagnosis);
    auto response = concat(opening.diversification, Bytes{set.version, kScp03, i}, challenge,
                           session->card_cryptogram(), counter);
    channel.session = std::make_unique<scp::Scp03Card>(std::move(*session));
    return ResponseApdu{std::move(response)};
}

Answer initialize_scp02(Environment& environment, Channel& channel, const Opening& opening, std::uint8_t i,
                        BytesView host_challenge) {
    const auto& set = opening.set;
    if (host_challenge.size() != kScp02HostChallenge) return refuse(StatusWord::kWrongLength);
    if (set.sequence_counter >= kMaxShortSequenceCounter) return refuse(StatusWord::kConditionsNotSatisfied);
    auto counter = static_cast<std::uint16_t>(set.sequence_counter);
    auto challenge = scp::Scp02Card::is_pseudo_random(i)
                         ? scp::Scp02Card::pseudo_random_challenge(set.keys, counter, opening.invoker.bytes())
                         : Result<Bytes>(environment.random.bytes(kScp02CardChallenge));
    if (!challenge) return refuse(StatusWord::kNoPreciseDiagnosis);
    auto session = scp::Scp02Card::initialize(i, set.keys, counter, host_challenge, *challenge);
    if (!session) return refuse(StatusWord::kNoPreciseDiagnosis);
    ByteWriter response;
    response.put(opening.diversification).u8(set.version).u8(kScp02).u16(counter).put(*challenge);
    response.put(session->card_cryptogram());
    channel.session = std::make_unique<scp::Scp02Card>(std::move(*session));
    channel.counted = CountedKeySet{opening.holder, set.version};
    return ResponseApdu{response.take()};
}

}  // namespace

void end_session(Channel& channel) {
    channel.session.reset();
    channel.counted.reset();
    channel.replayable = false;
    channel.personalized.reset();
    channel.data_blocks = {};
}

Answer initialize_update(Environment& environment, Channel& channel, const Application& domain,
                         const CommandApdu& command) {
    end_session(channel);
    // Only of GlobalPlatform, and without secure messaging.
    if ((command.cla & 0x80) == 0) return refuse(StatusWord::kClaNotSupported);
    if (command.p2 != 0) return refuse(StatusWord::kIncorrectP1P2);
    OTI_TRY(auto set, channel_key_set(environment, domain, command.p1));
    auto holder = key_holder(environment, domain);
    auto options = channel_options(environment.profile, domain);
    bool aes = set.type == KeyType::kAes;
    Opening opening{holder, *channel.selected, std::move(set), key_diversification_data(environment, holder)};
    return aes ? initialize_scp03(environment, channel, opening, *options.scp03_i, command.data)
               : initialize_scp02(environment, channel, opening, *options.scp02_i, command.data);
}

Answer external_authenticate(Environment& environment, Channel& channel, const Application& domain,
                             const CommandApdu& command) {
    if (command.p2 != 0 && channel_options(environment.profile, domain).scp11_i)
        return authenticate_scp11(environment, channel, domain, command);
    if (!channel.session) return refuse(StatusWord::kConditionsNotSatisfied);
    auto counted = std::exchange(channel.counted, std::nullopt);
    auto sw = channel.session->external_authenticate(command);
    if (sw != StatusWord::kOk) return refuse(sw);
    // GPCS 2.3.1, E.1.2
    if (counted) {
        auto counter = environment.keys.sequence_counter(counted->domain, counted->version);
        environment.keys.set_sequence_counter(counted->domain, counted->version, counter + 1);
    }
    return ResponseApdu{};
}

}  // namespace oti::card
