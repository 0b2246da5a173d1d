// SPDX-License-Identifier: Apache-2.0
#include "card/secure_channel_commands.h"

#include "base/byte_writer.h"
#include "scp/scp03_card.h"

namespace oti::card {
namespace {

constexpr std::uint8_t kScp03 = 0x03;

}  // namespace

Aid key_holder(const Environment& environment, const Application& domain) {
    auto at = domain;
    while (environment.keys.versions(at.aid).empty() && at.security_domain != at.aid) {
        auto above = environment.registry.application(at.security_domain);
        if (!above) break;
        at = *above;
    }
    return at.aid;
}

Answer initialize_update(Environment& environment, Channel& channel, const Application& domain,
                         const CommandApdu& command) {
    channel.session.reset();
    // What the former session began ends with it (11.11.1, 11.11.2.2).
    channel.personalized.reset();
    channel.next_data_block = 0;
    auto i = domain.scp03_i;
    if (command.cla >> 4 != 0x8) return refuse(StatusWord::kClaNotSupported);
    if (command.p2 != 0) return refuse(StatusWord::kIncorrectP1P2);
    if (command.data.size() != scp::Scp03Card::mac_size(i)) return refuse(StatusWord::kWrongLength);
    auto holder = key_holder(environment, domain);
    auto set = environment.keys.find_set(holder, command.p1);
    if (!set || set->type != KeyType::kAes) return refuse(StatusWord::kReferencedDataNotFound);

    Bytes challenge, counter;
    if (scp::Scp03Card::is_pseudo_random(i)) {
        // Incremented before its use (Amendment D, 6.2.2.1), and durably so: a challenge never comes twice.
        if (set->sequence_counter >= kMaxSequenceCounter) return refuse(StatusWord::kConditionsNotSatisfied);
        auto next = set->sequence_counter + 1;
        environment.keys.set_sequence_counter(holder, set->version, next);
        auto computed = scp::Scp03Card::pseudo_random_challenge(set->keys, i, next, domain.aid.bytes());
        if (!computed) return refuse(StatusWord::kNoPreciseDiagnosis);
        challenge = std::move(*computed);
        auto four = ByteWriter().u32(next).take();
        counter.assign(four.begin() + 1, four.end());
    } else {
        challenge = environment.random.bytes(scp::Scp03Card::mac_size(i));
    }
    auto session = scp::Scp03Card::initialize(i, set->keys, command.data, challenge);
    if (!session) return refuse(StatusWord::kNoPreciseDiagnosis);
    auto response = concat(environment.identity.key_diversification_data, Bytes{set->version, kScp03, i},
                           challenge, session->card_cryptogram(), counter);
    channel.session = std::make_unique<scp::Scp03Card>(std::move(*session));
    return ResponseApdu{std::move(response)};
}

}  // namespace oti::card
