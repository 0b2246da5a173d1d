// SPDX-License-Identifier: Apache-2.0
// A secure element with a provider's domain on it, as a TSM would have made it, and what the provider knows
// of it.
#pragma once

#include <memory>

#include "card/memory_nvm_file.h"
#include "card/secure_element.h"
#include "compare/applet.h"
#include "manager/domain_session.h"
#include "scp/scp80_host.h"

namespace oti::compare {

/// How the installation is driven.
enum class Procedure : std::uint8_t {
    kSession,  ///< ours: the registry is read before and after
    kBare,     ///< the paper's: authentication, INSTALL, LOADs, INSTALL, and nothing is read
};

class Subject {
  public:
    /// `profile` as `card::load_profile` takes it. The keys come from `random`.
    static Result<Subject> create(std::string_view profile, crypto::Random& random);

    const std::string& profile() const { return profile_; }
    /// The secure element as it was prepared, on a copy of its memory.
    Result<card::SecureElement> secure_element(crypto::Random& random) const;
    /// The provider's keys and none of the issuer's.
    manager::DomainAccess access() const;
    /// Of the issuer's domain, for secured packets; the provider has none. Only a UICC takes them.
    static constexpr std::uint8_t kRemoteKeys = 0x01;
    scp::Scp80Keys remote_keys() const { return remote_keys_.clone(); }
    /// Of the provider's domain, where the card can do SCP81: for a message that tells it to call its server,
    /// and for the connection. What the message does not say the domain knows.
    static constexpr scp::Tar kDomainTar{0xF0, 0x4F, 0x54};
    static constexpr std::string_view kPskIdentity = "subject@oti.example";
    bool can_call() const { return !psk_.empty(); }
    scp::Scp80Keys domain_remote_keys() const { return domain_remote_keys_.clone(); }
    crypto::SecretBytes psk() const { return psk_.clone(); }
    const manager::DomainMemory& memory() const { return memory_; }

    /// The work of installing it, for somebody to carry.
    std::unique_ptr<manager::Conversation> installation(const Applet& applet, Procedure procedure,
                                                        manager::Carrier carrier,
                                                        crypto::Random& random) const;

  private:
    Subject() = default;
    std::string profile_;
    std::shared_ptr<card::MemoryMedium> medium_ = std::make_shared<card::MemoryMedium>();
    Status administrate(crypto::Random& random);
    scp::Scp80Keys remote_keys_, domain_remote_keys_;
    crypto::SecretBytes psk_;
    manager::DomainKeys keys_;
    manager::DomainMemory memory_;
};

}  // namespace oti::compare
