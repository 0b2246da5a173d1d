// SPDX-License-Identifier: Apache-2.0
#include "card/administration_dialogue.h"

#include "base/hex.h"

namespace oti::card {
namespace {

/// Records of a chip's memory; what a server sends at most in one message.
constexpr unsigned kMaxFragment = 1024;
constexpr net::HttpLimits kLimits{.max_header = 2048, .max_body = 64 << 10};
constexpr std::string_view kProtocol = "globalplatform-remote-admin/1.0",
                           kCommands = "application/vnd.globalplatform.card-content-mgt;version=1.0",
                           kResponses =
                               "application/vnd.globalplatform.card-content-mgt-response;version=1.0";
constexpr unsigned kHasContent = 200, kNoContent = 204;

std::string_view text_of(ScriptStatus status) {
    switch (status) {
        case ScriptStatus::kOk:
            return "ok";
        case ScriptStatus::kUnknownApplication:
            return "unknown-application";
        case ScriptStatus::kNotASecurityDomain:
            return "not-a-security-domain";
        case ScriptStatus::kSecurityError:
            break;
    }
    return "security-error";
}

/// `//aid/RID/PIX` in hexadecimal (3.4.2); empty if it is none.
Bytes aid_of(std::string_view reference) {
    constexpr std::string_view kPrefix = "//aid/";
    constexpr std::size_t kRid = 10, kMaxPix = 22;
    if (!reference.starts_with(kPrefix)) return {};
    reference.remove_prefix(kPrefix.size());
    if (reference.size() < kRid + 1 || reference.size() > kRid + 1 + kMaxPix || reference[kRid] != '/')
        return {};
    auto digits = std::string(reference.substr(0, kRid)).append(reference.substr(kRid + 1));
    auto aid = parse_hex(digits);
    return aid ? std::move(*aid) : Bytes{};
}

}  // namespace

AdministrationDialogue::AdministrationDialogue(crypto::PskTls tls, Options options)
    : tls_(std::move(tls)), reader_(kLimits), options_(std::move(options)) {}

std::optional<AdministrationDialogue> AdministrationDialogue::begin(crypto::PskTls::Credentials credentials,
                                                                    Options options) {
    auto tls = crypto::PskTls::client(std::move(credentials), {.max_fragment = kMaxFragment});
    if (!tls) return std::nullopt;
    return AdministrationDialogue(std::move(*tls), std::move(options));
}

AdministrationDialogue::State AdministrationDialogue::fail() {
    tls_.close();
    return state_ = State::kFailed;
}

AdministrationDialogue::State AdministrationDialogue::finish() {
    tls_.close();
    return state_ = State::kDone;
}

AdministrationDialogue::State AdministrationDialogue::receive(BytesView octets) {
    if (state_ != State::kWaiting) return state_;
    auto plain = tls_.receive(octets);
    if (!plain) return fail();
    if (tls_.is_open() && !has_requested_) request(std::nullopt, {});
    // Before the first request there is nothing to answer, and one request has one response.
    auto response = reader_.take(*plain);
    if (!response) return fail();
    if (*response) return reader_.is_in_message() ? fail() : take(**response);
    if (tls_.is_closed_by_peer()) return state_ = State::kLost;
    return state_;
}

AdministrationDialogue::State AdministrationDialogue::request(std::optional<ScriptStatus> status,
                                                              Bytes body) {
    net::RawRequest request{"POST", options_.uri, "", {}, std::move(body)};
    request.headers = {{"Host", options_.host},
                       {"X-Admin-Protocol", std::string(kProtocol)},
                       {"X-Admin-From", options_.agent}};
    if (status) request.headers.emplace_back("X-Admin-Script-Status", text_of(*status));
    if (!request.body.empty()) request.content_type = kResponses;
    if (!has_requested_ && options_.resumes) request.headers.emplace_back("X-Admin-Resume", "true");
    has_requested_ = true;
    auto octets = net::encode(request);
    if (!octets || !tls_.send(*octets)) return fail();
    return state_ = State::kWaiting;
}

AdministrationDialogue::State AdministrationDialogue::take(const net::HttpResponse& response) {
    if (net::find_header(response.headers, "x-admin-protocol") != kProtocol) return fail();
    auto next = net::find_header(response.headers, "x-admin-next-uri");
    if (response.status != kHasContent && response.status != kNoContent) return fail();
    if (response.body.empty()) {
        if (next.empty()) return finish();
        options_.uri = next;
        return request(std::nullopt, {});
    }
    if (response.content_type != kCommands) return fail();
    script_ = response.body;
    target_.reset();
    auto target = net::find_header(response.headers, "x-admin-targeted-application");
    if (!target.empty()) target_ = aid_of(target);
    wants_answer_ = !next.empty();
    if (wants_answer_) options_.uri = next;
    return state_ = State::kHasScript;
}

AdministrationDialogue::State AdministrationDialogue::reply(ScriptStatus status, Bytes answer) {
    script_.clear();
    return wants_answer_ ? request(status, std::move(answer)) : finish();
}

}  // namespace oti::card
