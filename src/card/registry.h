// SPDX-License-Identifier: Apache-2.0
// The GlobalPlatform Registry (GPCS 2.3.1, 6.6), as the card keeps it in its non-volatile memory.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "base/tlv.h"
#include "cap/package.h"
#include "card/nvm.h"
#include "iso7816/aid.h"

namespace oti::card {

using iso7816::Aid;

/// Privileges, table 6-1: first byte in the highest position.
enum class Privilege : std::uint32_t {
    kSecurityDomain = 0x800000,
    kDapVerification = 0x400000,
    kDelegatedManagement = 0x200000,
    kCardLock = 0x100000,
    kCardTerminate = 0x080000,
    kCardReset = 0x040000,
    kCvmManagement = 0x020000,
    kMandatedDapVerification = 0x010000,
    kTrustedPath = 0x008000,
    kAuthorizedManagement = 0x004000,
    kTokenVerification = 0x002000,
    kGlobalDelete = 0x001000,
    kGlobalLock = 0x000800,
    kGlobalRegistry = 0x000400,
    kFinalApplication = 0x000200,
    kGlobalService = 0x000100,
    kReceiptGeneration = 0x000080,
    kCipheredLoadFileDataBlock = 0x000040,
    kContactlessActivation = 0x000020,
    kContactlessSelfActivation = 0x000010,
};

/// Three bytes of privileges as a number.
class PrivilegeSet {
  public:
    PrivilegeSet() = default;
    explicit PrivilegeSet(std::uint32_t bits) : bits_(bits) {}
    bool has(Privilege privilege) const { return (bits_ & static_cast<std::uint32_t>(privilege)) != 0; }
    bool none() const { return bits_ == 0; }
    PrivilegeSet with(Privilege privilege) const {
        return PrivilegeSet(bits_ | static_cast<std::uint32_t>(privilege));
    }
    PrivilegeSet without(Privilege privilege) const {
        return PrivilegeSet(bits_ & ~static_cast<std::uint32_t>(privilege));
    }
    std::uint32_t bits() const { return bits_; }

  private:
    std::uint32_t bits_ = 0;
};

/// Life cycle states (GPCS 2.3.1, tables 11-3 to 11-6).
enum class LifeCycle : std::uint8_t {
    kLoaded = 0x01,  ///< a load file
    kInstalled = 0x03,
    kSelectable = 0x07,
    kPersonalized = 0x0F,  ///< a security domain with keys of its own
};
inline constexpr std::uint8_t kLocked = 0x80;  ///< of an application or domain, with the state it had
inline constexpr std::uint8_t kCardOpReady = 0x01, kCardInitialized = 0x07, kCardSecured = 0x0F,
                              kCardLocked = 0x7F, kCardTerminated = 0xFF;

/// Memory in bytes that an instance was promised (reserved) and may use at most (quota); of a domain with all
/// that is associated with it (9.7).
struct MemoryLimits {
    std::optional<std::uint32_t> volatile_reserved;
    std::optional<std::uint32_t> volatile_quota;
    std::optional<std::uint32_t> nonvolatile_reserved;
    std::optional<std::uint32_t> nonvolatile_quota;
};

/// Implicit selection parameter (table 11-15): interfaces, and the number of the logical channel.
inline constexpr std::uint8_t kContactlessInterface = 0x80, kContactInterface = 0x40, kChannelNumber = 0x1F;

/// An instance: an application or a security domain.
struct Application {
    Aid aid;
    std::uint8_t life_cycle = 0;
    PrivilegeSet privileges;
    Aid load_file;
    Aid module;
    Aid security_domain;       ///< the issuer's domain has itself
    std::uint8_t scp03_i = 0;  ///< of a security domain
    Bytes parameters = {};     ///< C9 as it was installed with; of a domain: TLVs (UICC Configuration 4.3.2)
    Bytes provider = {};       ///< Application Provider identifier, 5F20
    Bytes implicit_selections = {};  ///< CF, each one byte (table 11-15)
    Bytes services = {};             ///< CB, each two bytes (8.1.3)
    Bytes uicc_parameters = {};  ///< CA and EA as objects, for whoever runs toolkit applications (TS 102 226)
    MemoryLimits memory = {};
    Bytes registered_services = {};  ///< names, each two bytes (8.1.3), of those in `services`
    std::uint8_t restrictions = 0;   ///< of a domain: functions that are disabled for good (table 11-53)
    bool is_issuer = false;          ///< set when it is read

