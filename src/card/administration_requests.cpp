// SPDX-License-Identifier: Apache-2.0
#include "card/administration_requests.h"

#include "base/byte_writer.h"
#include "base/tlv.h"

namespace oti::card {
namespace {

constexpr std::string_view kName = "toolkit/administration";
constexpr Tag kRequest = 0xE1, kDomain = 0x4F, kTrigger = 0x81, kProgress = 0x82, kUri = 0x83;

std::optional<AdministrationRequest> decode(BytesView value) {
    auto objects = read_all_tlv(value, "administration request");
    if (!objects) return std::nullopt;
    auto domain = find(*objects, kDomain), trigger = find(*objects, kTrigger),
         progress = find(*objects, kProgress), uri = find(*objects, kUri);
    auto aid = domain ? Aid::create(*domain) : std::unexpected(Error{});
    if (!aid || !trigger || !progress || progress->size() != 3 || !uri) return std::nullopt;
    ByteReader reader(*progress, "administration request");
    AdministrationRequest request{std::move(*aid), to_bytes(*trigger)};
    request.retries = reader.u16().value();
    request.requested = reader.u8().value() != 0;
    request.uri = as_text(*uri);
    return request;
}

}  // namespace

std::vector<AdministrationRequest> AdministrationRequests::all(const Nvm& nvm) {
    std::vector<AdministrationRequest> requests;
    auto value = nvm.get(kName);
    auto objects = value ? read_all_tlv(*value, "administration requests") : std::vector<Tlv>{};
    if (!objects) return requests;
    for (const auto& object : *objects) {
        if (auto request = decode(object.value)) requests.push_back(std::move(*request));
    }
    return requests;
}

void AdministrationRequests::put(Nvm& nvm, const std::vector<AdministrationRequest>& requests) {
    if (requests.empty()) return nvm.erase(kName);
    Bytes value;
    for (const auto& request : requests) {
        auto progress = ByteWriter().u16(request.retries).u8(request.requested ? 1 : 0).take();
        append(value, encode_tlv(kRequest, concat(encode_tlv(kDomain, request.domain.bytes()),
                                                  encode_tlv(kTrigger, request.trigger),
                                                  encode_tlv(kProgress, progress),
                                                  encode_tlv(kUri, as_bytes(request.uri)))));
    }
    nvm.put(kName, std::move(value));
}

}  // namespace oti::card
