// SPDX-License-Identifier: Apache-2.0
#include "scp/scp03_card.h"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <array>

namespace oti::scp {
namespace {

using crypto::AesBlock;
using crypto::kAesBlock;
using crypto::SecretAccess;
using crypto::SecretBytes;
using iso7816::CommandApdu;
using iso7816::ResponseApdu;
using iso7816::StatusWord;

/// Derivation constants (table 4-1).
enum class Derive : std::uint8_t {
    kCardCryptogram = 0x00,
    kHostCryptogram = 0x01,
    kCardChallenge = 0x02,
    kSEnc = 0x04,
    kSMac = 0x06,
    kSRmac = 0x07,
};

/// Bits of `i` (table 5-1; b1 of Amendment D 1.2).
constexpr std::uint8_t kS16 = 0x01;
constexpr std::uint8_t kRMacSupport = 0x20;
constexpr std::uint8_t kREncryptionSupport = 0x40;
constexpr std::uint8_t kKnownBits = 0x71;

/// The data derivation scheme of 4.1.5.
Result<SecretBytes> derive(const SecretBytes& key, Derive constant, std::size_t size, BytesView context) {
    OTI_TRY(auto prf, crypto::Cmac::create(key));
    auto bits = size * 8;
    std::array<std::uint8_t, 15> label{};  // ends in the separation indicator 00 and L
    label[11] = static_cast<std::uint8_t>(constant);
    label[13] = static_cast<std::uint8_t>(bits >> 8);
    label[14] = static_cast<std::uint8_t>(bits);
    SecretBytes derived(size);
    auto out = derived.writable(SecretAccess::granted());
    std::uint8_t round = 0;
    for (std::size_t done = 0; done < size; done += kAesBlock) {
        ++round;
        prf.update(label);
        prf.update({&round, 1});
        prf.update(context);
        auto block = prf.finish();
        std::copy_n(block.begin(), std::min(kAesBlock, size - done), out.begin() + done);
        OPENSSL_cleanse(block.data(), block.size());
    }
    return derived;
}

/// P1 of EXTERNAL AUTHENTICATE (table 7-3).
std::optional<CurrentSecurityLevel> level_of(std::uint8_t p1) {
    switch (p1) {
        case 0x00:
            return CurrentSecurityLevel{.authenticated = true};
        case 0x01:
            return CurrentSecurityLevel{.authenticated = true, .c_mac = true};
        case 0x03:
            return CurrentSecurityLevel{.authenticated = true, .c_mac = true, .c_decryption = true};
        case 0x11:
            return CurrentSecurityLevel{.authenticated = true, .c_mac = true, .r_mac = true};
        case 0x13:
            return CurrentSecurityLevel{
                .authenticated = true, .c_mac = true, .c_decryption = true, .r_mac = true};
        case 0x33:
            return CurrentSecurityLevel{.authenticated = true,
                                        .c_mac = true,
                                        .c_decryption = true,
                                        .r_mac = true,
                                        .r_encryption = true};
        default:
            return std::nullopt;
    }
}

bool is_further_interindustry(std::uint8_t cla) {
    return (cla & 0x40) != 0;
}

/// GPCS 11.1.4: b3 of the first interindustry form, b6 of the further one.
bool indicates_secure_messaging(std::uint8_t cla) {
    return is_further_interindustry(cla) ? (cla & 0x20) != 0 : (cla & 0x0C) != 0;
}

/// Secure messaging of ISO 7816-4, which this channel is not.
bool indicates_iso_secure_messaging(std::uint8_t cla) {
    return !is_further_interindustry(cla) && (cla & 0x08) != 0;
}

/// The class byte under the MAC: channel 0, GlobalPlatform secure messaging (6.2.4).
std::uint8_t cla_under_mac(std::uint8_t cla) {
    return is_further_interindustry(cla) ? (cla & 0x90) | 0x04 : (cla & 0xF0) | 0x04;
}

std::uint8_t plain_cla(std::uint8_t cla) {
    return is_further_interindustry(cla) ? cla & ~0x20 : cla & ~0x0C;
}

void pad(Bytes& data) {
    data.push_back(0x80);
    data.resize((data.size() + kAesBlock - 1) / kAesBlock * kAesBlock);
}

/// Length without the padding of 4.1.4; nothing if there is none, or more than a block of it.
std::optional<std::size_t> unpadded_size(BytesView data) {
    for (std::size_t back = 1; back <= std::min(kAesBlock, data.size()); ++back) {
        auto byte = data[data.size() - back];
        if (byte == 0x80) return data.size() - back;
        if (byte != 0x00) return std::nullopt;
    }
    return std::nullopt;
}

}  // namespace

Result<Scp03Card> Scp03Card::initialize(std::uint8_t i, const KeySet& keys, BytesView host_challenge,
                                        BytesView card_challenge) {
    if ((i & ~kKnownBits) != 0 || ((i & kREncryptionSupport) != 0 && (i & kRMacSupport) == 0)) {
        return fail(ErrorKind::kUsage, "scp.parameter", fmt::format("{:02X} is no parameter i of SCP03", i));
    }
    auto size = mac_size(i);
    if (host_challenge.size() != size || card_challenge.size() != size) {
        return fail(ErrorKind::kUsage, "scp.challenge", fmt::format("a challenge has {} bytes", size));
    }
    auto context = concat(host_challenge, card_challenge);

    Scp03Card session;
    session.i_ = i;
    session.dek_ = keys.dek.clone();
    OTI_TRY(auto s_enc, derive(keys.enc, Derive::kSEnc, keys.enc.size(), context));
    OTI_TRY(session.s_enc_, crypto::Aes::create(s_enc));
    OTI_TRY(auto s_mac, derive(keys.mac, Derive::kSMac, keys.mac.size(), context));
    OTI_TRY(session.s_mac_, crypto::Cmac::create(s_mac));
    if ((i & kRMacSupport) != 0) {
        OTI_TRY(auto s_rmac, derive(keys.mac, Derive::kSRmac, keys.mac.size(), context));
        OTI_TRY(session.s_rmac_, crypto::Cmac::create(s_rmac));
    }
    OTI_TRY(auto card_cryptogram, derive(s_mac, Derive::kCardCryptogram, size, context));
    session.card_cryptogram_ = to_bytes(card_cryptogram.view(SecretAccess::granted()));
    OTI_TRY(session.host_cryptogram_, derive(s_mac, Derive::kHostCryptogram, size, context));
    return session;
}

Result<Scp03Card> Scp03Card::from_session_keys(const Scp03SessionKeys& keys,
                                               const CurrentSecurityLevel& level, bool s16,
                                               const AesBlock& chaining_value) {
    Scp03Card session;
    session.i_ = s16 ? kS16 : 0x00;
    session.level_ = level;
    session.dek_ = keys.dek.clone();
    OTI_TRY(session.s_enc_, crypto::Aes::create(keys.s_enc));
    OTI_TRY(session.s_mac_, crypto::Cmac::create(keys.s_mac));
    OTI_TRY(session.s_rmac_, crypto::Cmac::create(keys.s_rmac));
    session.chaining_value_ = chaining_value;
    session.state_ = State::kOpen;
    return session;
}

Result<Bytes> Scp03Card::pseudo_random_challenge(const KeySet& keys, std::uint8_t i, std::uint32_t counter,
                                                 BytesView aid) {
    std::array counter_bytes{static_cast<std::uint8_t>(counter >> 16),
                             static_cast<std::uint8_t>(counter >> 8), static_cast<std::uint8_t>(counter)};
    OTI_TRY(auto challenge,
            derive(keys.enc, Derive::kCardChallenge, mac_size(i), concat(counter_bytes, aid)));
    return to_bytes(challenge.view(SecretAccess::granted()));
}

StatusWord Scp03Card::external_authenticate(const CommandApdu& command) {
    auto refuse = [this](StatusWord sw) {
        abort();
        return sw;
    };
    if (state_ == State::kAborted) return StatusWord::kSecurityStatus;
    if (state_ == State::kOpen) return refuse(StatusWord::kConditionsNotSatisfied);
    auto size = mac_size(i_);
    if (command.data.size() != 2 * size) return refuse(StatusWord::kWrongLength);
    auto level = level_of(command.p1);
    if (!level || command.p2 != 0 || (level->r_mac && (i_ & kRMacSupport) == 0) ||
        (level->r_encryption && (i_ & kREncryptionSupport) == 0)) {
        return refuse(StatusWord::kIncorrectP1P2);
    }

    auto cryptogram = BytesView(command.data).first(size);
    if (!host_cryptogram_.equals(cryptogram)) return refuse(StatusWord::kAuthenticationFailed);
    // The chaining value is zero here, and the MAC of this command begins the chain (6.2.3).
    auto mac = command_mac(command, cryptogram);
    if (!crypto::equal_in_constant_time(BytesView(mac).first(size), BytesView(command.data).last(size))) {
        return refuse(StatusWord::kSecurityStatus);
    }
    chaining_value_ = mac;
    host_cryptogram_.wipe();
    level_ = *level;
    state_ = State::kOpen;
    return StatusWord::kOk;
}

std::expected<CommandApdu, StatusWord> Scp03Card::unwrap(const CommandApdu& wrapped) {
    response_due_ = false;
    bool secured = indicates_secure_messaging(wrapped.cla);
    if (state_ == State::kInitialized && !secured) return wrapped;
    if (state_ != State::kOpen) return security_error();

    // 6.2.6 counts every command of the session, with data or without.
    ++counter_;
    // What exceeds the level is verified as well; what falls short of it is refused, whatever its class byte
    // says (5.6).
    if (!level_.c_mac && !secured) return wrapped;
    auto size = mac_size(i_);
    if (indicates_iso_secure_messaging(wrapped.cla) || wrapped.data.size() < size) return security_error();
    auto data = BytesView(wrapped.data).first(wrapped.data.size() - size);
    auto mac = command_mac(wrapped, data);
    if (!crypto::equal_in_constant_time(BytesView(mac).first(size), BytesView(wrapped.data).last(size))) {
        return security_error();
    }
    chaining_value_ = mac;

    CommandApdu plain{plain_cla(wrapped.cla), wrapped.ins, wrapped.p1, wrapped.p2,
                      to_bytes(data),         wrapped.ne};
    if (level_.c_decryption && !plain.data.empty()) {
        if (plain.data.size() % kAesBlock != 0) return security_error();
        s_enc_->cbc_decrypt(icv(0x00), plain.data, plain.data);
        auto unpadded = unpadded_size(plain.data);
        if (!unpadded) return security_error();
        plain.data.resize(*unpadded);
    }
    response_due_ = true;
    return plain;
}

Bytes Scp03Card::wrap(const ResponseApdu& response) {
    bool due = std::exchange(response_due_, false);
    if (!due || !level_.r_mac) return response.encode();
    if (!is_success_or_warning(response.sw)) return ResponseApdu{{}, response.sw}.encode();

    auto data = response.data;
    if (level_.r_encryption && !data.empty()) {
        pad(data);
        s_enc_->cbc_encrypt(icv(0x80), data, data);
    }
    auto sw = ResponseApdu{{}, response.sw}.encode();
    s_rmac_->update(chaining_value_);
    s_rmac_->update(data);
    s_rmac_->update(sw);
    auto mac = s_rmac_->finish();
    append(data, BytesView(mac).first(mac_size(i_)));
    return ResponseApdu{std::move(data), response.sw}.encode();
}

std::expected<SecretBytes, StatusWord> Scp03Card::decrypt_sensitive(BytesView data) const {
    if (state_ != State::kOpen) return std::unexpected(StatusWord::kConditionsNotSatisfied);
    if (data.empty() || data.size() % kAesBlock != 0) return std::unexpected(StatusWord::kWrongData);
    auto cipher = crypto::Aes::create(dek_);
    if (!cipher) return std::unexpected(StatusWord::kConditionsNotSatisfied);
    SecretBytes plain(data.size());
    cipher->cbc_decrypt({}, data, plain.writable(SecretAccess::granted()));
    return plain;
}

std::expected<Bytes, StatusWord> Scp03Card::encrypt_sensitive(BytesView data) const {
    if (state_ != State::kOpen) return std::unexpected(StatusWord::kConditionsNotSatisfied);
    if (data.empty() || data.size() % kAesBlock != 0) return std::unexpected(StatusWord::kWrongData);
    auto cipher = crypto::Aes::create(dek_);
    if (!cipher) return std::unexpected(StatusWord::kConditionsNotSatisfied);
    Bytes encrypted(data.size());
    cipher->cbc_encrypt({}, data, encrypted);
    return encrypted;
}

void Scp03Card::abort() {
    state_ = State::kAborted;
    level_ = {};
    // OpenSSL clears the keys in a context when it is freed.
    s_enc_.reset();
    s_mac_.reset();
    s_rmac_.reset();
    dek_.wipe();
    host_cryptogram_.wipe();
    OPENSSL_cleanse(chaining_value_.data(), chaining_value_.size());
    response_due_ = false;
}

std::size_t Scp03Card::max_response_data(std::size_t wrapped_max) const {
    if (!level_.r_mac) return wrapped_max;
    auto room = wrapped_max - std::min(wrapped_max, mac_size(i_));
    if (!level_.r_encryption) return room;
    auto blocks = room / kAesBlock * kAesBlock;
    return blocks == 0 ? 0 : blocks - 1;
}

AesBlock Scp03Card::icv(std::uint8_t top) const {
    AesBlock block{};
    block[0] = top;
    for (std::size_t n = 0; n < sizeof counter_; ++n) {
        block[kAesBlock - 1 - n] = static_cast<std::uint8_t>(counter_ >> (8 * n));
    }
    s_enc_->ecb_encrypt(block, block);
    return block;
}

AesBlock Scp03Card::command_mac(const CommandApdu& command, BytesView data) {
    auto lc = data.size() + mac_size(i_);
    std::array<std::uint8_t, 7> header{cla_under_mac(command.cla), command.ins, command.p1, command.p2};
    std::size_t header_size = 5;
    // Lc as the command's own form codes it; Le itself is never under the MAC.
    if (lc > iso7816::kMaxShortData || command.ne > iso7816::kMaxShortNe) {
        header[5] = static_cast<std::uint8_t>(lc >> 8);
        header[6] = static_cast<std::uint8_t>(lc);
        header_size = 7;
    } else {
        header[4] = static_cast<std::uint8_t>(lc);
    }
    s_mac_->update(chaining_value_);
    s_mac_->update(BytesView(header).first(header_size));
    s_mac_->update(data);
    return s_mac_->finish();
}

std::unexpected<StatusWord> Scp03Card::security_error() {
    if (state_ == State::kOpen) abort();
    return std::unexpected(StatusWord::kSecurityStatus);
}

}  // namespace oti::scp