    bool is_security_domain() const { return privileges.has(Privilege::kSecurityDomain); }
    bool is_locked() const { return (life_cycle & kLocked) != 0; }
    bool is_issuer_domain() const { return is_issuer; }
    /// Of a domain: whether it is in use (5.3.2.3); the issuer's is in any state.
    bool is_personalized() const {
        return is_issuer || life_cycle == static_cast<std::uint8_t>(LifeCycle::kPersonalized);
    }
    /// Whether it may load, install and delete without asking.
    bool may_manage_content() const {
        return is_issuer_domain() || privileges.has(Privilege::kAuthorizedManagement);
    }
};

/// An executable load file: a package.
struct LoadFile {
    Aid aid;
    cap::Version version;
    Aid security_domain;
    std::vector<Aid> modules;
    std::vector<cap::Import> imports;
    bool preloaded = false;  ///< part of the card, cannot be deleted
    Bytes provider = {};     ///< Application Provider identifier, 5F20
};

class Registry {
  public:
    explicit Registry(Nvm& nvm) : nvm_(&nvm) {}

    std::optional<Application> application(const Aid& aid) const;
    std::optional<LoadFile> load_file(const Aid& aid) const;
    /// In the order of their AIDs, the issuer's domain first.
    std::vector<Application> applications() const;
    std::vector<LoadFile> load_files() const;
    bool contains(const Aid& aid) const { return application(aid) || load_file(aid); }

    void put(const Application& entry);
    void put(const LoadFile& entry);
    /// The load file data block, for whoever runs it.
    void put_code(const Aid& load_file, Bytes block);
    std::optional<BytesView> code(const Aid& load_file) const;
    void erase_application(const Aid& aid);
    void erase_load_file(const Aid& aid);

    /// What STORE DATA put into a domain, by tag.
    std::optional<BytesView> data_object(const Aid& domain, Tag tag) const;
    void put_data_object(const Aid& domain, Tag tag, BytesView value);
    void erase_data_objects(const Aid& domain);
    void move_data_objects(const Aid& from, const Aid& to);

    /// The AID of the issuer's domain.
    Aid issuer() const;
    void set_issuer(const Aid& aid);
    std::uint8_t card_state() const;
    void set_card_state(std::uint8_t state);

    /// Functions of the OPEN that are disabled for good (table 11-53).
    std::uint8_t restrictions() const;
    void set_restrictions(std::uint8_t bits);
    /// Of the next receipt that the domain makes (C.5).
    std::uint16_t confirmation_counter(const Aid& domain) const;
    void set_confirmation_counter(const Aid& domain, std::uint16_t counter);

    /// Who is selected on the basic channel after a reset: the application with the Card Reset privilege;
    /// with the Final Application privilege while the former is locked, and if the card is locked or
    /// terminated.
    Aid default_selected() const;
    /// Who is selected on a channel that opens, over the contact interface (6.4.1, 6.4.2): whoever was given
    /// it by CF and can be selected; the Final Application instead of him while he is locked. Nobody was:
    /// whoever was given the basic channel, and there `default_selected()`.
    Aid implicitly_selected(std::uint8_t channel) const;
    /// The only one with the privilege; the issuer's domain if there is none.
    Application holder_of(Privilege privilege) const;

    /// Whether `aid` belongs to `domain`, directly or through domains in between; a domain belongs to itself.
    bool is_below(const Aid& aid, const Aid& domain) const;

  private:
    Nvm* nvm_;
};

}  // namespace oti::card
