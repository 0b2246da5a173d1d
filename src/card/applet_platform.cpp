// SPDX-License-Identifier: Apache-2.0
#include "card/applet_platform.h"

#include <algorithm>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "card/class_byte.h"
#include "card/domain_commands.h"
#include "card/secure_channel_commands.h"

namespace oti::card {
namespace {

using iso7816::Ins;

/// Security levels (GPCS 2.3.1, table 10-1).
constexpr std::uint8_t kAuthenticated = 0x80, kAnyAuthenticated = 0x40, kREncryption = 0x20, kRMac = 0x10,
                       kCDecryption = 0x02, kCMac = 0x01;
/// The part of a service's name that says which family it is of (8.1.3).
constexpr std::uint16_t kFamily = 0xFF00;

std::unexpected<std::uint16_t> no(StatusWord sw) {
    return std::unexpected(value(sw));
}

std::vector<std::uint16_t> names_in(BytesView list) {
    std::vector<std::uint16_t> names;
    for (std::size_t at = 0; at + 1 < list.size(); at += 2)
        names.push_back(static_cast<std::uint16_t>(list[at] << 8 | list[at + 1]));
    return names;
}

/// Whether a service, or the family that it is of, is in the list.
bool covers(BytesView list, std::uint16_t name) {
    return std::ranges::any_of(names_in(list),
                               [&](auto listed) { return listed == name || listed == (name & kFamily); });
}

}  // namespace

std::uint8_t AppletPlatform::card_state() const {
    return environment_.registry.card_state();
}

void AppletPlatform::set_card_state(std::uint8_t state) {
    environment_.registry.set_card_state(state);
}

bool AppletPlatform::set_historical_bytes(BytesView) {
    return false;  // the profile has them
}

std::optional<javacard::RegistryEntry> AppletPlatform::registry_entry(const Aid& application) const {
    auto entry = environment_.registry.application(application);
    if (!entry) return std::nullopt;
    return javacard::RegistryEntry{entry->life_cycle, entry->privileges.bits(), entry->security_domain,
                                   entry->is_issuer_domain()};
}

void AppletPlatform::set_state(const Aid& application, std::uint8_t state) {
    auto entry = environment_.registry.application(application);
    if (!entry) return;
    entry->life_cycle = state;
    environment_.registry.put(*entry);
}

// ---- Global services ----

bool AppletPlatform::register_service(const Aid& server, std::uint16_t name) {
    auto entry = environment_.registry.application(server);
    if (!entry || !covers(entry->services, name)) return false;
    for (const auto& other : environment_.registry.applications()) {
        auto registered = names_in(other.registered_services);
        if (std::ranges::find(registered, name) != registered.end()) return false;
    }
    append(entry->registered_services, ByteWriter().u16(name).take());
    environment_.registry.put(*entry);
    return true;
}

bool AppletPlatform::deregister_service(const Aid& server, std::uint16_t name) {
    auto entry = environment_.registry.application(server);
    if (!entry) return false;
    auto names = names_in(entry->registered_services);
    if (std::erase(names, name) == 0) return false;
    ByteWriter left;
    for (auto other : names) left.u16(other);
    entry->registered_services = left.take();
    environment_.registry.put(*entry);
    return true;
}

std::optional<Aid> AppletPlatform::find_service(std::uint16_t name, const std::optional<Aid>& server) const {
    for (const auto& entry : environment_.registry.applications()) {
        if (server && entry.aid != *server) continue;
        if (!entry.is_locked() && covers(entry.registered_services, name)) return entry.aid;
    }
    return std::nullopt;
}

// ---- The secure channel ----

bool AppletPlatform::has_session() const {
    return channel_ != nullptr && channel_->session && channel_->session->is_open();
}

javacard::Platform::Answer AppletPlatform::process_security(const Aid& applet, BytesView bytes) {
    if (channel_ == nullptr) return no(StatusWord::kConditionsNotSatisfied);
    auto command = CommandApdu::parse(bytes);
    if (!command) return no(StatusWord::kWrongLength);
    constexpr std::array kSecurity{Ins::kInitializeUpdate, Ins::kExternalAuthenticate,
                                   Ins::kInternalAuthenticate, Ins::kPerformSecurityOperation};
    if (std::ranges::find(kSecurity, static_cast<Ins>(command->ins)) == kSecurity.end())
        return no(StatusWord::kInsNotSupported);
    auto entry = environment_.registry.application(applet);
    auto domain = entry ? environment_.registry.application(entry->security_domain) : std::nullopt;
    if (!domain || domain->is_locked()) return no(StatusWord::kConditionsNotSatisfied);
    command->cla = on_basic_channel(command->cla);
    auto answer = run_domain_command(environment_, *channel_, *domain, *command);
    if (!answer) return no(answer.error());
    return std::move(answer->data);
}

javacard::Platform::Answer AppletPlatform::unwrap(const Aid&, BytesView bytes) {
    if (!has_session() || !channel_->session->level().c_mac) return to_bytes(bytes);
    auto command = CommandApdu::parse(bytes);
    if (!command) return no(StatusWord::kWrongLength);
    auto channel = iso7816::channel_of(command->cla);
    command->cla = on_basic_channel(command->cla);
    auto plain = channel_->session->unwrap(*command);
    if (!plain) return no(plain.error());
    // With Lc, without Le.
    ByteWriter apdu;
    apdu.u8(iso7816::with_channel(plain->cla, channel)).u8(plain->ins).u8(plain->p1).u8(plain->p2);
    return apdu.lv(plain->data).take();
}

javacard::Platform::Answer AppletPlatform::wrap(const Aid&, BytesView bytes) {
    bool protects = has_session() && channel_->session->level().r_mac;
    if (!protects) return to_bytes(bytes);
    auto response = iso7816::ResponseApdu::parse(bytes);
    if (!response) return no(StatusWord::kWrongLength);
    auto wrapped = iso7816::ResponseApdu::parse(channel_->session->wrap(*response));
    if (!wrapped) return no(StatusWord::kNoPreciseDiagnosis);
    return std::move(wrapped->data);
}

javacard::Platform::Answer AppletPlatform::decrypt_data(const Aid&, BytesView data) {
    if (!has_session()) return no(StatusWord::kConditionsNotSatisfied);
    auto plain = channel_->session->decrypt_sensitive(data);
    if (!plain) return no(plain.error());
    return to_bytes(plain->view(crypto::SecretAccess::granted()));
}

javacard::Platform::Answer AppletPlatform::encrypt_data(const Aid&, BytesView data) {
    if (!has_session()) return no(StatusWord::kConditionsNotSatisfied);
    auto encrypted = channel_->session->encrypt_sensitive(data);
    if (!encrypted) return no(encrypted.error());
    return std::move(*encrypted);
}

void AppletPlatform::reset_security(const Aid&) {
    if (channel_ != nullptr) end_session(*channel_);
}

std::uint8_t AppletPlatform::security_level(const Aid&) const {
    if (!has_session()) return 0;
    auto level = channel_->session->level();
    unsigned bits = (level.authenticated ? kAuthenticated : 0U) |
                    (level.any_authenticated ? kAnyAuthenticated : 0U) | (level.c_mac ? kCMac : 0U) |
                    (level.c_decryption ? kCDecryption : 0U) | (level.r_mac ? kRMac : 0U) |
                    (level.r_encryption ? kREncryption : 0U);
    return static_cast<std::uint8_t>(bits);
}

std::uint16_t AppletPlatform::set_security_level(const Aid& applet, std::uint8_t level) {
    return value(level == security_level(applet) ? StatusWord::kOk : StatusWord::kConditionsNotSatisfied);
}

}  // namespace oti::card
