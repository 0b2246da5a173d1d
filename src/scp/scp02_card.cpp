// SPDX-License-Identifier: Apache-2.0
#include "scp/scp02_card.h"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <array>

namespace oti::scp {
namespace {

using crypto::DesBlock;
using crypto::kDesBlock;
using crypto::SecretAccess;
using crypto::SecretBytes;
using iso7816::CommandApdu;
using iso7816::ResponseApdu;
using iso7816::StatusWord;

constexpr std::size_t kHostChallenge = 8, kCardChallenge = 6, kKeySize = 16;

/// Bits of `i` (table E-1).
constexpr std::uint8_t kMacOnUnmodified = 0x02;
constexpr std::uint8_t kExplicitInitiation = 0x04;
constexpr std::uint8_t kEncryptedIcv = 0x10;
constexpr std::uint8_t kRMacSupport = 0x20;
constexpr std::uint8_t kKnownBits = 0x77;

/// E.4.1, figure E-2; the constants `0101`, `0102`, `0181`, `0182` differ in their second byte.
Result<SecretBytes> session_key(const SecretBytes& static_key, std::uint8_t constant, std::uint16_t counter) {
    if (static_key.size() != kKeySize) {
        return fail(ErrorKind::kUsage, "key.length",
                    fmt::format("an SCP02 key has {} bytes, this one has {}", kKeySize, static_key.size()));
    }
    OTI_TRY(auto cipher, crypto::TripleDes::create(static_key));
    SecretBytes key(kKeySize);
    auto block = key.writable(SecretAccess::granted());
    block[0] = 0x01;
    block[1] = constant;
    block[2] = static_cast<std::uint8_t>(counter >> 8);
    block[3] = static_cast<std::uint8_t>(counter);
    cipher.cbc_encrypt({}, block, block);
    return key;
}

std::array<std::uint8_t, 2> two_bytes(std::uint16_t number) {
    return {static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)};
}

/// P1 of EXTERNAL AUTHENTICATE (table E-11).
std::optional<CurrentSecurityLevel> level_of(std::uint8_t p1) {
    switch (p1) {
        case 0x00:
        case 0x01:
        case 0x03:
        case 0x10:
        case 0x11:
        case 0x13:
            return CurrentSecurityLevel{.authenticated = true,
                                        .c_mac = (p1 & 0x01) != 0,
                                        .c_decryption = (p1 & 0x02) != 0,
                                        .r_mac = (p1 & 0x10) != 0};
        default:
            return std::nullopt;
    }
}

bool has_many_channels_form(std::uint8_t cla) {
    return (cla & 0x40) != 0;
}

/// GPCS 11.1.4: b3 of the first interindustry form, b6 of the further one.
bool indicates_secure_messaging(std::uint8_t cla) {
    return has_many_channels_form(cla) ? (cla & 0x20) != 0 : (cla & 0x0C) != 0;
}

/// Secure messaging of ISO 7816-4, which this channel is not.
bool indicates_iso_secure_messaging(std::uint8_t cla) {
    return !has_many_channels_form(cla) && (cla & 0x08) != 0;
}

std::uint8_t without_secure_messaging(std::uint8_t cla) {
    return has_many_channels_form(cla) ? cla & ~0x20 : cla & ~0x0C;
}

/// For channel 0, without secure messaging: what MACs know of the class byte.
std::uint8_t bare_cla(std::uint8_t cla) {
    return has_many_channels_form(cla) ? cla & 0x90 : cla & 0xF0;
}

/// Header, Lc as the form of the received command codes it, and data.
Bytes covered(std::uint8_t cla, const CommandApdu& received, std::size_t lc, BytesView data) {
    Bytes bytes{cla, received.ins, received.p1, received.p2};
    if (received.data.size() > iso7816::kMaxShortData || received.ne > iso7816::kMaxShortNe) {
        bytes.push_back(0x00);
        bytes.push_back(static_cast<std::uint8_t>(lc >> 8));
    }
    bytes.push_back(static_cast<std::uint8_t>(lc));
    append(bytes, data);
    return bytes;
}

}  // namespace

