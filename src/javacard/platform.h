// SPDX-License-Identifier: Apache-2.0
// What the applets' side of GlobalPlatform (org.globalplatform; GPCS 2.3.1, annex A) needs of the card that
// it runs on: the registry and the security domains' secure channels.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>

#include "base/bytes.h"
#include "iso7816/aid.h"

namespace oti::javacard {

/// What the GlobalPlatform Registry says of an application or security domain.
struct RegistryEntry {
    std::uint8_t state = 0;        ///< its life-cycle state (GPCS tables 11-4 and 11-5; b8: locked)
    std::uint32_t privileges = 0;  ///< the three bytes of table 6-1, the first one highest
    iso7816::Aid domain;           ///< the security domain that it is associated with; the ISD's is its own
    bool is_issuer_domain = false;

    /// By the number of table 6-1: 0 is Security Domain.
    bool has(unsigned privilege) const { return (privileges >> (23 - privilege) & 1) != 0; }
};

/// The card, as the virtual machine sees it. An applet is named by its instance AID. All calls come while an
/// applet runs, within the transaction of the card's command: what they change is stored with it or not at
/// all. Who may ask for what is decided before (globalplatform_*.cpp), except where an answer is refused.
class Platform {
  public:
    /// Of a secure channel's service: what it gives, or the status word that the applet gets for it.
    using Answer = std::expected<Bytes, std::uint16_t>;

    virtual ~Platform() = default;

    // The card (GPCS 5.1) ---------------------------------------------------------------------------------
    virtual std::uint8_t card_state() const = 0;
    /// CARD_LOCKED (7F) or TERMINATED (FF).
    virtual void set_card_state(std::uint8_t state) = 0;
    /// At most 15 of them; false if the card keeps those that it has. They show at the next reset.
    virtual bool set_historical_bytes(BytesView bytes) = 0;

    // The registry ----------------------------------------------------------------------------------------
    /// Nothing if there is no such application. An applet that is being installed is there, INSTALLED, and
    /// with the privileges that it is to have.
    virtual std::optional<RegistryEntry> registry_entry(const iso7816::Aid& application) const = 0;
    /// To a state that is allowed, of an application that is there.
    virtual void set_state(const iso7816::Aid& application, std::uint8_t state) = 0;

    /// Global services (8.1). A service name is a family and an identifier in it; 00 stands for all. A server
    /// may register one as its own if its parameters (INSTALL's tag CB) name it and nobody else has.
    virtual bool register_service(const iso7816::Aid& server, std::uint16_t name) = 0;
    virtual bool deregister_service(const iso7816::Aid& server, std::uint16_t name) = 0;
    /// Whoever has registered that service or its whole family; whether `server`, if one is named.
    virtual std::optional<iso7816::Aid> find_service(std::uint16_t name,
                                                     const std::optional<iso7816::Aid>& server) const = 0;

    // The secure channel (chapter 10) of the applet's security domain, on the logical channel of the command
    // that is being processed ------------------------------------------------------------------------------
    /// A whole C-APDU, header first: INITIALIZE UPDATE, EXTERNAL AUTHENTICATE…. 6E00 and 6D00: not one of
    /// them, and the applet may know it.
    virtual Answer process_security(const iso7816::Aid& applet, BytesView command) = 0;
    /// The C-APDU without what protected it; with Lc always, without Le. The same bytes where there is no
    /// secure messaging to be undone.
    virtual Answer unwrap(const iso7816::Aid& applet, BytesView command) = 0;
    /// Response data and status word in, protected data out, which does not contain the status word. The
    /// same bytes where responses are not protected.
    virtual Answer wrap(const iso7816::Aid& applet, BytesView response) = 0;
    /// Sensitive data, under the session's data encryption key.
    virtual Answer decrypt_data(const iso7816::Aid& applet, BytesView data) = 0;
    virtual Answer encrypt_data(const iso7816::Aid& applet, BytesView data) = 0;
    virtual void reset_security(const iso7816::Aid& applet) = 0;
    /// The current one, table 10-1; 0 without a session.
    virtual std::uint8_t security_level(const iso7816::Aid& applet) const = 0;
    /// 9000, or why not: never below that of the session.
    virtual std::uint16_t set_security_level(const iso7816::Aid& applet, std::uint8_t level) = 0;
};

}  // namespace oti::javacard
