// SPDX-License-Identifier: Apache-2.0
#include "cap/well_known.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace oti::cap {
namespace {

struct Known {
    std::string_view aid;
    std::string_view name;
};

/// As the packages' export files say: the Java Card development kits, GlobalPlatform's exports, ETSI TS 102
/// 241 and 102 705, 3GPP TS 31.130, 31.133 and 43.019. Sorted by AID.
constexpr std::array kKnown = {
    Known{"A0000000030000", "visa.openplatform"},
    Known{"A0000000090003FFFFFFFF8910710001", "sim.access"},
    Known{"A0000000090003FFFFFFFF8910710002", "sim.toolkit"},
    Known{"A0000000090005FFFFFFFF8911000000", "uicc.access"},
    Known{"A0000000090005FFFFFFFF8911010000", "uicc.access.fileadministration"},
    Known{"A0000000090005FFFFFFFF8912000000", "uicc.toolkit"},
    Known{"A0000000090005FFFFFFFF8913000000", "uicc.system"},
    Known{"A0000000090005FFFFFFFF8916010000", "uicc.hci.framework"},
    Known{"A0000000090005FFFFFFFF8916020100", "uicc.hci.services.cardemulation"},
    Known{"A0000000090005FFFFFFFF8916020200", "uicc.hci.services.connectivity"},
    Known{"A0000000620001", "java.lang"},
    Known{"A0000000620002", "java.io"},
    Known{"A0000000620003", "java.rmi"},
    Known{"A0000000620101", "javacard.framework"},
    Known{"A000000062010101", "javacard.framework.service"},
    Known{"A0000000620102", "javacard.security"},
    Known{"A0000000620201", "javacardx.crypto"},
    Known{"A0000000620202", "javacardx.biometry"},
    Known{"A0000000620203", "javacardx.external"},
    Known{"A0000000620204", "javacardx.biometry1toN"},
    Known{"A0000000620205", "javacardx.security"},
    Known{"A000000062020501", "javacardx.security.cert"},
    Known{"A000000062020502", "javacardx.security.derivation"},
    Known{"A000000062020503", "javacardx.security.util"},
    Known{"A000000062020801", "javacardx.framework.util"},
    Known{"A00000006202080101", "javacardx.framework.util.intx"},
    Known{"A000000062020802", "javacardx.framework.math"},
    Known{"A000000062020803", "javacardx.framework.tlv"},
    Known{"A000000062020804", "javacardx.framework.string"},
    Known{"A000000062020805", "javacardx.framework.event"},
    Known{"A000000062020806", "javacardx.framework.nio"},
    Known{"A000000062020807", "javacardx.framework.time"},
    Known{"A0000000620209", "javacardx.apdu"},
    Known{"A000000062020901", "javacardx.apdu.util"},
    Known{"A0000000871005FFFFFFFF8913100000", "uicc.usim.access"},
    Known{"A0000000871005FFFFFFFF8913200000", "uicc.usim.toolkit"},
    Known{"A0000000871005FFFFFFFF8913300000", "uicc.usim.geolocation"},
    Known{"A0000000871005FFFFFFFF8913400000", "uicc.usim.suci"},
    Known{"A0000000871005FFFFFFFF8914100000", "uicc.isim.access"},
    Known{"A00000015100", "org.globalplatform"},
    Known{"A000000151000000", "issuer security domain"},
    Known{"A00000015102", "org.globalplatform.contactless"},
    Known{"A00000015103", "org.globalplatform.securechannel"},
    Known{"A00000015104", "org.globalplatform.securechannel.provider"},
    Known{"A00000015105", "org.globalplatform.privacy"},
    Known{"A00000015106", "org.globalplatform.filesystem"},
    Known{"A00000015107", "org.globalplatform.upgrade"},
    Known{"A0000001515350", "security domain package"},
    Known{"A000000151535041", "security domain module"},
};
static_assert(std::ranges::is_sorted(kKnown, {}, &Known::aid));

std::string text_of(Version version) {
    return fmt::format("{}.{}", version.major, version.minor);
}

/// The import for an error text, with the version that is there instead.
std::string explain(const Import& import, std::span<const AvailablePackage> available) {
    auto text = fmt::format("{} {}", describe(import.aid), text_of(import.version));
    auto other = std::ranges::find(available, import.aid, &AvailablePackage::aid);
    if (other != available.end()) text += fmt::format(" (the card has {})", text_of(other->version));
    return text;
}

}  // namespace

std::string describe(const iso7816::Aid& aid) {
    auto hex = aid.hex();
    auto known = std::ranges::lower_bound(kKnown, std::string_view(hex), {}, &Known::aid);
    if (known == kKnown.end() || known->aid != hex) return hex;
    return fmt::format("{} ({})", hex, known->name);
}

std::vector<Import> missing_imports(std::span<const Import> imports,
                                    std::span<const AvailablePackage> available) {
    std::vector<Import> missing;
    for (const auto& import : imports) {
        bool satisfied = std::ranges::any_of(available, [&](const AvailablePackage& there) {
            return there.aid == import.aid && there.version.major == import.version.major &&
                   there.version.minor >= import.version.minor;
        });
        if (!satisfied) missing.push_back(import);
    }
    return missing;
}

Status require_imports(std::span<const Import> imports, std::span<const AvailablePackage> available) {
    auto missing = missing_imports(imports, available);
    if (missing.empty()) return {};
    std::string list;
    for (const auto& import : missing) {
        if (!list.empty()) list += ", ";
        list += explain(import, available);
    }
    return fail(ErrorKind::kPolicy, "cap.missing_import",
                fmt::format("packages are needed that the card does not have: {}", list),
                "convert the applet against the versions that the card has, or load the library first");
}

}  // namespace oti::cap
