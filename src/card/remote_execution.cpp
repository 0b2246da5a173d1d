// SPDX-License-Identifier: Apache-2.0
#include "card/remote_execution.h"

#include <algorithm>

#include "card/class_byte.h"
#include "card/remote_script.h"
#include "card/remote_session.h"

namespace oti::card {
namespace {

using iso7816::Ins;

/// 8.2.1.0; secure messaging and other channels are for terminals (8.2.0).
bool is_remote_command(std::uint8_t ins) {
    constexpr Ins kAllowed[] = {Ins::kDelete,  Ins::kSetStatus,  Ins::kInstall,
                                Ins::kLoad,    Ins::kPutKey,     Ins::kGetStatus,
                                Ins::kGetData, Ins::kGetDataOdd, Ins::kStoreData};
    return std::ranges::find(kAllowed, static_cast<Ins>(ins)) != std::end(kAllowed);
}

std::optional<StatusWord> refusal(const CommandApdu& command) {
    auto cla = ClassByte::parse(command.cla);
    if (!cla || !is_for_domain(command.cla)) return StatusWord::kClaNotSupported;
    if (cla->secured) return StatusWord::kSecureMessagingNotSupported;
    if (cla->channel != 0) return StatusWord::kChannelNotSupported;
    if (!is_remote_command(command.ins)) return StatusWord::kInsNotSupported;
    return std::nullopt;
}

}  // namespace

void RemoteExecution::reset() {
    contexts_.clear();
}

RemoteExecution::Context& RemoteExecution::context_of(const Aid& domain) {
    auto found = std::ranges::find_if(
        contexts_, [&](const Context& context) { return context.channel.selected == domain; });
    if (found != contexts_.end()) return *found;
    Context fresh;
    fresh.channel.selected = domain;
    contexts_.push_back(std::move(fresh));
    return contexts_.back();
}

Bytes RemoteExecution::run(CommandRunner& card, const Application& receiver, ScriptFormat format,
                           const RemoteAuthority& authority, BytesView script, std::size_t most) {
    auto& environment = card.environment;
    auto name = receiver.aid;
    auto& remembered = context_of(name);
    auto& context = remembered.channel;
    auto run_one = [&](const CommandApdu& command) -> ResponseApdu {
        if (auto why = refusal(command)) return {{}, *why};
        // The issuer's domain may have got another AID in between.
        if (receiver.is_issuer_domain()) name = environment.registry.issuer();
        auto domain = environment.registry.application(name);
        if (!domain || domain->is_locked()) return {{}, StatusWord::kConditionsNotSatisfied};
        context.selected = name;
        auto dek = authority.dek(command);
        if (!dek) return {{}, StatusWord::kConditionsNotSatisfied};
        context.session = std::make_unique<RemoteSession>(authority.level, std::move(*dek));
        auto whole = context.chain.take(command);
        if (!whole) return {{}, whole.error()};
        return *whole ? card.run(*domain, context, **whole) : ResponseApdu{};
    };
    bool expanded = format == ScriptFormat::kExpanded ||
                    (format == ScriptFormat::kEither && !script.empty() && (script.front() & 3) != 0);
    // Of all that a script began, only a load goes on in one that does not continue it.
    auto forget = [&] {
        context.personalized.reset();
        context.data_blocks = {};
        context.chain = {};
    };
    ScriptChain chain{std::exchange(remembered.is_chained, false), forget};
    Bytes answer;
    if (expanded) {
        answer = run_expanded_script(script, most, chain, run_one);
        remembered.is_chained = chain.goes_on;
    } else {
        forget();
        answer = run_compact_script(script, most, run_one);
    }
    if (!remembered.is_chained) forget();
    context.session.reset();
    return answer;
}

}  // namespace oti::card
