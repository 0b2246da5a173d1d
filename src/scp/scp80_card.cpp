// SPDX-License-Identifier: Apache-2.0
#include "scp/scp80_card.h"

#include <algorithm>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "crypto/aes.h"
#include "crypto/triple_des.h"

namespace oti::scp {
namespace {

constexpr std::uint8_t kCiphered = 0x04, kReserved = 3;
constexpr std::uint8_t kWhenever = 1, kOnError = 2;  // SPI2.b2b1
constexpr unsigned kHigher = 2, kOneHigher = 3;
constexpr std::uint8_t kCrc16 = 0x1, kCrc32 = 0x5;
constexpr std::size_t kTar = 3, kCounter = 5,
                      kResponseHeader = kTar + kCounter + 2;  // TAR CNTR PCNTR status

/// The remainder, least significant bit first; `polynomial` is reflected (5.1.3.2).
std::uint32_t remainder(BytesView message, std::uint32_t polynomial, std::uint32_t ones) {
    auto crc = ones;
    for (auto byte : message) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            bool carry = ((crc ^ (byte >> bit)) & 1) != 0;
            crc >>= 1;
            if (carry) crc ^= polynomial;
        }
    }
    return crc ^ ones;
}

class Cipher {
  public:
    /// The keys were tried when they came to the card; others work on nothing.
    static std::optional<Cipher> of(const Scp80Keys& keys) {
        Cipher cipher;
        if (keys.algorithm == Scp80Algorithm::kAes) {
            auto aes = crypto::Aes::create(keys.kic);
            if (!aes) return std::nullopt;
            cipher.aes_ = std::move(*aes);
        } else {
            auto des = crypto::TripleDes::create(keys.kic);
            if (!des) return std::nullopt;
            cipher.des_ = std::move(*des);
        }
        return cipher;
    }
    std::size_t block() const { return aes_ ? crypto::kAesBlock : crypto::kDesBlock; }
    void decrypt(Bytes& blocks) const {
        aes_ ? aes_->cbc_decrypt({}, blocks, blocks) : des_->cbc_decrypt({}, blocks, blocks);
    }
    void encrypt(Bytes& blocks) const {
        aes_ ? aes_->cbc_encrypt({}, blocks, blocks) : des_->cbc_encrypt({}, blocks, blocks);
    }

  private:
    std::optional<crypto::Aes> aes_;
    std::optional<crypto::TripleDes> des_;
};

}  // namespace

std::optional<Scp80Card> Scp80Card::receive(BytesView packet) {
    ByteReader reader(packet, "command packet");
    Scp80Card card;
    auto length = reader.u16();
    if (!length || *length != reader.remaining()) return std::nullopt;
    for (auto* field : {&card.header_length_, &card.spi1_, &card.spi2_, &card.kic_, &card.kid_}) {
        auto byte = reader.u8();
        if (!byte) return std::nullopt;
        *field = *byte;
    }
    auto tar = reader.take(kTar);
    if (!tar || reader.remaining() < kCounter + 1) return std::nullopt;
    card.tar_ = to_bytes(*tar);
    card.clear_ = to_bytes(packet.first(reader.offset()));
    card.rest_ = to_bytes(reader.take_rest());
    return card;
}

std::optional<std::uint8_t> Scp80Card::key_version() const {
    auto of_cipher = static_cast<std::uint8_t>(kic_ >> 4), of_check = static_cast<std::uint8_t>(kid_ >> 4);
    if (of_cipher != 0 && of_check != 0 && of_cipher != of_check) return std::nullopt;
    if (of_cipher == 0 && is_ciphered()) return std::nullopt;
    if (of_check == 0 && integrity() == Integrity::kChecksum) return std::nullopt;
    return of_cipher != 0 ? of_cipher : of_check;
}

bool Scp80Card::meets(std::uint8_t minimum) const {
    return (spi1_ & 3) >= (minimum & 3) && (spi1_ & kCiphered) >= (minimum & kCiphered) &&
           counter_mode() >= ((minimum >> 3) & 3U);
}

bool Scp80Card::is_ciphered() const {
    return (spi1_ & kCiphered) != 0;
}

bool Scp80Card::moves_counter() const {
    return counter_mode() >= kHigher;
}

std::optional<std::size_t> Scp80Card::check_size(const Scp80Keys& keys) const {
    switch (integrity()) {
        case Integrity::kNone:
            return 0;
        case Integrity::kChecksum:
            return keys.mac_size;
        case Integrity::kRedundancyCheck:
            if ((kid_ & 0x0F) == kCrc16) return 2;
            if ((kid_ & 0x0F) == kCrc32) return 4;
            return std::nullopt;
        default:
            return std::nullopt;
    }
}

Bytes Scp80Card::check_value(const Scp80Keys& keys, BytesView message) const {
    if (integrity() == Integrity::kNone) return {};
    if (integrity() == Integrity::kRedundancyCheck) {
        if ((kid_ & 0x0F) == kCrc16) return ByteWriter().u16(remainder(message, 0x8408, 0xFFFF)).take();
        return ByteWriter().u32(remainder(message, 0xEDB88320, 0xFFFFFFFF)).take();
    }
    if (keys.algorithm == Scp80Algorithm::kAes) {
        auto mac = crypto::cmac(keys.kid, message);
        if (!mac) return {};
        return to_bytes(BytesView(*mac).first(keys.mac_size));
    }
    auto des = crypto::TripleDes::create(keys.kid);
    if (!des) return {};
    auto chain = to_bytes(message);
    while (chain.size() % crypto::kDesBlock != 0) chain.push_back(0);
    des->cbc_encrypt({}, chain, chain);
    return to_bytes(BytesView(chain).last(crypto::kDesBlock));
}

