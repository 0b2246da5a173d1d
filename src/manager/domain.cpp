// SPDX-License-Identifier: Apache-2.0
#include "manager/domain.h"

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/tlv.h"
#include "crypto/digest.h"

namespace oti::manager {
namespace {

constexpr std::uint8_t kFormat = 1;

}  // namespace

Bytes DomainMemory::encode() const {
    ByteWriter writer;
    writer.u8(kFormat).lv(key_diversification_data).u8(key_version.value()).u8(options.i());
    writer.u32(next_sequence_counter).u32(static_cast<std::uint32_t>(max_command_data));
    writer.u16(static_cast<unsigned>(registry.size()));
    for (const auto& read : registry) {
        auto response = read.response.encode();
        writer.u8(static_cast<unsigned>(read.element)).u8(read.next ? 1 : 0);
        writer.u32(static_cast<std::uint32_t>(response.size())).put(response);
    }
    return writer.take();
}

Result<DomainMemory> DomainMemory::decode(BytesView bytes) {
    ByteReader reader(bytes, "memory of a security domain");
    DomainMemory memory;
    OTI_TRY(auto format, reader.u8());
    if (format != kFormat) return reader.invalid("unknown format");
    OTI_TRY(auto kdd, reader.take_lv());
    if (kdd.size() != 10) return reader.invalid("key diversification data has 10 bytes");
    memory.key_diversification_data = to_bytes(kdd);
    OTI_TRY(auto version, reader.u8());
    OTI_TRY(auto i, reader.u8());
    memory.key_version = scp::KeyVersion(version);
    memory.options = scp::Scp03Options::from_i(i);
    OTI_TRY(memory.next_sequence_counter, reader.u32());
    OTI_TRY(memory.max_command_data, reader.u32());
    OTI_TRY(auto count, reader.u16());
    for (unsigned n = 0; n < count; ++n) {
        OTI_TRY(auto element, reader.u8());
        OTI_TRY(auto next, reader.u8());
        OTI_TRY(auto size, reader.u32());
        OTI_TRY(auto encoded, reader.take(size));
        OTI_TRY(auto response, iso7816::ResponseApdu::parse(encoded));
        memory.registry.push_back(
            {static_cast<globalplatform::Element>(element), next != 0, std::move(response)});
    }
    OTI_CHECK(reader.expect_end());
    return memory;
}

namespace {

globalplatform::DesiredApplication provider_domain(const iso7816::Aid& aid) {
    globalplatform::DesiredApplication domain{iso7816::Aid::constant("A0000001515350"),
                                              iso7816::Aid::constant("A000000151535041"), aid};
    domain.privileges = globalplatform::kProviderDomainPrivileges;
    return domain;
}

/// UICC System Specific Parameters with those of a toolkit application, of which nothing is used but the
/// minimum security and the TAR (TS 102 226, 8.2.1.3.2.2).
Bytes packet_parameters(const scp::Tar& tar) {
    constexpr Tag kUicc = 0xEA, kToolkit = 0x80;
    constexpr std::uint8_t kPriority = 0xFF, kNone = 0, kMinimumSpi1 = 0x01;
    auto spi1 = scp::Spi().encode()[0];
    ByteWriter writer;
    writer.u8(kPriority).u8(kNone).u8(kNone).u8(kNone).u8(kNone);
    writer.lv(Bytes{kMinimumSpi1, spi1}).lv(tar);
    return encode_tlv(kUicc, encode_tlv(kToolkit, writer.take()));
}

}  // namespace

globalplatform::DesiredApplication provider_domain(const iso7816::Aid& aid, scp::Scp03Options options) {
    constexpr std::uint8_t kScp03 = 0x03;
    auto domain = provider_domain(aid);
    domain.parameters = encode_tlv(0x81, Bytes{kScp03, options.i()});
    return domain;
}

globalplatform::DesiredApplication provider_domain(const iso7816::Aid& aid, const scp::Tar& tar) {
    auto domain = provider_domain(aid);
    domain.further_objects = packet_parameters(tar);
    return domain;
}

scp::Tar tar_of(const iso7816::Aid& aid) {
    constexpr std::uint8_t kFirst = 0xC0;
    auto digest = crypto::sha256(aid.bytes());
    return {static_cast<std::uint8_t>(digest[0] | kFirst), digest[1], digest[2]};
}

}  // namespace oti::manager
