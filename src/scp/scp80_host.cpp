// SPDX-License-Identifier: Apache-2.0
#include "scp/scp80_host.h"

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "crypto/aes.h"
#include "crypto/triple_des.h"

namespace oti::scp {
namespace {

constexpr std::size_t kBeforeChecksum = 13,  // SPI KIc KID TAR CNTR PCNTR
    kClearHeader = 2 + 1 + 7,                // CPL CHL SPI KIc KID TAR
    kCounted = 6,                            // CNTR PCNTR
    kMaxPacket = 0xFFFF;
constexpr std::uint8_t kResponseHeader[] = {0x02, 0x71, 0x00};
constexpr std::uint8_t kAesNibble = 0x2, kDesNibble = 0x1, kTwoKeys = 0x5, kThreeKeys = 0x9, kCrc32 = 0x5;
constexpr std::size_t kProofBeforeChecksum = 10,  // TAR CNTR PCNTR status
    kCrcSize = 4;

void put_counter(ByteWriter& writer, std::uint64_t counter) {
    writer.u8(static_cast<unsigned>(counter >> 32)).u32(static_cast<std::uint32_t>(counter));
}

/// 5.1.3.2, bit by bit.
std::uint32_t crc32(BytesView message) {
    std::uint32_t value = 0xFFFFFFFF;
    for (auto byte : message) {
        value ^= byte;
        for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? 0xEDB88320U : 0U);
    }
    return ~value;
}

Bytes cipher(const Scp80Keys& keys, bool encrypt, BytesView in) {
    Bytes out(in.size());
    // The keys were tried when the host was created.
    if (keys.algorithm == Scp80Algorithm::kAes) {
        auto aes = crypto::Aes::create(keys.kic).value();
        encrypt ? aes.cbc_encrypt({}, in, out) : aes.cbc_decrypt({}, in, out);
    } else {
        auto des = crypto::TripleDes::create(keys.kic).value();
        encrypt ? des.cbc_encrypt({}, in, out) : des.cbc_decrypt({}, in, out);
    }
    return out;
}

bool fits(Scp80Algorithm algorithm, std::size_t size) {
    switch (algorithm) {
        case Scp80Algorithm::kAes:
            return size == 16 || size == 24 || size == 32;
        case Scp80Algorithm::kTripleDes:
            return size == 16 || size == 24;
        default:
            return size == 8;
    }
}

Status check(const Spi& spi, Scp80Algorithm algorithm) {
    auto wrong = [](std::string_view why) {
        return fail(
            ErrorKind::kUsage, "ota.spi", "this SPI is not allowed: " + std::string(why),
            "1619 is the usual one for TS 102 225: checksum, ciphered, counter higher, secured answer; "
            "its second byte is 39 for an answer by SMS-SUBMIT");
    };
    if (spi.proof_integrity != PacketIntegrity::kNone && spi.proof_integrity != spi.integrity)
        return wrong("the answer's check has to be of the same kind as the command's");
    if (spi.proof_ciphered && (!spi.ciphered || spi.integrity != PacketIntegrity::kChecksum))
        return wrong("a ciphered answer needs a command that is ciphered and has a checksum");
    bool uses_key = spi.ciphered || spi.integrity == PacketIntegrity::kChecksum;
    bool counts = spi.counter == PacketCounter::kHigher || spi.counter == PacketCounter::kNext;
    if (algorithm == Scp80Algorithm::kAes && uses_key && !counts)
        return wrong("AES needs a counter that the card checks");
    return {};
}

}  // namespace

Result<Spi> Spi::parse(std::uint8_t first, std::uint8_t second) {
    if ((first & 0xE0) != 0 || (second & 0xC0) != 0 || (first & 3) == 3 || (second & 3) == 3 ||
        ((second >> 2) & 3) == 3) {
        return fail(ErrorKind::kUsage, "ota.spi", "the SPI has reserved bits, or a digital signature");
    }
    return Spi{static_cast<PacketIntegrity>(first & 3),
               (first & 0x04) != 0,
               static_cast<PacketCounter>((first >> 3) & 3),
               static_cast<ProofOfReceipt>(second & 3),
               static_cast<PacketIntegrity>((second >> 2) & 3),
               (second & 0x10) != 0,
               (second & 0x20) != 0};
}

