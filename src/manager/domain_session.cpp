// SPDX-License-Identifier: Apache-2.0
#include "manager/domain_session.h"

#include <fmt/format.h>

#include <array>

#include "globalplatform/commands.h"
#include "globalplatform/put_key.h"

namespace oti::manager {
namespace {

using globalplatform::Element;
using iso7816::CommandApdu;
using iso7816::Expectation;
using iso7816::Ins;
using iso7816::ResponseApdu;
using iso7816::StatusWord;

/// The parts of the registry that a plan needs, in the order in which they are read.
constexpr std::array kElements{Element::kApplications, Element::kLoadFilesAndModules};

}  // namespace

DomainSession::DomainSession(DomainAccess access, DomainGoal goal, std::optional<DomainMemory> memory,
                             Carrier carrier, crypto::Random& random)
    : access_(std::move(access)),
      goal_(std::move(goal)),
      memory_(std::move(memory)),
      carrier_(carrier),
      random_(&random) {
    if (memory_) challenge_size_ = memory_->options.mac_size();
}

Result<iso7816::Script> DomainSession::next() {
    script_.clear();
    switch (phase_) {
        case Phase::kOpen:
            OTI_CHECK(push_opening());
            break;
        case Phase::kRead:
        case Phase::kVerify:
            if (!authenticated_) OTI_CHECK(push_authentication());
            OTI_CHECK(push_reads());
            break;
        case Phase::kExecute: {
            OTI_TRY(registry_, globalplatform::parse_registry(reads_));
            OTI_CHECK(push_execution(registry_));
            // Nothing to do: what was read is the result.
            if (pending_.empty()) OTI_CHECK(finish());
            break;
        }
        case Phase::kDone:
            break;
    }
    return std::exchange(script_, {});
}

void DomainSession::push(Kind kind, Bytes apdu, Expectation expectation, std::string step, std::uint8_t ins) {
    script_.push_back({std::move(apdu), expectation});
    pending_.push_back({kind, ins, std::move(expectation), std::move(step)});
    ++progress_.total;
}

Status DomainSession::push_wrapped(Kind kind, const CommandApdu& apdu, std::string step) {
    OTI_TRY(auto wrapped, channel_->wrap(apdu));
    push(kind, std::move(wrapped), Expectation::ok(), std::move(step), apdu.ins);
    return {};
}

/// Puts another expectation on the command pushed last.
void DomainSession::expect(Expectation expectation) {
    script_.back().expectation = expectation;
    pending_.back().expectation = std::move(expectation);
}

Status DomainSession::push_opening() {
    authenticated_ = false;
    channel_.reset();
    start_reading(Phase::kOpen);
    host_challenge_ = random_->bytes(challenge_size_);
    push(Kind::kSelect, globalplatform::select(access_.aid).encode(), Expectation::ok(),
         "select " + access_.aid.hex(), value(Ins::kSelect));

    auto update = [&](scp::KeyVersion version, Expectation expectation) {
        push(Kind::kInitializeUpdate, scp::initialize_update(version, host_challenge_).encode(),
             std::move(expectation), "open the secure channel", value(Ins::kInitializeUpdate));
    };
    const DomainKeys* remembered = nullptr;
    if (memory_ && memory_->options.pseudo_random && carrier_.stops_at_surprise) {
        if (auto keys = keys_of_version(memory_->key_version)) remembered = *keys;
    }
    if (remembered == nullptr) {
        update(scp::KeyVersion(0), Expectation::ok());
        return {};
    }
    OTI_TRY(auto keys, card_keys(*remembered, memory_->key_diversification_data));
    OTI_TRY(card_, scp::InitializeUpdateResponse::predict(
                       keys, memory_->key_diversification_data, memory_->key_version, memory_->options,
                       memory_->next_sequence_counter, access_.aid, host_challenge_));
    OTI_TRY(channel_, scp::Scp03Host::open(keys, host_challenge_, *card_, access_.level));
    key_version_ = memory_->key_version;
    max_command_data_ = memory_->max_command_data;
    update(scp::KeyVersion(0), Expectation::exactly(ResponseApdu{card_->encode()}.encode()));
    OTI_CHECK(push_authentication());
    return push_reads();
}

Status DomainSession::push_authentication() {
    push(Kind::kExternalAuthenticate, channel_->external_authenticate(), Expectation::ok(), "authenticate",
         value(Ins::kExternalAuthenticate));
    return {};
}

/// The answers of last time are the expectations of this time, so that the plan for them can follow at once.
Status DomainSession::push_reads() {
    // The answers of last time are the expectations of this time, so that the plan for them can follow at
    // once.
    bool guarded = phase_ != Phase::kVerify && next_element_ == 0 && !continues_ &&
                   carrier_.stops_at_surprise && memory_ && !memory_->registry.empty();
    if (guarded) {
        for (const auto& read : memory_->registry) {
            OTI_CHECK(push_read(read.element, read.next, Expectation::any()));
            expect(Expectation::exactly(channel_->predict(read.response)));
        }
        OTI_TRY(auto remembered, globalplatform::parse_registry(memory_->registry));
        return push_execution(remembered);
    }
    auto accepted = Expectation::status({StatusWord::kOk, StatusWord::kReferencedDataNotFound});
    for (auto element = next_element_; element < kElements.size(); ++element) {
        OTI_CHECK(push_read(kElements[element], continues_ && element == next_element_, accepted));
        // Who does not stop at "more data" must not be given the commands after it.
        if (!carrier_.stops_at_surprise) break;
    }
    return {};
}

Status DomainSession::push_read(Element element, bool next, Expectation expectation) {
    OTI_CHECK(push_wrapped(Kind::kRead, globalplatform::get_status(element, next), "read the registry"));
    pending_.back().read = {element, next, {}};
    expect(std::move(expectation));
    return {};
}

/// Puts, deletes, loads and installs what is missing, and reads again what came of it.
Status DomainSession::push_execution(const globalplatform::Registry& actual) {
    if (goal_.fresh_keys && goal_.fresh_keys->version != key_version_) {
        OTI_TRY(const auto* current, keys_of_version(key_version_));
        auto replaced = current->inherited ? scp::KeyVersion(0) : key_version_;
        OTI_TRY(auto put, globalplatform::put_key(replaced, goal_.fresh_keys->version, goal_.fresh_keys->keys,
                                                  *channel_));
        put_key_response_ = std::move(put.expected_response);
        OTI_CHECK(push_wrapped(Kind::kPutKey, put.command, "put the keys"));
    }
    auto operations = globalplatform::plan(goal_.desired, actual);
    for (auto& command :
         globalplatform::commands(operations, access_.aid, channel_->max_data(max_command_data_))) {
        OTI_CHECK(push_wrapped(Kind::kStep, command.apdu, std::move(command.step)));
    }
    bool changes = !pending_.empty() && pending_.back().kind != Kind::kRead;
    phase_ = changes ? Phase::kVerify : Phase::kExecute;
    next_element_ = 0;
    continues_ = false;
    if (changes) return push_reads();
    return {};
}

Status DomainSession::on_response(BytesView response) {
    if (pending_.empty()) return fail(ErrorKind::kUsage, "manager.unexpected", "a response to no command");
    auto command = std::move(pending_.front());
    pending_.pop_front();
    bool as_expected = command.expectation.met_by(response);
    if (!as_expected) {
        progress_.total -= pending_.size();
        pending_.clear();
    }
    ++progress_.done;
    progress_.step = command.step;
    auto handled = handle(command, response, as_expected);
    if (!handled) return during(command.step, handled.error());
    return {};
}

Status DomainSession::handle(const Pending& command, BytesView response, bool as_expected) {
    if (command.kind == Kind::kRead) return on_read(command, response, as_expected);
    if (command.kind == Kind::kStep || command.kind == Kind::kPutKey) return on_step(command, response);
    OTI_TRY(auto plain, ResponseApdu::parse(response));
    if (command.kind == Kind::kSelect) return on_select(plain);
    if (command.kind == Kind::kInitializeUpdate) return on_initialize_update(plain, as_expected);
    if (!as_expected) return std::unexpected(iso7816::card_error(plain.sw, command.ins));
    authenticated_ = true;
    return {};
}

Status DomainSession::on_select(const ResponseApdu& response) {
    if (response.sw != StatusWord::kOk) {
        auto error = iso7816::card_error(response.sw, value(Ins::kSelect));
        if (response.sw == StatusWord::kNotFound) {
            error.code = "card.no_domain";
            error.hint = "create the security domain first, or check its AID";
        }
        return std::unexpected(std::move(error));
    }
    max_command_data_ = globalplatform::max_command_data(response.data);
    return {};
}

Status DomainSession::on_initialize_update(const ResponseApdu& response, bool as_expected) {
    bool prepared = channel_.has_value();
    if (as_expected && prepared) return {};
    channel_.reset();
    bool length_refused = response.sw == StatusWord::kWrongLength || response.sw == StatusWord::kWrongData;
    if (length_refused && challenge_size_ == 8) {
        challenge_size_ = 16;  // a card in S16 mode wants a longer challenge; nothing but asking tells
        memory_.reset();
        phase_ = Phase::kOpen;
        return {};
    }
    if (response.sw != StatusWord::kOk) {
        return std::unexpected(iso7816::card_error(response.sw, value(Ins::kInitializeUpdate)));
    }
    OTI_TRY(card_, scp::InitializeUpdateResponse::parse(response.data));
    OTI_TRY(const auto* candidate, keys_of_version(card_->key_version));
    OTI_TRY(auto keys, card_keys(*candidate, card_->key_diversification_data));
    OTI_TRY(channel_, scp::Scp03Host::open(keys, host_challenge_, *card_, access_.level));
    key_version_ = card_->key_version;
    authenticated_ = false;
    start_reading(Phase::kRead);
    return {};
}

Status DomainSession::on_read(const Pending& command, BytesView response, bool as_expected) {
    OTI_TRY(auto plain, channel_->unwrap(response));
    bool guarded = command.expectation.exact_response() != nullptr;
    if (guarded && !as_expected) {
        // What was wrapped ahead never reached the card, and some of it may hold keys: its counters are not
        // used again.
        memory_->registry.clear();
        channel_.reset();
        phase_ = Phase::kOpen;
        return {};
    }
    bool more = plain.sw == StatusWord::kMoreData;
    bool none = plain.sw == StatusWord::kReferencedDataNotFound;
    if (!more && !none && plain.sw != StatusWord::kOk) {
        return std::unexpected(iso7816::card_error(plain.sw, command.ins));
    }
    reads_.push_back({command.read.element, command.read.next, std::move(plain)});
    if (guarded) return {};
    continues_ = more;
    if (more) channel_->rewind();
    if (!more) ++next_element_;
    if (phase_ == Phase::kOpen) phase_ = Phase::kRead;
    if (next_element_ < kElements.size()) return {};
    if (phase_ == Phase::kVerify) return finish();
    phase_ = Phase::kExecute;
    return {};
}

Status DomainSession::on_step(const Pending& command, BytesView response) {
    OTI_TRY(auto plain, channel_->unwrap(response));
    if (plain.sw != StatusWord::kOk) return std::unexpected(iso7816::card_error(plain.sw, command.ins));
    if (command.kind == Kind::kPutKey) {
        if (plain.data != put_key_response_) {
            return fail(ErrorKind::kCard, "card.key_check", "the card confirms other keys than were sent");
        }
        key_version_ = goal_.fresh_keys->version;
        keys_are_new_ = true;
    }
    changed_ = true;
    reads_.clear();  // what was read before no longer holds
    return {};
}

void DomainSession::start_reading(Phase phase) {
    phase_ = phase;
    reads_.clear();
    next_element_ = 0;
    continues_ = false;
}

Status DomainSession::finish() {
    OTI_TRY(registry_, globalplatform::parse_registry(reads_));
    // An error status carries no MAC: whoever carries the APDUs can forge "nothing found". A list with a MAC
    // cannot be empty, since a domain finds itself; an issuer's, which does not, is believed empty only where
    // we emptied it.
    bool proven = access_.issuer ? changed_ || !registry_.applications.empty() || goal_.desired.absent.empty()
                                 : registry_.application(access_.aid) != nullptr;
    if (!proven) {
        return fail(ErrorKind::kAuthentication, "manager.unproven",
                    "the list of applications came without proof that the card made it",
                    "try again; if it stays so, the phone's software is not to be trusted");
    }
    if (!globalplatform::plan(goal_.desired, registry_).empty()) {
        return fail(ErrorKind::kCard, "manager.not_reached",
                    "the card took every command, but its registry is not what was desired");
    }
    phase_ = Phase::kDone;
    return {};
}

Result<const DomainKeys*> DomainSession::keys_of_version(scp::KeyVersion version) const {
    for (const auto& keys : access_.keys) {
        if (keys.version == version) return &keys;
    }
    return fail(ErrorKind::kAuthentication, "manager.no_key",
                fmt::format("the domain {} has key version {:02X}, and no key of that version is known",
                            access_.aid.hex(), version.value()));
}

Result<scp::KeySet> DomainSession::card_keys(const DomainKeys& keys, BytesView kdd) const {
    return scp::diversify(keys.keys, keys.diversification, kdd);
}

DomainMemory DomainSession::memory() const {
    DomainMemory memory{
        card_->key_diversification_data, key_version_, card_->options, 0, max_command_data_, reads_};
    // A new key set counts from zero, and the counter is incremented before its use (Amendment D, 6.2.2.1).
    memory.next_sequence_counter = keys_are_new_ ? 1 : card_->sequence_counter.value_or(0) + 1;
    return memory;
}

}  // namespace oti::manager
