// SPDX-License-Identifier: Apache-2.0
#include "ota/administration_server.h"

#include <fmt/format.h>

namespace oti::ota {
namespace {

constexpr net::HttpLimits kLimits{.max_header = 4096, .max_body = 256 << 10};
const std::string kProtocol = "globalplatform-remote-admin/1.0",
                  kCommands = "application/vnd.globalplatform.card-content-mgt;version=1.0",
                  kResponses = "application/vnd.globalplatform.card-content-mgt-response;version=1.0";
constexpr unsigned kOk = 200, kNoContent = 204, kBadRequest = 400;

/// Of the request with which the card answers the script that was sent as this one.
std::string uri_after(unsigned script) {
    return fmt::format("/administration/{}", script);
}

}  // namespace

AdministrationServer::AdministrationServer(FindCard find)
    : find_(std::move(find)),
      tls_(crypto::PskTls::server(
          [find = find_](std::string_view identity) -> std::optional<crypto::SecretBytes> {
              auto card = find(identity);
              if (!card) return std::nullopt;
              return std::move(card->key);
          },
          {})),
      reader_(kLimits) {}

void AdministrationServer::count() {
    auto card = identity().empty() ? std::nullopt : find_(identity());
    if (!card || card->job == nullptr) return;
    card->job->carried(std::exchange(up_, 0), std::exchange(down_, 0));
}

Bytes AdministrationServer::take_outgoing() {
    auto octets = tls_.take_outgoing();
    down_ += octets.size();
    count();
    return octets;
}

Status AdministrationServer::receive(BytesView octets) {
    up_ += octets.size();
    OTI_TRY(auto plain, tls_.receive(octets));
    while (true) {
        OTI_TRY(auto request, reader_.take(plain));
        if (!request) return {};
        plain.clear();
        if (over_) return fail(ErrorKind::kIo, "net.http", "the card goes on after the last answer");
        auto response = handle(*request);
        over_ = net::find_header(response.headers, "X-Admin-Next-URI").empty();
        OTI_TRY(auto encoded, net::encode(response));
        OTI_CHECK(tls_.send(encoded));
    }
}

/// What the request says of the script before it. The identity in the TLS handshake says which card it is;
/// X-Admin-From says nothing that was proved.
void AdministrationServer::take_report(const net::RawRequest& request) {
    auto& job = *find_(identity())->job;
    auto status = net::find_header(request.headers, "x-admin-script-status");
    bool of_the_last = job.is_awaiting() && request.target == uri_after(job.sent());
    bool resumes = net::find_header(request.headers, "x-admin-resume") == "true";
    if (resumes || !of_the_last || status.empty()) return job.interrupted();
    if (status != "ok") return job.refused(std::string(status));
    job.answer(request.body);
}

net::HttpResponse AdministrationServer::handle(const net::RawRequest& request) {
    auto card = find_(identity());
    bool is_report = !request.body.empty();
    if (request.method != "POST" || net::find_header(request.headers, "x-admin-protocol") != kProtocol ||
        (is_report && request.content_type != kResponses) || !card || card->job == nullptr)
        return {kBadRequest, "", {}, {{"X-Admin-Protocol", kProtocol}}};
    take_report(request);
    auto script = card->job->next();
    if (!script) return {kNoContent, "", {}, {{"X-Admin-Protocol", kProtocol}}};
    return {kOk,
            kCommands,
            std::move(*script),
            {{"X-Admin-Protocol", kProtocol}, {"X-Admin-Next-URI", uri_after(card->job->sent())}}};
}

}  // namespace oti::ota
