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
    std::string_view text;
};

constexpr std::uint8_t kLoad = value(Ins::kLoad), kInstall = value(Ins::kInstall),
                       kDelete = value(Ins::kDelete), kSelect = value(Ins::kSelect),
                       kPutKey = value(Ins::kPutKey), kInitUpdate = value(Ins::kInitializeUpdate),
                       kExtAuth = value(Ins::kExternalAuthenticate), kGetStatus = value(Ins::kGetStatus),
                       kSetStatus = value(Ins::kSetStatus);

// The specific ones stand before the general one of the same status word.
constexpr std::array kMeanings{
    Meaning{0x9000, 0, "done"},
    Meaning{0x6310, 0, "more data available"},
    Meaning{0x6300, kExtAuth, "the card refused the host cryptogram: wrong key"},
    Meaning{0x6300, 0, "authentication failed"},
    Meaning{0x6283, kSelect, "the card is locked"},
    Meaning{0x6400, 0, "execution error, nothing was changed"},
    Meaning{0x6581, 0, "memory failure: the card could not write"},
    Meaning{0x6700, 0, "wrong length"},
    Meaning{0x6881, 0, "logical channel not supported or not open"},
    Meaning{0x6882, 0, "secure messaging not supported"},
    Meaning{0x6982, kExtAuth, "the card does not accept this security level or the session is gone"},
    Meaning{0x6982, 0, "security status not satisfied: no secure channel, or it was closed by an error"},
    Meaning{0x6983, 0, "authentication blocked: too many failed attempts"},
    Meaning{0x6985, kDelete, "it is still referenced by another application or is not allowed to be deleted"},
    Meaning{0x6985, kInstall, "not possible in this state: the AID is in use, or the domain may not do this"},
    Meaning{0x6985, kLoad, "no INSTALL [for load] came before"},
    Meaning{0x6985, kInitUpdate, "the key set is blocked or its sequence counter is exhausted"},
    Meaning{0x6985, kSetStatus, "this change of life cycle is not permitted"},
    Meaning{0x6985, 0, "conditions of use not satisfied"},
    Meaning{0x6988, 0, "wrong secure messaging objects: the MAC did not verify"},
    Meaning{0x6999, 0, "the application refused to be selected"},
    Meaning{0x6A80, kLoad, "the load file is wrong: damaged, or an import is missing on the card"},
    Meaning{0x6A80, kPutKey, "wrong key data: form, length or check value"},
    Meaning{0x6A80, kInstall, "wrong parameters, or the application refused to be installed"},
    Meaning{0x6A80, 0, "wrong data"},
    Meaning{0x6A81, 0, "function not supported"},
    Meaning{0x6A82, kSelect, "no such application, or it is not selectable"},
    Meaning{0x6A82, 0, "application not found"},
    Meaning{0x6A84, 0, "not enough memory on the card"},
    Meaning{0x6A86, 0, "incorrect P1 or P2"},
    Meaning{0x6A88, kInitUpdate, "no key of this version in the selected domain"},
    Meaning{0x6A88, kPutKey, "the key version to be replaced does not exist"},
    Meaning{0x6A88, kGetStatus, "no entry matches"},
    Meaning{0x6A88, kDelete, "there is no such object to delete"},
    Meaning{0x6A88, 0, "referenced data not found"},
    Meaning{0x6B00, 0, "wrong P1 or P2"},
    Meaning{0x6D00, 0, "instruction not supported"},
    Meaning{0x6E00, 0, "class not supported"},
    Meaning{0x6F00, 0, "no precise diagnosis"},
};

struct Name {
    Ins ins;
    std::string_view text;
};

constexpr std::array kNames{
    Name{Ins::kInitializeUpdate, "INITIALIZE UPDATE"},
    Name{Ins::kManageChannel, "MANAGE CHANNEL"},
    Name{Ins::kExternalAuthenticate, "EXTERNAL AUTHENTICATE"},
    Name{Ins::kSelect, "SELECT"},
    Name{Ins::kGetResponse, "GET RESPONSE"},
    Name{Ins::kGetData, "GET DATA"},
    Name{Ins::kPutKey, "PUT KEY"},
    Name{Ins::kStoreData, "STORE DATA"},
    Name{Ins::kDelete, "DELETE"},
    Name{Ins::kInstall, "INSTALL"},
    Name{Ins::kLoad, "LOAD"},
    Name{Ins::kSetStatus, "SET STATUS"},
    Name{Ins::kGetStatus, "GET STATUS"},
};

}  // namespace

std::string meaning(StatusWord sw, std::uint8_t ins) {
    for (const auto& entry : kMeanings) {
        if (entry.sw == value(sw) && (entry.ins == 0 || entry.ins == ins)) return std::string(entry.text);
    }
    if (value(sw) >> 8 == 0x61) return fmt::format("{} more bytes available", value(sw) & 0xFF);
    if (value(sw) >> 8 == 0x6C) return fmt::format("wrong Le, {} bytes are available", value(sw) & 0xFF);
    return "a status that the standards leave to the card";
}

std::string_view name(std::uint8_t ins) {
    for (const auto& entry : kNames) {
        if (value(entry.ins) == ins) return entry.text;
    }
    return "command";
}

}  // namespace oti::iso7816
