// SPDX-License-Identifier: Apache-2.0
#include "ota/remote_conversation.h"

#include <fmt/format.h>

#include "ota/packet_errors.h"

namespace oti::ota {
namespace {

std::unexpected<Error> not_awaited() {
    return fail(ErrorKind::kInternal, "ota.unexpected", "no answer is due");
}

}  // namespace

Result<RemoteConversation> RemoteConversation::create(scp::Scp80Host host, ScriptFormat format,
                                                      std::span<const RemoteCommand> commands,
                                                      std::uint64_t counter, std::size_t max_packet,
                                                      LostProof lost_proof) {
    if (host.spi().proof != scp::ProofOfReceipt::kAlways) {
        return fail(ErrorKind::kUsage, "ota.no_proof",
                    "without a proof of receipt nobody learns what became of a command",
                    "use an SPI whose second byte ends in 1, such as 1619");
    }
    auto max_script = host.max_data(max_packet);
    OTI_CHECK(make_scripts(format, commands, max_script));
    RemoteConversation conversation(std::move(host), format, lost_proof);
    conversation.commands_.assign(commands.begin(), commands.end());
    conversation.max_script_ = max_script;
    conversation.counter_ = counter;
    return conversation;
}

Result<std::optional<Bytes>> RemoteConversation::next() {
    if (failed_ || (!packet_ && position_ == commands_.size())) return std::nullopt;
    if (!packet_) {
        OTI_TRY(script_, make_script(format_, commands_, position_, max_script_));
        OTI_TRY(packet_, PendingPacket::create(host_, counter_, script_.data));
    }
    return packet_->send();
}

Status RemoteConversation::no_answer() {
    if (!packet_) return not_awaited();
    auto over = packet_->no_answer();
    if (over) return {};
    failed_ = true;
    ++counter_;
    packet_.reset();
    return over;
}

/// This very packet: it was sent again, or the network has doubled it.
bool RemoteConversation::came_before(scp::ResponseStatus status) const {
    return status == scp::ResponseStatus::kCounterLow && (counter_is_good_ || packet_->sent() > 1);
}

Status RemoteConversation::status_error(scp::ResponseStatus status) const {
    if (came_before(status)) {
        return fail(ErrorKind::kIo, "ota.outcome_unknown",
                    "the packet had arrived before, and the answer that says what it did was lost",
                    "read the card's registry, and send what is missing");
    }
    return std::unexpected(packet_refusal(status));
}

Status RemoteConversation::report(std::size_t executed, const ScriptAnswer& answer) {
    auto last = script_.first + executed - 1;
    if (format_ == ScriptFormat::kCompact) {
        responses_.push_back({last, answer.last});
        return {};
    }
    // Where the length is indefinite each command has its response.
    bool each = answer.all.size() == executed;
    auto response = answer.all.begin();
    for (auto index = script_.first; index <= last && response != answer.all.end(); ++index) {
        if (each || index == last || commands_[index].is_reported())
            responses_.push_back({index, *response++});
    }
    if (response != answer.all.end() || responses_.empty() || responses_.back().command != last)
        return fail(ErrorKind::kCard, "ota.bad_format", "the card's responses are not those to its commands");
    return {};
}

Status RemoteConversation::finish(const ScriptAnswer& answer) {
    // In compact format a GET RESPONSE counts as a command, too.
    auto executed = std::min(answer.executed, script_.count);
    if (executed == 0) return fail(ErrorKind::kCard, "ota.refused", "the card ran none of the commands");
    OTI_CHECK(report(executed, answer));
    auto last = script_.first + executed - 1;
    const auto& [command, wants_data, may_find_none] = commands_[last];
    bool found_none = may_find_none && answer.last.sw == iso7816::StatusWord::kReferencedDataNotFound;
    bool fine = found_none || iso7816::is_success_or_warning(answer.last.sw);
    position_ = done_ = fine ? last + 1 : last;
    if (!fine) return std::unexpected(iso7816::card_error(answer.last.sw, command.ins, command.p1));
    // The card ends a script with a command that finds nothing.
    if (executed != script_.count && !found_none) {
        return fail(ErrorKind::kCard, "ota.refused",
                    fmt::format("the card stopped after {} of {} commands", executed, script_.count));
    }
    return {};
}

Status RemoteConversation::answer(BytesView response_packet) {
    if (!packet_) return not_awaited();
    OTI_TRY(auto proof, packet_->answer(host_, response_packet));
    if (!proof) return {};
    auto outcome = [&]() -> Status {
        if (came_before(proof->status) && lost_proof_ == LostProof::kGoOn) {
            went_on_ = true;
            position_ = script_.first + script_.count;
            return {};
        }
        if (proof->status != scp::ResponseStatus::kOk) return status_error(proof->status);
        OTI_TRY(auto read, read_answer(format_, proof->data));
        return finish(read);
    }();
    counter_is_good_ = true;
    ++counter_;
    packet_.reset();
    failed_ = !outcome;
    return outcome;
}

}  // namespace oti::ota
