// SPDX-License-Identifier: Apache-2.0
#include "iso7816/status_word.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "iso7816/instruction.h"

namespace oti::iso7816 {
namespace {

struct Meaning {
    std::uint16_t sw;
    std::uint8_t ins;  ///< 0: for every instruction
    std::uint8_t p1;   ///< 0: for every form of it
    std::string_view text;
    std::string_view hint = {};
};

constexpr std::uint8_t kLoad = value(Ins::kLoad), kInstall = value(Ins::kInstall),
                       kDelete = value(Ins::kDelete), kSelect = value(Ins::kSelect),
                       kPutKey = value(Ins::kPutKey), kInitUpdate = value(Ins::kInitializeUpdate),
                       kExtAuth = value(Ins::kExternalAuthenticate), kGetStatus = value(Ins::kGetStatus),
                       kSetStatus = value(Ins::kSetStatus), kStoreData = value(Ins::kStoreData),
                       kGetData = value(Ins::kGetData);
// Forms of INSTALL and SET STATUS by their P1.
constexpr std::uint8_t kForLoad = 0x02, kForInstall = 0x04, kForMakeSelectable = 0x08, kForBoth = 0x0C,
                       kForExtradition = 0x10, kForPersonalization = 0x20, kForRegistryUpdate = 0x40;
constexpr std::uint8_t kOfCard = 0x80;

constexpr std::string_view kFreeMemory =
    "delete something from the secure element, or raise the domain's quota";
constexpr std::string_view kAskRegistry = "list the card's content and compare the AIDs";
constexpr std::string_view kAidInUse =
    "the AID may be in use: list the card's content; or delete what is there first; or the domain may not do "
    "this";
constexpr std::string_view kAppletRefused =
    "the applet's install method threw an exception: check the parameters that it wants and the memory it "
    "needs";

// The specific ones stand before the general one of the same status word.
constexpr std::array kMeanings{
    Meaning{0x9000, 0, 0, "done"},
    Meaning{0x6310, 0, 0, "more data available"},
    Meaning{0x6300, kExtAuth, 0, "the card refused the host cryptogram: wrong key",
            "check the key, its version and its diversification before the card counts another failure"},
    Meaning{0x6300, 0, 0, "authentication failed"},
    Meaning{0x6283, kSelect, 0, "the card is locked", "unlock it with the keys of its issuer's domain"},
    Meaning{0x6400, kInstall, kForInstall, "the application could not be installed", kAppletRefused},
    Meaning{0x6400, kInstall, kForBoth, "the application could not be installed", kAppletRefused},
    Meaning{0x6400, 0, 0, "execution error, nothing was changed"},
    Meaning{0x6438, kInstall, 0, "the application could not be installed", kAppletRefused},
    Meaning{0x6438, kLoad, 0, "an import cannot be resolved",
            "load the missing library first, or convert against the card's versions"},
    Meaning{0x6581, 0, 0, "memory failure: the card could not write",
            "try again; if it stays so, the card is worn out"},
    Meaning{0x6700, kInitUpdate, 0, "wrong length of the host challenge",
            "a card in S16 mode wants 16 bytes, another one 8"},
    Meaning{0x6700, 0, 0, "wrong length",
            "the card may take only smaller commands: set a smaller block size"},
    Meaning{0x6881, 0, 0, "logical channel not supported or not open"},
    Meaning{0x6882, 0, 0, "secure messaging not supported"},
    Meaning{0x6883, 0, 0, "the last part of a command that came in parts is missing"},
    Meaning{0x6884, 0, 0, "this command cannot come in parts"},
    Meaning{0x6982, kExtAuth, 0, "the card does not accept this security level or the session is gone",
            "choose another security level"},
    Meaning{0x6982, kInitUpdate, 0, "the domain allows no secure channel",
            "it may be locked, or without keys of its own"},
    Meaning{0x6982, 0, 0, "security status not satisfied: no secure channel, or it was closed by an error",
            "the domain may ask for a higher security level, lack the privilege for this command, or obey "
            "another owner than the certificate names (SCP11)"},
    Meaning{0x6983, 0, 0, "authentication blocked: too many failed attempts",
            "this key version can no longer be used on this card"},
    Meaning{0x6985, kDelete, 0,
            "it is still referenced by another application or is not allowed to be deleted",
            "delete what uses it first, or it with all that is related"},
    Meaning{0x6985, kInstall, kForLoad, "the load file cannot be announced", kAidInUse},
    Meaning{0x6985, kInstall, kForInstall, "the application cannot be installed", kAidInUse},
    Meaning{0x6985, kInstall, kForBoth, "the application cannot be installed", kAidInUse},
    Meaning{0x6985, kInstall, kForMakeSelectable, "it is not in a state to be made selectable"},
    Meaning{0x6985, kInstall, kForExtradition, "the one domain does not let it go, or the other not in",
            "extradition must be allowed when a domain is created"},
    Meaning{0x6985, kInstall, kForPersonalization, "the application cannot be personalized now",
            "it must be associated with the selected domain, and selectable"},
    Meaning{0x6985, kInstall, kForRegistryUpdate, "the registry cannot be changed like this",
            "a privilege may belong to one application only, or not be revocable"},
    Meaning{0x6985, kInstall, 0,
            "not possible in this state: the AID is in use, or the domain may not do this", kAidInUse},
    Meaning{0x6985, kLoad, 0, "no INSTALL [for load] came before", "begin the installation anew"},
    Meaning{0x6985, kInitUpdate, 0, "the key set is blocked or its sequence counter is exhausted",
            "try another key version of the domain"},
    Meaning{0x6985, kSetStatus, kOfCard, "this change of the card's life cycle is not permitted",
            "the card may be in this state already, or the domain lacks the privilege (card-lock, "
            "card-terminate)"},
    Meaning{0x6985, kSetStatus, 0, "this change of life cycle is not permitted",
            "it may be in this state already; see its life cycle in the list"},
    Meaning{0x6985, kPutKey, 0, "the domain does not take this key now"},
    Meaning{0x6985, kStoreData, 0, "nobody takes these data now",
            "data for an applet must be announced to its domain first (personalization)"},
    Meaning{0x6985, 0, 0, "conditions of use not satisfied"},
    Meaning{0x6988, 0, 0, "wrong secure messaging objects: the MAC did not verify",
            "the session is over; begin anew"},
    Meaning{0x6999, 0, 0, "the application refused to be selected"},
    Meaning{
        0x6A80, kLoad, 0, "the load file is wrong: damaged, or an import is missing on the card",
        "compare what the CAP file needs with what the card has; DAP, hash or ciphering may be wrong too"},
    Meaning{0x6A80, kPutKey, 0, "wrong key data: form, length or check value",
            "the key to be replaced must be of the same type and length, and a new version not be taken"},
    Meaning{0x6A80, kInstall, kForLoad, "wrong load parameters",
            "the card may want no memory size, another hash, or a token"},
    Meaning{0x6A80, kInstall, kForInstall, "wrong parameters, or the application refused to be installed",
            kAppletRefused},
    Meaning{0x6A80, kInstall, kForBoth, "wrong parameters, or the application refused to be installed",
            kAppletRefused},
    Meaning{0x6A80, kInstall, 0, "wrong parameters, or the application refused to be installed"},
    Meaning{0x6A80, kDelete, 0, "wrong object to delete"},
    Meaning{0x6A80, kStoreData, 0, "the data are not of a form that the receiver takes"},
    Meaning{0x6A80, kInitUpdate, 0, "wrong host challenge"},
    Meaning{0x6A80, 0, 0, "wrong data"},
    Meaning{0x6A81, kSelect, 0, "the card is locked, or selection is not supported",
            "see the card's life cycle"},
    Meaning{0x6A81, 0, 0, "function not supported"},
    Meaning{0x6A82, kSelect, 0, "no such application, or it is not selectable", kAskRegistry},
    Meaning{0x6A82, 0, 0, "application not found", kAskRegistry},
    Meaning{0x6A84, 0, 0, "not enough memory on the card", kFreeMemory},
    Meaning{0x6A86, kInitUpdate, 0, "the domain has no key of this version or identifier"},
    Meaning{0x6A86, kInstall, 0, "this form of INSTALL, or its length, is not supported"},
    Meaning{0x6A86, 0, 0, "incorrect P1 or P2"},
    Meaning{0x6A88, kInitUpdate, 0, "no key of this version in the selected domain",
            "see the versions that the card tells of (info), or let the card choose with version 0"},
    Meaning{0x6A88, kPutKey, 0, "the key version to be replaced does not exist", "add it instead"},
    Meaning{0x6A88, kGetStatus, 0, "no entry matches"},
    Meaning{0x6A88, kGetData, 0, "the card has no such data object"},
    Meaning{0x6A88, kDelete, 0, "there is no such object to delete", kAskRegistry},
    Meaning{0x6A88, kInstall, 0, "the load file, module, application or domain is not there", kAskRegistry},
    Meaning{0x6A88, kSetStatus, 0, "there is no such application or domain", kAskRegistry},
    Meaning{0x6A88, 0, 0, "referenced data not found"},
    Meaning{0x6B00, 0, 0, "wrong P1 or P2"},
    Meaning{0x6D00, 0, 0, "instruction not supported",
            "what is selected is no security domain, or the card cannot do this"},
    Meaning{0x6E00, 0, 0, "class not supported",
            "what is selected is no security domain, or the card cannot do this"},
    Meaning{0x6F00, kInstall, 0, "no precise diagnosis", kAppletRefused},
    Meaning{0x6F00, 0, 0, "no precise diagnosis"},
    Meaning{0x9484, 0, 0, "algorithm not supported"},
    Meaning{0x9485, 0, 0, "invalid key check value"},
};

const Meaning* look_up(StatusWord sw, std::uint8_t ins, std::uint8_t p1) {
    for (const auto& entry : kMeanings) {
        bool fits = entry.sw == value(sw) && (entry.ins == 0 || entry.ins == ins) &&
                    (entry.p1 == 0 || entry.p1 == p1);
        if (fits) return &entry;
    }
    return nullptr;
}

struct Name {
    Ins ins;
    std::string_view text;
};

constexpr std::array kNames{
    Name{Ins::kInitializeUpdate, "INITIALIZE UPDATE"},
    Name{Ins::kPerformSecurityOperation, "PERFORM SECURITY OPERATION"},
    Name{Ins::kManageChannel, "MANAGE CHANNEL"},
    Name{Ins::kExternalAuthenticate, "EXTERNAL AUTHENTICATE"},
    Name{Ins::kInternalAuthenticate, "INTERNAL AUTHENTICATE"},
    Name{Ins::kSelect, "SELECT"},
    Name{Ins::kGetResponse, "GET RESPONSE"},
    Name{Ins::kGetData, "GET DATA"},
    Name{Ins::kGetDataOdd, "GET DATA"},
    Name{Ins::kPutKey, "PUT KEY"},
    Name{Ins::kStoreData, "STORE DATA"},
    Name{Ins::kDelete, "DELETE"},
    Name{Ins::kInstall, "INSTALL"},
    Name{Ins::kLoad, "LOAD"},
    Name{Ins::kSetStatus, "SET STATUS"},
    Name{Ins::kGetStatus, "GET STATUS"},
};

}  // namespace

std::string meaning(StatusWord sw, std::uint8_t ins, std::uint8_t p1) {
    if (const auto* known = look_up(sw, ins, p1)) return std::string(known->text);
    if (value(sw) >> 8 == 0x61) return fmt::format("{} more bytes available", value(sw) & 0xFF);
    if (value(sw) >> 4 == 0x63C) return fmt::format("refused, {} more tries are left", value(sw) & 0x0F);
    if (value(sw) >> 8 == 0x6C) return fmt::format("wrong Le, {} bytes are available", value(sw) & 0xFF);
    return "a status that the standards leave to the card";
}

std::string hint(StatusWord sw, std::uint8_t ins, std::uint8_t p1) {
    const auto* known = look_up(sw, ins, p1);
    return known == nullptr ? std::string() : std::string(known->hint);
}

std::string_view name(std::uint8_t ins) {
    for (const auto& entry : kNames) {
        if (value(entry.ins) == ins) return entry.text;
    }
    return "command";
}

}  // namespace oti::iso7816
