// SPDX-License-Identifier: Apache-2.0
// One session with a security domain: authenticate, read what is there, do what is missing, read again.
#pragma once

#include <deque>
#include <optional>

#include "crypto/random.h"
#include "manager/conversation.h"
#include "manager/domain.h"

namespace oti::manager {

/// What the carrier can do.
struct Carrier {
    /// It stops a script at the first response that does not meet its expectation. The SE Manager of our own
    /// binding and the wire do; a GP SERAM Local Agent runs its list to the end.
    bool stops_at_surprise = true;
};

/// Open, read, execute, verify. Where the memory of an earlier session tells what the card will answer, the
/// steps are wrapped ahead into one script whose expectations are the exact answers: two dependent round
/// trips in all, one where the card challenge is pseudo-random. A surprise ends that script and the session
/// begins anew without the memory.
///
///     open      SELECT, INITIALIZE UPDATE
///     read      EXTERNAL AUTHENTICATE, GET STATUS …
///     execute   PUT KEY, DELETE, INSTALL, LOAD …, GET STATUS …
///
/// Errors: `scp.card_cryptogram`, `scp.response_mac`, `manager.no_key` (authentication); `card.*` with the
/// status word and the step; `manager.not_reached` if the registry read at the end is not what was desired;
/// `manager.unproven` if the registry came without proof that the card made it.
class DomainSession final : public Conversation {
  public:
    DomainSession(DomainAccess access, DomainGoal goal, std::optional<DomainMemory> memory, Carrier carrier,
                  crypto::Random& random);

    Result<iso7816::Script> next() override;
    Status on_response(BytesView response) override;
    bool awaiting() const override { return !pending_.empty(); }
    Progress progress() const override { return progress_; }

    /// After the end: what is on the card now.
    const globalplatform::Registry& registry() const { return registry_; }
    /// After the end: for the next session.
    DomainMemory memory() const;
    /// The key version that the card has; known once the card has answered INITIALIZE UPDATE, and
    /// authenticated after the end.
    scp::KeyVersion key_version() const { return key_version_; }
    /// Whether anything on the card was changed.
    bool changed() const { return changed_; }

  private:
    enum class Phase : std::uint8_t { kOpen, kRead, kExecute, kVerify, kDone };
    enum class Kind : std::uint8_t {
        kSelect,
        kInitializeUpdate,
        kExternalAuthenticate,
        kRead,
        kStep,
        kPutKey
    };

    struct Pending {
        Kind kind;
        std::uint8_t ins = 0;
        iso7816::Expectation expectation;
        std::string step = {};
        globalplatform::RegistryRead read = {};  ///< kRead: which; with the remembered response if guarded
    };

    void push(Kind kind, Bytes apdu, iso7816::Expectation expectation, std::string step, std::uint8_t ins);
    Status push_wrapped(Kind kind, const iso7816::CommandApdu& apdu, std::string step);
    Status push_opening();
    Status push_authentication();
    Status push_reads();
    Status push_read(globalplatform::Element element, bool next, iso7816::Expectation expectation);
    void expect(iso7816::Expectation expectation);
    Status push_execution(const globalplatform::Registry& actual);

    Status handle(const Pending& command, BytesView response, bool as_expected);
    Status on_select(const iso7816::ResponseApdu& response);
    Status on_initialize_update(const iso7816::ResponseApdu& response, bool as_expected);
    Status on_read(const Pending& command, BytesView response, bool as_expected);
    Status on_step(const Pending& command, BytesView response);
    Status finish();
    void start_reading(Phase phase);

    Result<const DomainKeys*> keys_of_version(scp::KeyVersion version) const;
    Result<scp::KeySet> card_keys(const DomainKeys& keys, BytesView key_diversification_data) const;

    DomainAccess access_;
    DomainGoal goal_;
    std::optional<DomainMemory> memory_;
    Carrier carrier_;
    crypto::Random* random_;

    Phase phase_ = Phase::kOpen;
    iso7816::Script script_;
    std::deque<Pending> pending_;
    Progress progress_;

    std::size_t challenge_size_ = 8;
    Bytes host_challenge_;
    std::size_t max_command_data_ = iso7816::kMaxShortData;
    std::optional<scp::InitializeUpdateResponse> card_;  ///< predicted or received
    std::optional<scp::Scp03Host> channel_;
    bool authenticated_ = false;
    scp::KeyVersion key_version_;
    bool keys_are_new_ = false;
    Bytes put_key_response_;
    bool changed_ = false;

    std::vector<globalplatform::RegistryRead> reads_;
    std::size_t next_element_ = 0;
    bool continues_ = false;  ///< the last read said that there is more
    globalplatform::Registry registry_;
};

}  // namespace oti::manager