std::array<std::uint8_t, 2> Spi::encode() const {
    return {
        static_cast<std::uint8_t>(static_cast<unsigned>(integrity) | (ciphered ? 0x04U : 0U) |
                                  static_cast<unsigned>(counter) << 3),
        static_cast<std::uint8_t>(static_cast<unsigned>(proof) | static_cast<unsigned>(proof_integrity) << 2 |
                                  (proof_ciphered ? 0x10U : 0U) | (proof_by_submit ? 0x20U : 0U))};
}

Result<Scp80Host> Scp80Host::create(const Scp80Keys& keys, std::uint8_t key_version, const Spi& spi,
                                    const Tar& tar, const Scp80Leniency& leniency) {
    if (key_version == 0 || key_version > 0x0F) {
        return fail(ErrorKind::kUsage, "ota.key_version", "keys of SCP80 have versions 01 to 0F");
    }
    if (!fits(keys.algorithm, keys.kic.size()) || !fits(keys.algorithm, keys.kid.size()) ||
        (keys.mac_size != 8 && (keys.mac_size != 4 || keys.algorithm != Scp80Algorithm::kAes))) {
        return fail(ErrorKind::kUsage, "key.length",
                    "KIc, KID or the length of the MAC does not fit the algorithm");
    }
    if (keys.algorithm != Scp80Algorithm::kAes && !leniency.des) {
        return fail(ErrorKind::kPolicy, "ota.legacy", "DES and triple DES are deprecated, and off",
                    "allow them explicitly for a card that has nothing else");
    }
    if (!leniency.any_combination) OTI_CHECK(check(spi, keys.algorithm));
    return Scp80Host(keys.clone(), key_version, spi, tar);
}

std::size_t Scp80Host::block() const {
    return keys_.algorithm == Scp80Algorithm::kAes ? crypto::kAesBlock : crypto::kDesBlock;
}

std::size_t Scp80Host::checksum_size(PacketIntegrity integrity) const {
    return integrity == PacketIntegrity::kNone              ? 0
           : integrity == PacketIntegrity::kRedundancyCheck ? kCrcSize
                                                            : keys_.mac_size;
}

Bytes Scp80Host::checksum(PacketIntegrity integrity, BytesView message) const {
    if (integrity == PacketIntegrity::kNone) return {};
    if (integrity == PacketIntegrity::kRedundancyCheck) return ByteWriter().u32(crc32(message)).take();
    if (keys_.algorithm == Scp80Algorithm::kAes) {
        auto mac = crypto::cmac(keys_.kid, message).value();
        return {mac.begin(), mac.begin() + static_cast<std::ptrdiff_t>(keys_.mac_size)};
    }
    // 5.1.3.1: padded with zeros
    auto padded = to_bytes(message);
    padded.resize((padded.size() + crypto::kDesBlock - 1) / crypto::kDesBlock * crypto::kDesBlock);
    crypto::TripleDes::create(keys_.kid).value().cbc_encrypt({}, padded, padded);
    return {padded.end() - crypto::kDesBlock, padded.end()};
}

std::uint8_t Scp80Host::key_byte() const {
    auto nibble = keys_.algorithm == Scp80Algorithm::kAes   ? kAesNibble
                  : keys_.algorithm == Scp80Algorithm::kDes ? kDesNibble
                  : keys_.kid.size() == 16                  ? kTwoKeys
                                                            : kThreeKeys;
    return static_cast<std::uint8_t>(key_version_ << 4 | nibble);
}

