// SPDX-License-Identifier: Apache-2.0
#include "globalplatform/commands.h"

#include <algorithm>
#include <array>

#include "base/byte_writer.h"
#include "base/tlv.h"
#include "crypto/aes.h"
#include "scp/diversification.h"

namespace oti::globalplatform {
namespace {

using iso7816::Aid;
using iso7816::CommandApdu;
using iso7816::Ins;

// P1 of INSTALL (table 11-41).
constexpr std::uint8_t kForLoad = 0x02, kForInstall = 0x04, kForMakeSelectable = 0x08;

CommandApdu install(unsigned p1, Bytes data) {
    return {0x80, value(Ins::kInstall), static_cast<std::uint8_t>(p1),
            0x00, std::move(data),      iso7816::kMaxShortNe};
}

/// A field whose length is BER coded: parameters and tokens.
Bytes ber_lv(BytesView value) {
    return concat(encode_length(value.size()), value);
}

/// A key, padded with zeros to whole blocks, encrypted with the DEK: AES-CBC with a zero ICV (11.8.2.3.3).
Result<Bytes> encrypted_key(const crypto::SecretBytes& key, const crypto::SecretBytes& dek) {
    OTI_TRY(auto aes, crypto::Aes::create(dek));
    Bytes block = to_bytes(key.view(crypto::SecretAccess::granted()));
    block.resize((block.size() + crypto::kAesBlock - 1) / crypto::kAesBlock * crypto::kAesBlock);
    aes.cbc_encrypt({}, block, block);
    return block;
}

}  // namespace

CommandApdu select(const Aid& aid) {
    return {0x00, value(Ins::kSelect), 0x04, 0x00, to_bytes(aid.bytes()), iso7816::kMaxShortNe};
}

CommandApdu install_for_load(const Aid& load_file, const Aid& security_domain, std::size_t size) {
    auto code_size = std::min<std::size_t>(size, 0xFFFF);
    auto parameters = encode_tlv(0xEF, encode_tlv(0xC6, Bytes{static_cast<std::uint8_t>(code_size >> 8),
                                                              static_cast<std::uint8_t>(code_size)}));
    ByteWriter data;
    data.lv(load_file.bytes()).lv(security_domain.bytes()).u8(0).put(ber_lv(parameters)).u8(0);
    return install(kForLoad, data.take());
}

std::vector<CommandApdu> load(BytesView load_file, std::size_t block_size) {
    std::vector<CommandApdu> commands;
    for (std::size_t at = 0; at < load_file.size(); at += block_size) {
        auto block = load_file.subspan(at, std::min(block_size, load_file.size() - at));
        bool last = at + block.size() == load_file.size();
        commands.push_back({0x80, value(Ins::kLoad), static_cast<std::uint8_t>(last ? 0x80 : 0x00),
                            static_cast<std::uint8_t>(commands.size()), to_bytes(block),
                            iso7816::kMaxShortNe});
    }
    return commands;
}

CommandApdu install_and_make_selectable(const Aid& load_file, const Aid& module, const Aid& instance,
                                        const Privileges& privileges, BytesView application_parameters) {
    ByteWriter data;
    data.lv(load_file.bytes()).lv(module.bytes()).lv(instance.bytes());
    // One byte where it is enough: cards of 2.1.1 know no other (11.1.2).
    bool one_byte = privileges[1] == 0 && privileges[2] == 0;
    data.lv(BytesView(privileges).first(one_byte ? 1 : 3));
    data.put(ber_lv(encode_tlv(0xC9, application_parameters))).u8(0);
    return install(kForInstall | kForMakeSelectable, data.take());
}

CommandApdu make_selectable(const Aid& instance) {
    ByteWriter data;
    data.u8(0).u8(0).lv(instance.bytes()).lv(Bytes{0x00}).u8(0).u8(0);
    return install(kForMakeSelectable, data.take());
}

CommandApdu delete_object(const Aid& aid, bool related) {
    return {0x80,
            value(Ins::kDelete),
            0x00,
            static_cast<std::uint8_t>(related ? 0x80 : 0x00),
            encode_tlv(0x4F, aid.bytes()),
            iso7816::kMaxShortNe};
}

Result<PutKey> put_key(scp::KeyVersion replaced, scp::KeyVersion version, const scp::KeySet& keys,
                       const crypto::SecretBytes& dek) {
    constexpr std::uint8_t kAesKeyType = 0x88, kMultipleKeysFromIdentifier1 = 0x81;
    ByteWriter data;
    data.u8(version.value());
    Bytes expected{version.value()};
    for (const auto* key : {&keys.enc, &keys.mac, &keys.dek}) {
        OTI_TRY(auto encrypted, encrypted_key(*key, dek));
        OTI_TRY(auto check, scp::aes_key_check_value(*key));
        // The inner length is the key's own: padding is not part of it.
        auto field = concat(Bytes{static_cast<std::uint8_t>(key->size())}, encrypted);
        data.u8(kAesKeyType).put(ber_lv(field)).lv(check);
        append(expected, check);
    }
    return PutKey{{0x80, value(Ins::kPutKey), replaced.value(), kMultipleKeysFromIdentifier1, data.take(),
                   iso7816::kMaxShortNe},
                  expected};
}

std::size_t max_command_data(BytesView fci) {
    auto inner = [](std::optional<BytesView> value, Tag tag) -> std::optional<BytesView> {
        if (!value) return std::nullopt;
        auto objects = read_all_tlv(*value, "FCI");
        return objects ? find(*objects, tag) : std::nullopt;
    };
    auto length = inner(inner(inner(fci, 0x6F), 0xA5), 0x9F65);
    if (!length || length->empty() || length->size() > 2) return iso7816::kMaxShortData;
    std::size_t value = 0;
    for (auto byte : *length) value = value << 8 | byte;
    // Less than a MAC and a block would be no announcement but an accident.
    return value < 32 ? iso7816::kMaxShortData : value;
}

}  // namespace oti::globalplatform