Result<Scp02Card> Scp02Card::initialize(std::uint8_t i, const KeySet& keys, std::uint16_t counter,
                                        BytesView host_challenge, BytesView card_challenge) {
    if ((i & ~kKnownBits) != 0 || (i & kExplicitInitiation) == 0) {
        return fail(ErrorKind::kUsage, "scp.parameter",
                    fmt::format("{:02X} is no parameter i of SCP02 with explicit initiation", i));
    }
    if (host_challenge.size() != kHostChallenge || card_challenge.size() != kCardChallenge) {
        return fail(ErrorKind::kUsage, "scp.challenge",
                    fmt::format("the challenges have {} and {} bytes", kHostChallenge, kCardChallenge));
    }
    Scp02Card session;
    session.i_ = i;
    OTI_TRY(auto encryption, session_key(keys.enc, 0x82, counter));
    OTI_TRY(session.encryption_, crypto::TripleDes::create(encryption));
    OTI_TRY(auto c_mac, session_key(keys.mac, 0x01, counter));
    OTI_TRY(session.c_mac_, crypto::RetailMac::create(c_mac));
    OTI_TRY(auto r_mac, session_key(keys.mac, 0x02, counter));
    OTI_TRY(session.r_mac_, crypto::RetailMac::create(r_mac));
    OTI_TRY(auto data_encryption, session_key(keys.dek, 0x81, counter));
    OTI_TRY(session.data_encryption_, crypto::TripleDes::create(data_encryption));

    auto sequence = two_bytes(counter);
    session.card_cryptogram_ =
        to_bytes(session.encryption_->mac({}, concat(host_challenge, sequence, card_challenge)));
    session.host_cryptogram_ =
        SecretBytes::copy_of(session.encryption_->mac({}, concat(sequence, card_challenge, host_challenge)));
    return session;
}

Result<Bytes> Scp02Card::pseudo_random_challenge(const KeySet& keys, std::uint16_t counter, BytesView aid) {
    OTI_TRY(auto key, session_key(keys.mac, 0x01, counter));
    OTI_TRY(auto mac, crypto::RetailMac::create(key));
    auto challenge = to_bytes(mac.mac({}, aid));
    challenge.resize(kCardChallenge);
    return challenge;
}

StatusWord Scp02Card::external_authenticate(const CommandApdu& command) {
    auto refuse = [this](StatusWord sw) {
        abort();
        return sw;
    };
    if (state_ == State::kAborted) return StatusWord::kSecurityStatus;
    if (state_ == State::kOpen) return refuse(StatusWord::kConditionsNotSatisfied);
    if (command.data.size() != 2 * kDesBlock) return refuse(StatusWord::kWrongLength);
    auto level = level_of(command.p1);
    if (!level || command.p2 != 0 || (level->r_mac && (i_ & kRMacSupport) == 0)) {
        return refuse(StatusWord::kIncorrectP1P2);
    }
    auto cryptogram = BytesView(command.data).first(kDesBlock);
    if (!host_cryptogram_.equals(cryptogram)) return refuse(StatusWord::kAuthenticationFailed);
    if (!verify(command, cryptogram, BytesView(command.data).last(kDesBlock))) {
        return refuse(StatusWord::kSecurityStatus);
    }
    // E.3.2: this MAC begins both chains.
    r_mac_icv_ = *verified_c_mac_;
    host_cryptogram_.wipe();
    level_ = *level;
    state_ = State::kOpen;
    return StatusWord::kOk;
}

