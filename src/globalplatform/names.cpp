// SPDX-License-Identifier: Apache-2.0
#include "globalplatform/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/hex.h"

namespace oti::globalplatform {
namespace {

/// Table 6-1: the number of a privilege is its bit, the first byte's highest first.
constexpr std::array<std::string_view, 20> kPrivileges{"security-domain",
                                                       "dap-verification",
                                                       "delegated-management",
                                                       "card-lock",
                                                       "card-terminate",
                                                       "card-reset",
                                                       "cvm-management",
                                                       "mandated-dap-verification",
                                                       "trusted-path",
                                                       "authorized-management",
                                                       "token-verification",
                                                       "global-delete",
                                                       "global-lock",
                                                       "global-registry",
                                                       "final-application",
                                                       "global-service",
                                                       "receipt-generation",
                                                       "ciphered-load-file-data-block",
                                                       "contactless-activation",
                                                       "contactless-self-activation"};

constexpr std::uint8_t kLockedBit = 0x80;
constexpr std::uint8_t kInstalledBits = 0x03, kSelectableBits = 0x07, kPersonalizedBits = 0x0F;

struct Named {
    std::uint8_t value;
    std::string_view name;
};

constexpr std::array kCardStates{Named{0x01, "OP_READY"}, Named{0x07, "INITIALIZED"}, Named{0x0F, "SECURED"},
                                 Named{0x7F, "CARD_LOCKED"}, Named{0xFF, "TERMINATED"}};

constexpr std::array kKeyTypes{
    Named{0x80, "triple DES"},
    Named{0x81, "triple DES"},
    Named{0x82, "triple DES in CBC mode"},
    Named{0x83, "DES in ECB mode"},
    Named{0x84, "DES in CBC mode"},
    Named{0x85, "pre-shared key for TLS"},
    Named{0x88, "AES"},
    Named{0x90, "HMAC-SHA1"},
    Named{0x91, "HMAC-SHA1-160"},
    Named{0xA0, "RSA public exponent"},
    Named{0xA1, "RSA public modulus"},
    Named{0xA2, "RSA private modulus"},
    Named{0xA3, "RSA private exponent"},
    Named{0xA4, "RSA private P"},
    Named{0xA5, "RSA private Q"},
    Named{0xA6, "RSA private PQ"},
    Named{0xA7, "RSA private DP1"},
    Named{0xA8, "RSA private DQ1"},
    Named{0xB0, "EC public key"},
    Named{0xB1, "EC private key"},
    Named{0xB2, "EC field parameter P"},
    Named{0xB3, "EC field parameter A"},
    Named{0xB4, "EC field parameter B"},
    Named{0xB5, "EC generator"},
    Named{0xB6, "EC order"},
    Named{0xB7, "EC cofactor"},
    Named{0xF0, "EC parameters reference"},
};

template <typename Table>
std::string look_up(const Table& table, std::uint8_t value) {
    auto found = std::ranges::find(table, value, &Named::value);
    return found == table.end() ? fmt::format("{:02X}", value) : std::string(found->name);
}

bool has_privilege(const Privileges& privileges, std::size_t number) {
    return (privileges[number / 8] & (0x80U >> number % 8)) != 0;
}

/// Of INSTALL what P1 says (table 11-41).
std::string install_forms(std::uint8_t p1) {
    constexpr std::array<std::string_view, 7> kForms{
        "", "load", "install", "make selectable", "extradition", "personalization", "registry update"};
    std::vector<std::string_view> forms;
    for (std::size_t bit = 1; bit < kForms.size(); ++bit) {
        if ((p1 >> bit & 1U) != 0) forms.push_back(kForms[bit]);
    }
    return fmt::format(" [for {}]", fmt::join(forms, " and "));
}

std::string_view status_element(std::uint8_t p1) {
    switch (p1) {
        case 0x80:
            return " [issuer's domain]";
        case 0x40:
            return " [applications]";
        case 0x20:
            return " [load files]";
        case 0x10:
            return " [load files and modules]";
        default:
            return "";
    }
}

}  // namespace

std::string card_life_cycle(std::uint8_t state) {
    return look_up(kCardStates, state);
}

std::string life_cycle_of(const ApplicationEntry& entry) {
    auto unlocked = static_cast<std::uint8_t>(entry.life_cycle & ~kLockedBit);
    auto named = [&]() -> std::string {
        if (unlocked == kInstalledBits) return "installed";
        if (unlocked == kSelectableBits) return "selectable";
        if (entry.is_security_domain() && unlocked == kPersonalizedBits) return "personalized";
        // Bits 4 to 7 of a selectable application are its own (table 11-4).
        if ((unlocked & kSelectableBits) == kSelectableBits) {
            return fmt::format("selectable, its own state {:02X}", unlocked);
        }
        return fmt::format("{:02X}", unlocked);
    }();
    return unlocked == entry.life_cycle ? named : "locked (was " + named + ")";
}

std::string load_file_life_cycle(std::uint8_t state) {
    return state == 0x01 ? "loaded" : fmt::format("{:02X}", state);
}

std::vector<std::string> names_of(const Privileges& privileges) {
    std::vector<std::string> names;
    for (std::size_t number = 0; number < privileges.size() * 8; ++number) {
        if (!has_privilege(privileges, number)) continue;
        names.push_back(number < kPrivileges.size() ? std::string(kPrivileges[number])
                                                    : fmt::format("privilege-{}", number));
    }
    return names;
}

Result<Privileges> parse_privileges(std::string_view text) {
    Privileges privileges{};
    if (auto bytes = parse_hex(text); bytes && (bytes->size() == 1 || bytes->size() == 3)) {
        std::ranges::copy(*bytes, privileges.begin());
        return privileges;
    }
    while (!text.empty()) {
        auto comma = text.find(',');
        auto name = text.substr(0, comma);
        text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
        auto found = std::ranges::find(kPrivileges, name);
        if (found == kPrivileges.end()) {
            return fail(ErrorKind::kUsage, "privileges.unknown", fmt::format("no privilege '{}'", name),
                        "privileges are " + all_privilege_names() + "; or 1 or 3 bytes in hexadecimal");
        }
        auto number = static_cast<std::size_t>(found - kPrivileges.begin());
        privileges[number / 8] = static_cast<std::uint8_t>(privileges[number / 8] | 0x80U >> number % 8);
    }
    return privileges;
}

std::string all_privilege_names() {
    return fmt::format("{}", fmt::join(kPrivileges, ", "));
}

std::string implicit_selection_name(std::uint8_t parameter) {
    std::vector<std::string_view> interfaces;
    if ((parameter & 0x40) != 0) interfaces.emplace_back("contact");
    if ((parameter & 0x80) != 0) interfaces.emplace_back("contactless");
    if (interfaces.empty()) return "only by name";
    return fmt::format("{}, logical channel {}", fmt::join(interfaces, " and "), parameter & 0x1F);
}

std::string key_type_name(std::uint8_t type) {
    return look_up(kKeyTypes, type);
}

std::string key_version_purpose(std::uint8_t version) {
    if (version >= 0x01 && version <= 0x0F) return "SCP80";
    if (version >= 0x20 && version <= 0x2F) return "SCP02";
    if (version >= 0x30 && version <= 0x3F) return "SCP03";
    if (version == 0x70) return "token verification";
    if (version == 0x71) return "receipt generation";
    if (version == 0x73) return "DAP verification";
    if (version == 0x74) return "confidential card content management";
    if (version == 0x75) return "ciphered load files";
    if (version >= 0x81 && version <= 0x8F) return "SCP81";
    if (version == 0xFF) return "initial keys";
    return {};
}

std::string command_name(const iso7816::CommandApdu& command) {
    using iso7816::Ins;
    std::string name(iso7816::name(command.ins));
    if (command.ins == value(Ins::kInstall)) return name + install_forms(command.p1);
    if (command.ins == value(Ins::kGetStatus)) return name + std::string(status_element(command.p1));
    if (command.ins == value(Ins::kGetData))
        return fmt::format("{} {:02X}{:02X}", name, command.p1, command.p2);
    return name;
}

}  // namespace oti::globalplatform
