// SPDX-License-Identifier: Apache-2.0
// One session with a security domain by secured packets: read what is there, do what is missing, read again.
#pragma once

#include <array>
#include <map>

#include "manager/conversation.h"
#include "manager/domain.h"
#include "ota/remote_conversation.h"

namespace oti::manager {

/// Keys for secured packets, AES, version 01 to 0F, that the domain may have: KIc, KID, DEK.
struct PacketKeys {
    /// How long the MACs are that these keys make.
    static constexpr std::uint8_t kMacSize = 8;

    scp::KeyVersion version;
    scp::KeySet keys;
    std::uint64_t next_counter = 1;
    /// The domain above whose keys they are: this one has none of its own yet (TS 102 226, 6.1).
    std::optional<iso7816::Aid> inherited_from = {};

    PacketKeys clone() const { return {version, keys.clone(), next_counter, inherited_from}; }
};

/// What makes packets under such keys, whose proofs of receipt come as messages of their own: a report of
/// delivery has little room, and many service centres keep it to themselves.
Result<scp::Scp80Host> packets_under(const PacketKeys& keys, const scp::Tar& tar);

/// Keys with which a domain calls an administration server (SCP81): one pre-shared for TLS, and a DEK
/// (Amendment B, 3.9.1).
struct CallKeys {
    static constexpr std::uint8_t kVersion = 0x40;  ///< of 40 to 4F
    static constexpr std::uint8_t kPskIdentifier = 1;
    static constexpr std::size_t kPskSize = 32, kDekSize = 16;

    crypto::SecretBytes psk, dek;

    CallKeys clone() const { return {psk.clone(), dek.clone()}; }
    static CallKeys random(crypto::Random& random);
    /// One after the other; error `key.length` of `split`.
    crypto::SecretBytes joined() const;
    static Result<CallKeys> split(const crypto::SecretBytes& joined);
};

/// A security domain, and how it is reached by packets.
struct PacketAccess {
    /// TAR of an issuer's domain for scripts in expanded format (TS 101 220, annex D).
    static constexpr scp::Tar kIssuer{0xB2, 0x01, 0x00};

    iso7816::Aid aid;
    scp::Tar tar{};
    /// Several where it is not certain which the card has; the first is tried first. A refusal that the card
    /// did not sign makes the session try the next, and come back; it takes the one the card answers with.
    std::vector<PacketKeys> keys;
    /// Key sets for secure channels that it may have: those that replace them come under their DEK.
    std::vector<DomainKeys> channel_keys = {};
    std::size_t messages = 4;  ///< of a packet, at most
};

/// What a session with a domain is to reach.
struct PacketGoal {
    globalplatform::DesiredState desired;
    /// Key sets that the domain shall have in the place of those that it has.
    std::optional<PacketKeys> fresh_keys = {};
    std::optional<DomainKeys> fresh_channel_keys = {};
    /// Put under keys that are not going to be replaced.
    std::optional<CallKeys> call_keys = {};
};

/// Keys come first, so that all that follows is under those that nobody else knows. What a lost proof leaves
/// unknown is read from the card, and only what is missing is done. Nothing but a registry that was read
/// under the domain's keys ends the session well.
///
/// Errors: `manager.no_key` (the card refused each packet under each of the keys); `card.*` with the status
/// word and the step; `manager.not_reached`; `card.key_check`; `ota.*` of the conversation.
class PacketSession final : public ota::PacketConversation {
  public:
    PacketSession(PacketAccess access, PacketGoal goal);

    Result<std::optional<Bytes>> next() override;
    Status answer(BytesView response_packet) override;
    bool awaits_answer() const override { return conversation_ && conversation_->awaits_answer(); }
    Status no_answer() override;
    std::uint64_t counter() const override;
    /// Those of the packet that is due; after the end, those that the domain has.
    const PacketKeys& keys() const { return access_.keys[key_]; }

    Progress progress() const;
    /// After the end: what is on the card now.
    const globalplatform::Registry& registry() const { return registry_; }
    /// Whether anything on the card was changed.
    bool changed() const { return changed_; }

  private:
    enum class Phase : std::uint8_t { kRead, kPutKeys, kExecute, kVerify, kDone };

    Status begin();
    Status push_reads();
    Status push_keys();
    Status push_execution();
    Status complete();
    Status complete_reading();
    Status complete_keys();
    void close();
    bool has_key(scp::KeyVersion version) const;
    bool keys_are_missing() const;
    bool packet_keys_are_due() const {
        return goal_.fresh_keys && goal_.fresh_keys->version != keys().version;
    }
    bool call_keys_are_due() const {
        return goal_.call_keys && !has_key(scp::KeyVersion(CallKeys::kVersion));
    }
    bool is_outcome_unknown(const Error& error) const;
    bool may_begin_again();
    void begin_again();
    bool looks_for_key() const { return phase_ == Phase::kRead && !key_is_proven_; }
    void refused();
    void try_next_key();
    std::optional<Status> answer_to_tried(BytesView response_packet);
    void end_of_trying();

    PacketAccess access_;
    PacketGoal goal_;
    std::size_t key_ = 0;         ///< index of the key set in use
    bool key_is_proven_ = false;  ///< the card signed something with it, or confirmed that it has it
    /// Reading under other keys, by their indices: to packets of these an answer may still come.
    std::map<std::size_t, ota::RemoteConversation> tried_;

    Phase phase_ = Phase::kRead;
    std::vector<ota::RemoteCommand> commands_;
    std::vector<std::string> steps_;
    std::vector<Bytes> expected_;  ///< what PUT KEY must answer
    std::optional<ota::RemoteConversation> conversation_;
    bool went_on_ = false;                    ///< something of the execution was not answered
    unsigned restarts_ = 0;                   ///< of what changes the card
    unsigned reads_in_vain_ = 0;              ///< one after another
    unsigned refused_puts_ = 0;               ///< that were not signed, and were a reason to look
    std::array<std::size_t, 2> parts_{1, 1};  ///< GET STATUS commands that each element of the registry takes
    std::size_t done_before_ = 0, total_before_ = 0;

    globalplatform::Registry registry_;
    std::vector<scp::KeyVersion> versions_;  ///< of the keys that the domain says it has
    bool changed_ = false;
};

}  // namespace oti::manager