std::expected<CommandApdu, StatusWord> Scp02Card::unwrap(const CommandApdu& wrapped) {
    answered_command_.reset();
    bool secured = indicates_secure_messaging(wrapped.cla);
    if (state_ == State::kInitialized && !secured) return wrapped;
    if (state_ != State::kOpen) return security_error();

    CommandApdu plain = wrapped;
    plain.cla = without_secure_messaging(wrapped.cla);
    // What exceeds the level is verified as well; what falls short of it is refused, whatever its class byte
    // says (E.1.6).
    if (level_.c_mac || secured) {
        if (indicates_iso_secure_messaging(wrapped.cla) || wrapped.data.size() < kDesBlock) {
            return security_error();
        }
        auto split = wrapped.data.size() - kDesBlock;
        plain.data.resize(split);
        if (level_.c_decryption && split > 0) {
            if (split % kDesBlock != 0) return security_error();
            encryption_->cbc_decrypt({}, plain.data, plain.data);
            auto unpadded = crypto::des_unpadded(plain.data);
            if (!unpadded) return security_error();
            plain.data = std::move(*unpadded);
        }
        if (!verify(wrapped, plain.data, BytesView(wrapped.data).subspan(split))) return security_error();
    }
    if (level_.r_mac) {
        answered_command_ = covered(bare_cla(wrapped.cla), wrapped, plain.data.size(), plain.data);
    }
    return plain;
}

Bytes Scp02Card::wrap(const ResponseApdu& response) {
    auto command = std::exchange(answered_command_, std::nullopt);
    if (!command) return response.encode();
    auto data = is_success_or_warning(response.sw) ? response.data : Bytes{};
    auto bytes = std::move(*command);
    bytes.push_back(static_cast<std::uint8_t>(data.size()));
    append(bytes, data);
    append(bytes, two_bytes(value(response.sw)));
    r_mac_icv_ = r_mac_->mac(r_mac_icv_, bytes);
    append(data, r_mac_icv_);
    return ResponseApdu{std::move(data), response.sw}.encode();
}

std::expected<SecretBytes, StatusWord> Scp02Card::decrypt_sensitive(BytesView data) const {
    if (state_ != State::kOpen) return std::unexpected(StatusWord::kConditionsNotSatisfied);
    if (data.empty() || data.size() % kDesBlock != 0) return std::unexpected(StatusWord::kWrongData);
    SecretBytes plain(data.size());
    data_encryption_->ecb_decrypt(data, plain.writable(SecretAccess::granted()));
    return plain;
}

std::expected<Bytes, StatusWord> Scp02Card::encrypt_sensitive(BytesView data) const {
    if (state_ != State::kOpen) return std::unexpected(StatusWord::kConditionsNotSatisfied);
    if (data.empty() || data.size() % kDesBlock != 0) return std::unexpected(StatusWord::kWrongData);
    Bytes encrypted(data.size());
    data_encryption_->ecb_encrypt(data, encrypted);
    return encrypted;
}

void Scp02Card::abort() {
    state_ = State::kAborted;
    level_ = {};
    // OpenSSL clears the keys in a context when it is freed.
    encryption_.reset();
    c_mac_.reset();
    r_mac_.reset();
    data_encryption_.reset();
    host_cryptogram_.wipe();
    verified_c_mac_.reset();
    OPENSSL_cleanse(r_mac_icv_.data(), r_mac_icv_.size());
    answered_command_.reset();
}

std::size_t Scp02Card::max_response_data(std::size_t wrapped_max) const {
    return level_.r_mac ? wrapped_max - std::min(wrapped_max, kDesBlock) : wrapped_max;
}

bool Scp02Card::verify(const CommandApdu& command, BytesView data, BytesView mac) {
    DesBlock icv{};
    if (verified_c_mac_) {
        icv = (i_ & kEncryptedIcv) != 0 ? c_mac_->encrypt_block(*verified_c_mac_) : *verified_c_mac_;
    }
    auto cla = bare_cla(command.cla);
    auto bytes = (i_ & kMacOnUnmodified) != 0 ? covered(cla, command, data.size(), data)
                                              : covered(cla | 0x04, command, data.size() + kDesBlock, data);
    auto expected = c_mac_->mac(icv, bytes);
    if (!crypto::equal_in_constant_time(expected, mac)) return false;
    verified_c_mac_ = expected;
    return true;
}

std::unexpected<StatusWord> Scp02Card::security_error() {
    if (state_ == State::kOpen) abort();
    return std::unexpected(StatusWord::kSecurityStatus);
}

}  // namespace oti::scp
