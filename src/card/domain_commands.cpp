// SPDX-License-Identifier: Apache-2.0
#include "card/domain_commands.h"

#include <algorithm>
#include <array>

#include "card/data_commands.h"
#include "card/delete_commands.h"
#include "card/install_commands.h"
#include "card/key_commands.h"
#include "card/load_commands.h"
#include "card/scp11_commands.h"
#include "card/secure_channel_commands.h"
#include "card/status_commands.h"
#include "card/store_commands.h"

namespace oti::card {
namespace {

using iso7816::Ins;

/// Least card life cycle condition of a command (table 11-2).
enum class Usable : std::uint8_t { kAlways, kUnlessTerminated, kUnlessLocked };

using Handler = Answer (*)(Environment&, Channel&, const Application&, const CommandApdu&);

struct Command {
    Ins ins;
    bool needs_session;  ///< an authenticated host, and a MAC: nobody in between changed the command (10.4)
    Usable usable;
    Handler handler;
};

constexpr std::array kCommands{
    Command{Ins::kInitializeUpdate, false, Usable::kUnlessTerminated, initialize_update},
    Command{Ins::kExternalAuthenticate, false, Usable::kUnlessTerminated, external_authenticate},
    Command{Ins::kInternalAuthenticate, false, Usable::kUnlessTerminated, authenticate_scp11},
    Command{Ins::kPerformSecurityOperation, false, Usable::kUnlessTerminated, perform_security_operation},
    Command{Ins::kGetData, false, Usable::kAlways, get_data},
    Command{Ins::kGetDataOdd, false, Usable::kAlways, get_data},
    Command{Ins::kGetStatus, true, Usable::kUnlessTerminated, get_status},
    Command{Ins::kSetStatus, true, Usable::kUnlessTerminated, set_status},
    Command{Ins::kInstall, true, Usable::kUnlessLocked, install},
    Command{Ins::kLoad, true, Usable::kUnlessLocked, load},
    Command{Ins::kDelete, true, Usable::kUnlessLocked, delete_command},
    Command{Ins::kPutKey, true, Usable::kUnlessLocked, put_key},
    Command{Ins::kStoreData, true, Usable::kUnlessLocked, store_data},
};

bool is_usable(Usable usable, std::uint8_t card_state) {
    switch (usable) {
        case Usable::kAlways:
            return true;
        case Usable::kUnlessTerminated:
            return card_state != kCardTerminated;
        default:
            return card_state != kCardTerminated && card_state != kCardLocked;
    }
}

}  // namespace

Answer run_domain_command(Environment& environment, Channel& channel, const Application& domain,
                          const CommandApdu& command) {
    auto entry = std::ranges::find(kCommands, static_cast<Ins>(command.ins), &Command::ins);
    if (entry == kCommands.end()) return refuse(StatusWord::kInsNotSupported);
    if (entry->needs_session) {
        bool open = channel.session && channel.session->is_open();
        if (!open || !channel.session->level().authenticated || !channel.session->level().c_mac) {
            return refuse(StatusWord::kSecurityStatus);
        }
    }
    // Whoever recorded a session of SCP11c can send it again: it changes no keys and no states (Amendment F,
    // 4.6; DELETE [key] sees to itself).
    if (channel.replayable && (entry->ins == Ins::kPutKey || entry->ins == Ins::kSetStatus))
        return refuse(StatusWord::kConditionsNotSatisfied);
    if (!is_usable(entry->usable, environment.registry.card_state())) {
        return refuse(StatusWord::kConditionsNotSatisfied);
    }
    return entry->handler(environment, channel, domain, command);
}

}  // namespace oti::card