Result<Bytes> Scp80Host::command(std::uint64_t counter, BytesView data) const {
    if (counter > kScp80MaxCounter) {
        return fail(ErrorKind::kPolicy, "ota.counter", "the counter of this key version has run out",
                    "replace the keys of this version, or use another one");
    }
    auto checksum_length = checksum_size(spi_.integrity);
    auto variable = kCounted + checksum_length + data.size();
    auto padding = spi_.ciphered ? (block() - variable % block()) % block() : 0;
    auto length = kClearHeader - 2 + variable + padding;
    if (length > kMaxPacket) {
        return fail(ErrorKind::kUsage, "ota.length", "the data does not fit into a command packet");
    }
    auto check_kind = spi_.integrity == PacketIntegrity::kRedundancyCheck
                          ? static_cast<std::uint8_t>(key_version_ << 4 | kCrc32)
                          : key_byte();
    ByteWriter header, rest;
    header.u16(static_cast<unsigned>(length)).u8(static_cast<unsigned>(kBeforeChecksum + checksum_length));
    header.put(spi_.encode()).u8(key_byte()).u8(check_kind).put(tar_);
    put_counter(rest, counter);
    rest.u8(static_cast<unsigned>(padding));
    auto padded = to_bytes(data);
    padded.resize(data.size() + padding);
    auto check_value = checksum(spi_.integrity, concat(header.view(), rest.view(), padded));
    auto variable_part = concat(rest.view(), check_value, padded);
    if (spi_.ciphered) variable_part = cipher(keys_, true, variable_part);
    return concat(header.view(), variable_part);
}

std::size_t Scp80Host::max_data(std::size_t packet_size) const {
    auto used = kCounted + checksum_size(spi_.integrity);
    if (packet_size < kClearHeader + used) return 0;
    auto room = packet_size - kClearHeader;
    if (spi_.ciphered) room = room / block() * block();
    return room < used ? 0 : room - used;
}

Result<ProofOfReceiptPacket> Scp80Host::response(std::uint64_t counter, BytesView packet) const {
    ByteReader outer(packet, "response packet");
    OTI_TRY(auto length, outer.u16());
    if (length != outer.remaining()) return outer.invalid("its length is not what it says");
    OTI_TRY(auto header_length, outer.u8());
    OTI_TRY(auto tar, outer.take(tar_.size()));
    if (!same(tar, tar_)) {
        return fail(ErrorKind::kCard, "ota.por_mismatch", "the response packet is of another application");
    }
    // Errors that the card does not sign are not ciphered either.
    bool plain_error = header_length == kProofBeforeChecksum && length == kProofBeforeChecksum + 1;
    bool secured = spi_.proof_integrity != PacketIntegrity::kNone || spi_.proof_ciphered;
    bool ciphered = spi_.proof_ciphered && !plain_error;
    auto variable = to_bytes(outer.take_rest());
    if (ciphered) {
        if (variable.size() % block() != 0) return outer.invalid("a ciphered packet has whole blocks");
        variable = cipher(keys_, false, variable);
    }
    auto clear = packet.first(6);
    auto check_size = plain_error ? 0 : checksum_size(spi_.proof_integrity);
    if (header_length != kProofBeforeChecksum + check_size) return outer.invalid("length of its header");

    ByteReader reader(variable, "response packet");
    OTI_TRY(auto before, reader.take(kCounted + 1));
    OTI_TRY(auto check_value, reader.take(check_size));
    auto data = reader.take_rest();
    auto integrity = plain_error ? PacketIntegrity::kNone : spi_.proof_integrity;
    auto expected = checksum(integrity, concat(kResponseHeader, clear, before, data));
    if (!crypto::equal_in_constant_time(expected, check_value)) {
        return fail(ErrorKind::kAuthentication, "ota.por_mac",
                    "the response packet was not made by the card");
    }
    ByteReader fields(before, "response packet");
    OTI_TRY(auto high, fields.u8());
    OTI_TRY(auto low, fields.u32());
    OTI_TRY(auto padding, fields.u8());
    OTI_TRY(auto status, fields.u8());
    if (padding > data.size()) return reader.invalid("more padding than data");
    ProofOfReceiptPacket proof{
        static_cast<ResponseStatus>(status), static_cast<std::uint64_t>(high) << 32 | low,
        to_bytes(data.first(data.size() - padding)), integrity == PacketIntegrity::kChecksum};
    if (plain_error && secured && proof.status == ResponseStatus::kOk) {
        return fail(ErrorKind::kAuthentication, "ota.por_mac",
                    "a success without the security that was asked for");
    }
    bool counts =
        spi_.counter != PacketCounter::kNone && !(plain_error && proof.status != ResponseStatus::kOk);
    if (counts && proof.counter != counter) {
        return fail(ErrorKind::kAuthentication, "ota.por_mismatch",
                    "the response packet answers another command");
    }
    return proof;
}

}  // namespace oti::scp