bool Scp80Card::is_consistent(const Scp80Keys& keys) const {
    auto check_of_answer = static_cast<unsigned>(spi2_ >> 2) & 3U;
    bool authentic = integrity() == Integrity::kChecksum;
    if (check_of_answer != 0 && check_of_answer != (spi1_ & 3U)) return false;
    if ((spi2_ & 0x10) != 0 && !(authentic && is_ciphered())) return false;
    if ((spi2_ & 3) == kReserved) return false;
    // A.2: the algorithm is the key's, and what the header says of it must not be another.
    auto algorithm_fits = [&](std::uint8_t nibble, std::size_t key_size) {
        if (nibble == 0) return true;
        if (keys.algorithm == Scp80Algorithm::kAes) return nibble == 2;
        if (keys.algorithm == Scp80Algorithm::kDes) return nibble == 1;
        return nibble == (key_size == 24 ? 9 : 5);
    };
    if (is_ciphered() && !algorithm_fits(kic_ & 0x0F, keys.kic.size())) return false;
    if (authentic && !algorithm_fits(kid_ & 0x0F, keys.kid.size())) return false;
    bool uses_key = authentic || is_ciphered();
    return keys.algorithm != Scp80Algorithm::kAes || !uses_key || moves_counter();
}

PacketStatus Scp80Card::open(const Scp80Keys& keys, std::uint64_t last_counter) {
    auto check = check_size(keys);
    auto cipher = Cipher::of(keys);
    if (!check || !cipher || !is_consistent(keys)) return PacketStatus::kSecurityError;
    constexpr std::size_t kBeforeCheck = 13;
    if (header_length_ != kBeforeCheck + *check) return PacketStatus::kSecurityError;

    auto plain = rest_;
    if (is_ciphered()) {
        if (plain.size() % cipher->block() != 0) return PacketStatus::kWrongCipher;
        cipher->decrypt(plain);
    }
    ByteReader reader(plain, "command packet");
    auto counted = reader.take(kCounter + 1);
    auto value = reader.take(*check);
    if (!counted || !value) return PacketStatus::kSecurityError;
    auto text = reader.take_rest();
    auto expected = check_value(keys, concat(clear_, *counted, text));
    if (expected.size() != *check || !crypto::equal_in_constant_time(expected, *value))
        return PacketStatus::kWrongChecksum;
    authenticated_ = integrity() == Integrity::kChecksum;

    for (auto byte : counted->first(kCounter)) counter_ = counter_ << 8 | byte;
    auto padding = counted->back();
    if (padding > text.size() || (padding != 0 && !is_ciphered())) return PacketStatus::kWrongCipher;
    data_ = to_bytes(text.first(text.size() - padding));
    if (!moves_counter()) return PacketStatus::kOk;
    if (last_counter >= kScp80MaxCounter) return PacketStatus::kCounterBlocked;
    if (counter_ <= last_counter) return PacketStatus::kCounterLow;
    if (counter_mode() == kOneHigher && counter_ != last_counter + 1) return PacketStatus::kCounterHigh;
    return PacketStatus::kOk;
}

std::size_t Scp80Card::max_response_data(std::size_t packet_size, const Scp80Keys& keys) const {
    constexpr std::size_t kClear = 2 + 1 + kTar;  // RPL RHL TAR
    auto check = wants_checked_response() ? check_size(keys).value_or(0) : 0;
    auto used = kResponseHeader - kTar + check;
    auto room = packet_size - std::min(packet_size, kClear);
    if (auto cipher = wants_ciphered_response() ? Cipher::of(keys) : std::nullopt)
        room = room / cipher->block() * cipher->block();
    return room - std::min(room, used);
}

std::optional<Bytes> Scp80Card::response(PacketStatus status, BytesView data, const Scp80Keys* keys) const {
    auto wanted = static_cast<std::uint8_t>(spi2_ & 3);
    bool wants = wanted == kWhenever || (wanted == kOnError && status != PacketStatus::kOk);
    if (!wants) return std::nullopt;
    // Security is for those who were authenticated. A packet without a checksum that is carried out all the
    // same was allowed to be so, and has its redundancy check; there is no key in it.
    bool believed = keys != nullptr && (authenticated_ || status == PacketStatus::kOk);
    bool checked = believed && wants_checked_response(), ciphered = believed && wants_ciphered_response();
    auto text = status == PacketStatus::kOk ? to_bytes(data) : Bytes{};
    auto check = checked ? *check_size(*keys) : 0;
    auto cipher = ciphered ? Cipher::of(*keys) : std::nullopt;

    std::size_t padding = 0;
    if (cipher) {
        auto unit = cipher->block();
        padding = (unit - (kCounter + 2 + check + text.size()) % unit) % unit;
        text.resize(text.size() + padding);
    }
    ByteWriter clear, counted;
    clear.u16(static_cast<unsigned>(1 + kResponseHeader + check + text.size()));
    clear.u8(static_cast<unsigned>(kResponseHeader + check)).put(tar_);
    auto counter = believed ? counter_ : 0;
    counted.u8(static_cast<unsigned>(counter >> 32)).u32(static_cast<std::uint32_t>(counter));
    counted.u8(static_cast<unsigned>(padding)).u8(static_cast<unsigned>(status));
    Bytes value;
    if (checked) {
        // TS 31.115: over the header that announces a response packet, too.
        constexpr std::uint8_t kUserDataHeader[] = {0x02, 0x71, 0x00};
        value = check_value(*keys, concat(kUserDataHeader, clear.view(), counted.view(), text));
    }
    auto variable = concat(counted.view(), value, text);
    if (cipher) cipher->encrypt(variable);
    return concat(clear.view(), variable);
}

}  // namespace oti::scp
