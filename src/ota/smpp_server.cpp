// SPDX-License-Identifier: Apache-2.0
#include "ota/smpp_server.h"

namespace oti::ota {

void SmppServer::received(BytesView bytes) {
    if (closed_) return;
    stream_.add(bytes);
    while (!closed_) {
        auto next = stream_.next();
        if (!next) return close(next.error().code, next.error().message);
        if (!*next) return;
        if (auto pdu = SmppPdu::parse(**next)) {
            handle(*pdu);
            continue;
        } else if (auto header = SmppHeader::read(**next); header && !(header->command & kSmppResponse)) {
            (void)send({SmppCommand::kGenericNack,
                        pdu.error().code == "smpp.command" ? smpp_status::kInvalidCommand
                                                           : smpp_status::kInvalidLength,
                        header->sequence,
                        {}});
        } else {
            return close(pdu.error().code, pdu.error().message);
        }
    }
}

void SmppServer::handle(const SmppPdu& pdu) {
    switch (pdu.command) {
        case SmppCommand::kBindReceiver:
        case SmppCommand::kBindTransmitter:
        case SmppCommand::kBindTransceiver:
            return bind(pdu);
        case SmppCommand::kEnquireLink:
            return respond(pdu, smpp_status::kOk);
        case SmppCommand::kUnbind:
            respond(pdu, smpp_status::kOk);
            return close("smpp.unbound", "SMPP: the sender ended the session");
        case SmppCommand::kSubmit:
            // Not from one who only receives (table 2-1).
            if (!bound_as_ || *bound_as_ == SmppCommand::kBindReceiver)
                return respond(pdu, smpp_status::kInvalidBindState);
            events_.emplace_back(Submitted{pdu.sequence, std::get<SmppMessage>(pdu.body)});
            return;
        case SmppCommand::kDeliver:
            return respond(pdu, smpp_status::kInvalidBindState);
        default:
            break;
    }
    bool answer =
        pdu.command == response_to(SmppCommand::kDeliver) || pdu.command == SmppCommand::kGenericNack;
    if (answer && delivering_.erase(pdu.sequence) > 0) {
        auto refused = pdu.command == SmppCommand::kGenericNack && pdu.status == smpp_status::kOk;
        events_.emplace_back(Answered{pdu.sequence, refused ? smpp_status::kSystemError : pdu.status});
    }
}

void SmppServer::bind(const SmppPdu& pdu) {
    if (bound_as_) return respond(pdu, smpp_status::kAlreadyBound);
    if (!may_bind_(std::get<SmppBind>(pdu.body))) {
        respond(pdu, smpp_status::kBindFailed);
        return close("smpp.bind", "SMPP: a sender that may not bind");
    }
    if (!send({response_to(pdu.command), smpp_status::kOk, pdu.sequence, SmppReply{system_id_, {}}}))
        return close("smpp.field", "SMPP: the message centre's system_id is too long");
    bound_as_ = pdu.command;
    bound_ = std::get<SmppBind>(pdu.body);
}

Status SmppServer::accept(std::uint32_t sequence, std::string message_id) {
    return send({response_to(SmppCommand::kSubmit), smpp_status::kOk, sequence,
                 SmppReply{std::move(message_id), {}}});
}

void SmppServer::refuse(std::uint32_t sequence, std::uint32_t status) {
    (void)send({response_to(SmppCommand::kSubmit), status, sequence, {}});
}

Result<std::uint32_t> SmppServer::deliver(SmppMessage message) {
    if (closed_ || !may_deliver())
        return fail(ErrorKind::kIo, "smpp.unbound", "SMPP: nobody is bound who receives messages");
    // 1 to 7FFFFFFF (5.1.4).
    auto sequence = last_sequence_ == 0x7FFFFFFF ? 1 : last_sequence_ + 1;
    OTI_CHECK(send({SmppCommand::kDeliver, 0, sequence, std::move(message)}));
    delivering_.insert(last_sequence_ = sequence);
    return sequence;
}

std::optional<SmppServer::Event> SmppServer::next_event() {
    if (events_.empty()) return std::nullopt;
    auto event = std::move(events_.front());
    events_.pop_front();
    return event;
}

void SmppServer::respond(const SmppPdu& request, std::uint32_t status) {
    (void)send({response_to(request.command), status, request.sequence, {}});
}

Status SmppServer::send(const SmppPdu& pdu) {
    OTI_TRY(auto bytes, pdu.encode());
    append(output_, bytes);
    return {};
}

void SmppServer::close(std::string code, std::string message) {
    closed_ = true;
    bound_as_.reset();
    delivering_.clear();
    events_.emplace_back(Closed{{ErrorKind::kIo, std::move(code), std::move(message)}});
}

}  // namespace oti::ota
