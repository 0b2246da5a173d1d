// SPDX-License-Identifier: Apache-2.0
// lock, unlock, set-card-state: life cycles by SET STATUS.
#include <fmt/format.h>

#include "cli/card_commands.h"
#include "cli/card_work.h"
#include "globalplatform/commands.h"
#include "globalplatform/names.h"

namespace oti::cli {
namespace {

namespace gp = globalplatform;
using iso7816::Aid;

// Card life cycle states (GPCS 2.3.1, table 11-6), and the bit that locks an application (table 11-4).
constexpr std::uint8_t kInitialized = 0x07, kSecured = 0x0F, kCardLocked = 0x7F, kTerminated = 0xFF;
constexpr std::uint8_t kLocked = 0x80, kUnlocked = 0x00;

struct LockOptions : CardOptions {
    std::string aid;
    bool card = false, related = false;
};

Status check_locked(const gp::Registry& registry, const Aid& aid, bool lock) {
    const auto* entry = registry.application(aid);
    if (entry == nullptr) {
        return fail(ErrorKind::kPolicy, "card.not_there", "there is no application or domain " + aid.hex(),
                    "'oti card list' shows what there is; a domain sees only what belongs to it");
    }
    bool is_locked = (entry->life_cycle & kLocked) != 0;
    if (is_locked != lock) return {};
    return fail(ErrorKind::kPolicy, "card.same_state",
                fmt::format("{} is {} already", aid.hex(), lock ? "locked" : "not locked"));
}

Result<json::object> change_application(const LockOptions& options, bool lock, Output& output) {
    OTI_TRY(auto aid, Aid::parse(options.aid));
    OTI_TRY(auto card, open_domain(options));
    OTI_TRY(auto registry, card.session.read_registry());
    if (!options.force && !options.related) OTI_CHECK(check_locked(registry, aid, lock));
    CardWork work;
    auto of = options.related ? gp::StatusOf::kDomainAndContent : gp::StatusOf::kApplication;
    work.add(gp::set_status(of, lock ? kLocked : kUnlocked, aid),
             fmt::format("{} {}", lock ? "lock" : "unlock", aid.hex()));
    OTI_TRY(auto result, work.run(card.session, options, output));
    if (!options.dry_run) output.say(fmt::format("{} {}", lock ? "locked" : "unlocked", aid.hex()));
    return result;
}

Result<json::object> change_card(const CardOptions& options, std::uint8_t state, Output& output) {
    OTI_TRY(auto card, open_domain(options));
    CardWork work;
    auto name = gp::card_life_cycle(state);
    if (state == kCardLocked)
        work.note("nothing but the issuer's domain can be selected until 'oti card unlock --card'");
    work.add(gp::set_status(gp::StatusOf::kCard, state, card.session.domain()), "set the card to " + name);
    OTI_TRY(auto result, work.run(card.session, options, output));
    result["state"] = name;
    if (!options.dry_run) output.say("the card is " + name);
    return result;
}

Result<json::object> change(const LockOptions& options, bool lock, Output& output) {
    if (options.card != options.aid.empty()) {
        return fail(ErrorKind::kUsage, "usage.lock", "what is meant is not clear",
                    "name an AID, or --card for the whole card");
    }
    if (options.card) return change_card(options, lock ? kCardLocked : kSecured, output);
    return change_application(options, lock, output);
}

struct StateOptions : CardOptions {
    std::string state;
};

Result<json::object> set_card_state(const StateOptions& options, Output& output) {
    if (options.state == "initialized" || options.state == "secured") {
        OTI_CHECK(require_yes(options, "this step of the card's life cycle"));
        return change_card(options, options.state == "secured" ? kSecured : kInitialized, output);
    }
    if (options.state == "terminated") {
        OTI_CHECK(require_yes(options, "to terminate a card destroys it, which"));
        return change_card(options, kTerminated, output);
    }
    return fail(ErrorKind::kUsage, "usage.state", "there is no card state '" + options.state + "'",
                "use initialized, secured or terminated; 'oti card lock --card' locks it");
}

}  // namespace

void add_card_state_commands(Commands& commands) {
    for (bool lock : {true, false}) {
        auto options = std::make_shared<LockOptions>();
        auto& command = add_card_verb(
            commands, lock ? "lock" : "unlock",
            lock ? "lock an applet, a domain or the card" : "unlock an applet, a domain or the card", options,
            [lock](const LockOptions& chosen, Output& output) { return change(chosen, lock, output); });
        command.add_option("AID", options->aid, "the applet or domain");
        command.add_flag("--card", options->card, "the whole card");
        command.add_flag("--related", options->related, "a domain with all that is in it");
        add_card_options(command, *options);
        add_dry_run_option(command, *options);
    }
    auto options = std::make_shared<StateOptions>();
    auto& command =
        add_card_verb(commands, "set-card-state",
                      "take the card a step further in its life: initialized, secured, terminated", options,
                      set_card_state);
    command.add_option("STATE", options->state, "initialized, secured or terminated")->required();
    command.add_flag("--yes", options->yes, "yes, although it cannot be undone");
    add_card_options(command, *options);
    add_dry_run_option(command, *options);
}

}  // namespace oti::cli
