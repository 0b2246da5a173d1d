// SPDX-License-Identifier: Apache-2.0
// A virtual secure element: a GlobalPlatform card (Card Specification 2.3.1) whose memory is one file.
#pragma once

#include <memory>

#include "card/environment.h"

namespace oti::card {

/// AID of the issuer's domain, and of the package and module of which supplementary domains are made.
inline constexpr std::string_view kIssuerDomainAid = "A000000151000000", kDomainPackageAid = "A0000001515350",
                                  kDomainModuleAid = "A000000151535041";

class SecureElement {
  public:
    /// Makes one in an empty file. Errors: those of the file, `se.exists` if the file holds one already,
    /// `se.personalization` for keys or data that no card could have.
    static Result<SecureElement> create(std::unique_ptr<NvmFile> file, const ProfileSource& profile,
                                        const Personalization& personalization, crypto::Random& random);
    /// Errors: those of the file and of `Nvm`, `se.format` if something else is in it.
    static Result<SecureElement> open(std::unique_ptr<NvmFile> file, crypto::Random& random);

    SecureElement(SecureElement&&) noexcept;
    SecureElement& operator=(SecureElement&&) noexcept;
    ~SecureElement();

    /// The R-APDU to a C-APDU; all changes that the command made are durable by then. Without power for its
    /// memory the element answers 6581 and nothing else works until it is opened again.
    Bytes process(BytesView command, Exchange& exchange);
    /// Power off and on: channels, sessions and unfinished loads are gone.
    void reset();

    const Profile& profile() const;
    const Identity& identity() const;
    /// For inspection from outside, which no real card allows.
    const Registry& registry() const;
    const KeyStore& keys() const;
    std::uint64_t bytes_used() const;
    /// Bytes that content may still take.
    std::uint64_t bytes_free() const;
    /// Bytes that a load file or an instance takes, a domain with all that is associated with it.
    std::uint64_t bytes_used_by(const Aid& aid) const;

  private:
    struct State;
    static Result<SecureElement> start(std::unique_ptr<State> state);
    explicit SecureElement(std::unique_ptr<State> state);

    ResponseApdu dispatch(const CommandApdu& command, Exchange& exchange);
    ResponseApdu run_in_domain(const Application& domain, Channel& channel, const CommandApdu& command,
                               Exchange& exchange);
    ResponseApdu run_plain(const Application& domain, Channel& channel, const CommandApdu& command);
    Answer run_content_command(const Application& domain, Channel& channel, const CommandApdu& command);
    /// Makes durable what a command has changed; 6581 without power.
    ResponseApdu end_command(ResponseApdu response);

    std::unique_ptr<State> state_;
};

}  // namespace oti::card
