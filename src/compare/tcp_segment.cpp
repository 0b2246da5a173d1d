// SPDX-License-Identifier: Apache-2.0
#include "compare/tcp_segment.h"

#include "base/byte_reader.h"
#include "base/byte_writer.h"

namespace oti::compare {
namespace {

constexpr std::uint8_t kTcp = 6, kTimeToLive = 64;
constexpr unsigned kFin = 0x01, kSyn = 0x02, kRst = 0x04, kAck = 0x10;
constexpr std::size_t kHeader = 20, kChecksumInIp = 10, kChecksumInTcp = 16;

/// RFC 1071, of an even number of octets.
std::uint16_t checksum(BytesView octets) {
    std::uint32_t sum = 0;
    for (std::size_t n = 0; n + 1 < octets.size(); n += 2) sum += octets[n] << 8 | octets[n + 1];
    while (sum > 0xFFFF) sum = (sum & 0xFFFF) + (sum >> 16);
    return static_cast<std::uint16_t>(~sum);
}

void set_checksum(Bytes& header, std::size_t at, std::uint16_t value) {
    header[at] = static_cast<std::uint8_t>(value >> 8);
    header[at + 1] = static_cast<std::uint8_t>(value);
}

}  // namespace

Result<TcpSegment> TcpSegment::parse(BytesView packet) {
    ByteReader ip(packet, "IPv4 packet");
    OTI_TRY(auto version, ip.u8());
    std::size_t ip_header = (version & 0x0FU) * 4U;
    if (version >> 4 != 4 || ip_header < kHeader) return ip.invalid("not version 4");
    OTI_CHECK(ip.skip(1));
    OTI_TRY(auto total, ip.u16());
    if (total < ip_header || total > packet.size()) return ip.invalid("wrong length");
    OTI_CHECK(ip.skip(2));
    OTI_TRY(auto fragment, ip.u16());
    OTI_CHECK(ip.skip(1));
    OTI_TRY(auto protocol, ip.u8());
    if (protocol != kTcp || (fragment & 0x3FFF) != 0) return ip.invalid("not a whole TCP segment");
    OTI_CHECK(ip.skip(2));
    TcpSegment segment;
    OTI_TRY(segment.source, ip.u32());
    OTI_TRY(segment.destination, ip.u32());

    auto content = packet.first(total).subspan(ip_header);
    ByteReader tcp(content, "TCP segment");
    OTI_TRY(segment.source_port, tcp.u16());
    OTI_TRY(segment.destination_port, tcp.u16());
    OTI_TRY(segment.sequence, tcp.u32());
    OTI_TRY(segment.acknowledgement, tcp.u32());
    OTI_TRY(auto offset, tcp.u8());
    OTI_TRY(auto flags, tcp.u8());
    std::size_t header = (offset >> 4) * 4U;
    if (header < kHeader || header > content.size()) return tcp.invalid("wrong data offset");
    segment.synchronize = (flags & kSyn) != 0;
    segment.acknowledge = (flags & kAck) != 0;
    segment.reset = (flags & kRst) != 0;
    segment.length = static_cast<std::uint32_t>(content.size() - header);
    if (segment.synchronize) ++segment.length;
    if ((flags & kFin) != 0) ++segment.length;
    return segment;
}

Bytes reset_for(const TcpSegment& segment) {
    auto addresses = ByteWriter().u32(segment.destination).u32(segment.source).take();
    auto tcp = ByteWriter().u16(segment.destination_port).u16(segment.source_port).take();
    if (segment.acknowledge) {
        append(tcp, ByteWriter().u32(segment.acknowledgement).u32(0).u8(kHeader / 4 << 4).u8(kRst).view());
    } else {
        append(tcp, ByteWriter()
                        .u32(0)
                        .u32(segment.sequence + segment.length)
                        .u8(kHeader / 4 << 4)
                        .u8(kRst | kAck)
                        .view());
    }
    tcp.resize(kHeader);  // no window, no checksum yet, nothing urgent
    auto pseudo_header = concat(addresses, ByteWriter().u8(0).u8(kTcp).u16(kHeader).view(), tcp);
    set_checksum(tcp, kChecksumInTcp, checksum(pseudo_header));

    auto ip = ByteWriter()
                  .u8(0x45)
                  .u8(0)
                  .u16(2 * kHeader)
                  .u32(0x4000)  // no identification; not to be fragmented
                  .u8(kTimeToLive)
                  .u8(kTcp)
                  .u16(0)
                  .put(addresses)
                  .take();
    set_checksum(ip, kChecksumInIp, checksum(ip));
    return concat(ip, tcp);
}

}  // namespace oti::compare
