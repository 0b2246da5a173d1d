// SPDX-License-Identifier: Apache-2.0
#include "ota/administration_trigger.h"

#include "base/byte_writer.h"

namespace oti::ota {
namespace {

constexpr Tag kTrigger = 0x81, kSession = 0x83, kConnection = 0x84, kSecurity = 0x85, kRetry = 0x86,
              kPost = 0x89, kHost = 0x8A, kAgent = 0x8B, kUri = 0x8C;
constexpr std::uint8_t kDefaultBearer = 0x03, kTcpClient = 0x02, kIpv4 = 0x21, kIpv6 = 0x57;
constexpr unsigned kBuffer = 1400;

/// For OPEN CHANNEL, in its order (TS 102 223, 6.6.27.4).
Bytes connection(const ChannelTarget& server) {
    auto sort = server.address.size() == 4 ? kIpv4 : kIpv6;
    return concat(encode_object(object_tag::kBearer, Bytes{kDefaultBearer}),
                  encode_object(object_tag::kBufferSize, ByteWriter().u16(kBuffer).take()),
                  encode_object(object_tag::kTransport, ByteWriter().u8(kTcpClient).u16(server.port).take()),
                  encode_object(object_tag::kOtherAddress, concat(Bytes{sort}, server.address)));
}

}  // namespace

Bytes AdministrationParameters::encode() const {
    Bytes all;
    if (server) append(all, encode_tlv(kConnection, connection(*server)));
    if (!identity.empty()) {
        auto value = ByteWriter().lv(as_bytes(identity)).lv(Bytes{key_version, key_id}).take();
        append(all, encode_tlv(kSecurity, value));
    }
    if (retry) {
        auto value = concat(ByteWriter().u16(retry->retries).take(),
                            encode_object(object_tag::kTimerValue, encode_timer(retry->delay)));
        append(all, encode_tlv(kRetry, value));
    }
    Bytes post;
    for (auto [tag, text] : {std::pair{kHost, &host}, {kAgent, &agent}, {kUri, &uri}}) {
        if (!text->empty()) append(post, encode_tlv(tag, as_bytes(*text)));
    }
    if (!post.empty()) append(all, encode_tlv(kPost, post));
    return all;
}

Bytes encode_trigger(const AdministrationParameters& parameters) {
    auto session = parameters.encode();
    return encode_tlv(kTrigger, session.empty() ? Bytes{} : encode_tlv(kSession, session));
}

}  // namespace oti::ota
