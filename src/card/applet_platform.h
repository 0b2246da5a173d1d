// SPDX-License-Identifier: Apache-2.0
// What applets are given of the card by org.globalplatform: the registry, and the secure channel of their
// security domain.
#pragma once

#include "iso7816/aid.h"
#include "javacard/platform.h"

namespace oti::card {

struct Channel;
struct Environment;

class AppletPlatform final : public javacard::Platform {
  public:
    using Aid = iso7816::Aid;

    explicit AppletPlatform(Environment& environment) : environment_(environment) {}
    /// On which the command came that an applet works on; none between commands.
    void use(Channel* channel) { channel_ = channel; }

    std::uint8_t card_state() const override;
    void set_card_state(std::uint8_t state) override;
    bool set_historical_bytes(BytesView bytes) override;
    std::optional<javacard::RegistryEntry> registry_entry(const Aid& application) const override;
    void set_state(const Aid& application, std::uint8_t state) override;
    bool register_service(const Aid& server, std::uint16_t name) override;
    bool deregister_service(const Aid& server, std::uint16_t name) override;
    std::optional<Aid> find_service(std::uint16_t name, const std::optional<Aid>& server) const override;

    Answer process_security(const Aid& applet, BytesView command) override;
    Answer unwrap(const Aid& applet, BytesView command) override;
    Answer wrap(const Aid& applet, BytesView response) override;
    Answer decrypt_data(const Aid& applet, BytesView data) override;
    Answer encrypt_data(const Aid& applet, BytesView data) override;
    void reset_security(const Aid& applet) override;
    std::uint8_t security_level(const Aid& applet) const override;
    std::uint16_t set_security_level(const Aid& applet, std::uint8_t level) override;

  private:
    /// Whether there is an open session on the channel.
    bool has_session() const;

    Environment& environment_;
    Channel* channel_ = nullptr;
};

}  // namespace oti::card
