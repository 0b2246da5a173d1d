// SPDX-License-Identifier: Apache-2.0
#include "scp/scp03_host.h"

#include <cassert>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "crypto/kdf.h"

namespace oti::scp {
namespace {

using crypto::AesBlock;
using crypto::kAesBlock;
using iso7816::CommandApdu;
using iso7816::ResponseApdu;

// Bits of the security level.
constexpr std::uint8_t kCMac = 0x01, kCDecryption = 0x02, kRMac = 0x10, kREncryption = 0x20;

// Derivation constants (Amendment D, table 4-1).
enum class Derived : std::uint8_t {
    kCardCryptogram = 0x00,
    kHostCryptogram = 0x01,
    kCardChallenge = 0x02,
    kSEnc = 0x04,
    kSMac = 0x06,
    kSRmac = 0x07,
};

/// Amendment D, 4.1.5: label of 11 zeros and the constant, separation byte, length in bits, counter, context.
Result<crypto::SecretBytes> derive(const crypto::SecretBytes& key, Derived what, BytesView context,
                                   std::size_t size) {
    Bytes before(11, 0x00);
    auto bits = size * 8;
    append(before, Bytes{static_cast<std::uint8_t>(what), 0x00, static_cast<std::uint8_t>(bits >> 8),
                         static_cast<std::uint8_t>(bits)});
    return crypto::kdf_counter_cmac(key, before, context, size);
}

/// A derived value that is no secret: challenge or cryptogram.
Result<Bytes> derive_public(const crypto::SecretBytes& key, Derived what, BytesView context,
                            std::size_t size) {
    OTI_TRY(auto value, derive(key, what, context, size));
    return to_bytes(value.view(crypto::SecretAccess::granted()));
}

Bytes counter_bytes(std::uint32_t counter) {
    return {static_cast<std::uint8_t>(counter >> 16), static_cast<std::uint8_t>(counter >> 8),
            static_cast<std::uint8_t>(counter)};
}

std::unexpected<Error> bad_mac() {
    return fail(ErrorKind::kAuthentication, "scp.response_mac", "a response of the card did not verify",
                "the secure channel was closed; run the job again");
}

std::unexpected<Error> closed() {
    return fail(ErrorKind::kAuthentication, "scp.closed", "the secure channel is closed");
}

/// The class byte under the MAC: logical channel 0, GlobalPlatform secure messaging (6.2.4).
std::uint8_t cla_for_mac(std::uint8_t cla) {
    bool further_interindustry = (cla & 0x40) != 0;
    return static_cast<std::uint8_t>((cla & (further_interindustry ? 0x90 : 0xF0)) | 0x04);
}

/// The class byte on the wire: with its channel, and secure messaging in b3, or for channels 4 to 19 in b6
/// (GPCS 11.1.4).
std::uint8_t cla_on_wire(std::uint8_t cla) {
    bool further_interindustry = (cla & 0x40) != 0;
    return cla | (further_interindustry ? 0x20 : 0x04);
}

}  // namespace

Scp03Options Scp03Options::from_i(std::uint8_t i) {
    return {.s16 = (i & 0x01) != 0,
            .pseudo_random = (i & 0x10) != 0,
            .r_mac = (i & 0x20) != 0,
            .r_encryption = (i & 0x40) != 0};
}

std::uint8_t Scp03Options::i() const {
    return static_cast<std::uint8_t>((s16 ? 0x01 : 0) | (pseudo_random ? 0x10 : 0) | (r_mac ? 0x20 : 0) |
                                     (r_encryption ? 0x40 : 0));
}

bool Scp03Options::supports(SecurityLevel level) const {
    auto bits = static_cast<std::uint8_t>(level);
    return ((bits & kRMac) == 0 || r_mac) && ((bits & kREncryption) == 0 || r_encryption);
}

Result<InitializeUpdateResponse> InitializeUpdateResponse::parse(BytesView data) {
    ByteReader reader(data, "response to INITIALIZE UPDATE");
    InitializeUpdateResponse response;
    OTI_TRY(auto kdd, reader.take(10));
    OTI_TRY(auto version, reader.u8());
    OTI_TRY(auto protocol, reader.u8());
    if (protocol != 0x03) {
        return fail(ErrorKind::kCard, "scp.unsupported",
                    "the card speaks secure channel protocol " + std::to_string(protocol) + ", not SCP03",
                    "choose a key version of SCP03 (30 to 3F) with --key-version");
    }
    OTI_TRY(auto i, reader.u8());
    response.key_diversification_data = to_bytes(kdd);
    response.key_version = KeyVersion(version);
    response.options = Scp03Options::from_i(i);
    OTI_TRY(auto challenge, reader.take(response.options.mac_size()));
    OTI_TRY(auto cryptogram, reader.take(response.options.mac_size()));
    response.card_challenge = to_bytes(challenge);
    response.card_cryptogram = to_bytes(cryptogram);
    if (response.options.pseudo_random) {
        OTI_TRY(auto counter, reader.take(3));
        response.sequence_counter = counter[0] << 16 | counter[1] << 8 | counter[2];
    }
    OTI_CHECK(reader.expect_end());
    return response;
}

Bytes InitializeUpdateResponse::encode() const {
    ByteWriter writer;
    writer.put(key_diversification_data).u8(key_version.value()).u8(0x03).u8(options.i());
    writer.put(card_challenge).put(card_cryptogram);
    if (sequence_counter) writer.put(counter_bytes(*sequence_counter));
    return writer.take();
}

Result<InitializeUpdateResponse> InitializeUpdateResponse::predict(
    const KeySet& keys, BytesView kdd, KeyVersion key_version, Scp03Options options,
    std::uint32_t sequence_counter, const iso7816::Aid& invoker, BytesView host_challenge) {
    InitializeUpdateResponse response{to_bytes(kdd), key_version, options, {}, {}, sequence_counter};
    auto size = options.mac_size();
    OTI_TRY(response.card_challenge,
            derive_public(keys.enc, Derived::kCardChallenge,
                          concat(counter_bytes(sequence_counter), invoker.bytes()), size));
    auto context = concat(host_challenge, response.card_challenge);
    OTI_TRY(auto s_mac, derive(keys.mac, Derived::kSMac, context, keys.mac.size()));
    OTI_TRY(response.card_cryptogram, derive_public(s_mac, Derived::kCardCryptogram, context, size));
    return response;
}

CommandApdu initialize_update(KeyVersion key_version, BytesView host_challenge) {
    return {0x80,
            value(iso7816::Ins::kInitializeUpdate),
            key_version.value(),
            0x00,
            to_bytes(host_challenge),
            iso7816::kMaxShortNe};
}

Result<Scp03Host> Scp03Host::open(const KeySet& keys, BytesView host_challenge,
                                  const InitializeUpdateResponse& card, SecurityLevel level) {
    if (!card.options.supports(level)) {
        return fail(ErrorKind::kPolicy, "scp.level",
                    "the card's SCP03 does not offer the wanted security level");
    }
    Scp03Host host;
    host.level_ = level;
    host.mac_size_ = card.options.mac_size();
    host.dek_ = keys.dek.clone();
    auto context = concat(host_challenge, card.card_challenge);
    OTI_TRY(auto s_mac, derive(keys.mac, Derived::kSMac, context, keys.mac.size()));
    OTI_TRY(auto cryptogram, derive_public(s_mac, Derived::kCardCryptogram, context, host.mac_size_));
    if (!crypto::equal_in_constant_time(cryptogram, card.card_cryptogram)) {
        return fail(
            ErrorKind::kAuthentication, "scp.card_cryptogram",
            "the card's cryptogram does not verify: this is not the card's key",
            "check key, key version and diversification; nothing was sent that the card counts as a try");
    }
    OTI_TRY(host.host_cryptogram_, derive_public(s_mac, Derived::kHostCryptogram, context, host.mac_size_));
    OTI_TRY(auto s_enc, derive(keys.enc, Derived::kSEnc, context, keys.enc.size()));
    OTI_TRY(auto s_rmac, derive(keys.mac, Derived::kSRmac, context, keys.mac.size()));
    OTI_TRY(host.s_enc_, crypto::Aes::create(s_enc));
    OTI_TRY(host.s_mac_, crypto::Cmac::create(s_mac));
    OTI_TRY(host.s_rmac_, crypto::Cmac::create(s_rmac));
    return host;
}

Result<Scp03Host> Scp03Host::from_session_keys(const Scp03SessionKeys& keys, SecurityLevel level, bool s16,
                                               const AesBlock& chaining_value) {
    Scp03Host host;
    host.level_ = level;
    host.mac_size_ = Scp03Options{.s16 = s16}.mac_size();
    host.dek_ = keys.dek.clone();
    OTI_TRY(host.s_enc_, crypto::Aes::create(keys.s_enc));
    OTI_TRY(host.s_mac_, crypto::Cmac::create(keys.s_mac));
    OTI_TRY(host.s_rmac_, crypto::Cmac::create(keys.s_rmac));
    host.chaining_value_ = chaining_value;
    host.answered_ = {chaining_value, 0};
    return host;
}

/// Amendment D, 6.2.4: the MAC covers the chaining value and the whole command but Le; it is the next
/// chaining value in full, and its first 8 or 16 bytes go out.
void Scp03Host::append_mac(Bytes& command) {
    s_mac_->update(chaining_value_);
    s_mac_->update(command);
    chaining_value_ = s_mac_->finish();
    append(command, BytesView(chaining_value_).first(mac_size_));
}

Bytes Scp03Host::external_authenticate() {
    Bytes command{0x84, value(iso7816::Ins::kExternalAuthenticate), static_cast<std::uint8_t>(level_), 0x00,
                  static_cast<std::uint8_t>(2 * mac_size_)};
    append(command, host_cryptogram_);
    append_mac(command);
    answered_ = {chaining_value_, 0};
    return command;
}

AesBlock Scp03Host::counter_block(std::uint32_t counter, std::uint8_t top) const {
    AesBlock block{};
    block[0] = top;
    for (int i = 0; i < 4; ++i) block[15 - i] = static_cast<std::uint8_t>(counter >> (8 * i));
    return block;
}

/// Amendment D, 6.2.6: the ICV is the encrypted command counter.
AesBlock Scp03Host::command_icv() {
    if (icvs_from_ == 0 || counter_ < icvs_from_ || counter_ - icvs_from_ >= icvs_.size()) {
        icvs_from_ = counter_;
        for (std::uint32_t i = 0; i < icvs_.size(); ++i) icvs_[i] = counter_block(counter_ + i, 0x00);
        auto* first = icvs_.front().data();
        s_enc_->ecb_encrypt({first, sizeof icvs_}, {first, sizeof icvs_});
    }
    return icvs_[counter_ - icvs_from_];
}

void Scp03Host::rewind() {
    outstanding_.clear();
    chaining_value_ = answered_.chaining_value;
    counter_ = answered_.counter;
}

Result<Bytes> Scp03Host::wrap(const CommandApdu& command) {
    if (!s_mac_) return closed();
    if (level_ == SecurityLevel::kNone) {
        outstanding_.push_back({});
        return command.encode();
    }
    ++counter_;
    AesBlock icv{};
    if (has(kCDecryption)) icv = command_icv();  // also without data: the counter counts commands
    bool encrypts = has(kCDecryption) && !command.data.empty();
    auto body = encrypts ? (command.data.size() / kAesBlock + 1) * kAesBlock : command.data.size();
    auto lc = body + mac_size_;
    if (lc > 0xFFFF)
        return fail(ErrorKind::kUsage, "scp.too_long", "the command is too long for secure messaging");

    bool extended = lc > iso7816::kMaxShortData || command.ne > iso7816::kMaxShortNe;
    Bytes out;
    out.reserve(4 + 3 + lc + 2);
    out.assign({cla_for_mac(command.cla), command.ins, command.p1, command.p2});
    if (extended) out.insert(out.end(), {0x00, static_cast<std::uint8_t>(lc >> 8)});
    out.push_back(static_cast<std::uint8_t>(lc));
    auto data_at = out.size();
    append(out, command.data);
    if (encrypts) {
        out.push_back(0x80);
        out.resize(data_at + body, 0x00);
        auto data = std::span(out).subspan(data_at);
        s_enc_->cbc_encrypt(icv, data, data);
    }
    append_mac(out);
    out[0] = cla_on_wire(command.cla);
    if (command.ne > 0) {
        if (extended) out.push_back(static_cast<std::uint8_t>(command.ne >> 8));
        out.push_back(static_cast<std::uint8_t>(command.ne));
    }
    outstanding_.push_back({chaining_value_, counter_});
    return out;
}

AesBlock Scp03Host::response_mac(const Outstanding& to, BytesView data, iso7816::StatusWord sw) {
    std::uint8_t status[] = {static_cast<std::uint8_t>(value(sw) >> 8), static_cast<std::uint8_t>(value(sw))};
    s_rmac_->update(to.chaining_value);
    s_rmac_->update(data);
    s_rmac_->update(status);
    return s_rmac_->finish();
}

Result<ResponseApdu> Scp03Host::unwrap(BytesView bytes) {
    if (!s_mac_) return closed();
    if (outstanding_.empty()) return fail(ErrorKind::kInternal, "scp.unexpected", "a response to no command");
    auto to = outstanding_.front();
    outstanding_.pop_front();
    answered_ = to;
    auto response = ResponseApdu::parse(bytes);
    if (!response) {
        close();
        return std::unexpected(response.error());
    }
    if (!iso7816::is_success_or_warning(response->sw)) {
        // 6.2.5: errors carry neither data nor MAC. A forged one can only stop the work.
        if (response->data.empty()) return response;
        close();
        return bad_mac();
    }
    if (!has(kRMac)) return response;

    if (response->data.size() < mac_size_) {
        close();
        return bad_mac();
    }
    auto split = response->data.size() - mac_size_;
    auto mac = response_mac(to, BytesView(response->data).first(split), response->sw);
    if (!crypto::equal_in_constant_time(BytesView(mac).first(mac_size_),
                                        BytesView(response->data).subspan(split))) {
        close();
        return bad_mac();
    }
    response->data.resize(split);
    if (!has(kREncryption) || split == 0) return response;

    if (split % kAesBlock != 0) {
        close();
        return bad_mac();
    }
    AesBlock icv = counter_block(to.counter, 0x80);
    s_enc_->ecb_encrypt(icv, icv);
    s_enc_->cbc_decrypt(icv, response->data, response->data);
    auto padding =
        std::ranges::find_if(response->data.rbegin(), response->data.rend(), [](auto b) { return b != 0; });
    if (padding == response->data.rend() || *padding != 0x80) {
        close();
        return bad_mac();
    }
    response->data.erase(padding.base() - 1, response->data.end());
    return response;
}

Result<Bytes> Scp03Host::encrypt_sensitive(BytesView data) const {
    if (!s_mac_) return closed();
    if (data.size() % kAesBlock != 0) {
        return fail(ErrorKind::kInternal, "key.length", "sensitive data must be whole blocks");
    }
    OTI_TRY(auto aes, crypto::Aes::create(dek_));
    Bytes encrypted(data.size());
    aes.cbc_encrypt({}, data, encrypted);
    return encrypted;
}

Bytes Scp03Host::predict(const ResponseApdu& response) {
    assert(!outstanding_.empty());
    if (!iso7816::is_success_or_warning(response.sw) || !has(kRMac)) return response.encode();
    const auto& to = outstanding_.back();
    ResponseApdu wrapped = response;
    if (has(kREncryption) && !wrapped.data.empty()) {
        wrapped.data.push_back(0x80);
        wrapped.data.resize((wrapped.data.size() + kAesBlock - 1) / kAesBlock * kAesBlock);
        AesBlock icv = counter_block(to.counter, 0x80);
        s_enc_->ecb_encrypt(icv, icv);
        s_enc_->cbc_encrypt(icv, wrapped.data, wrapped.data);
    }
    auto mac = response_mac(to, wrapped.data, wrapped.sw);
    append(wrapped.data, BytesView(mac).first(mac_size_));
    return wrapped.encode();
}

std::size_t Scp03Host::max_data(std::size_t wrapped_max) const {
    if (!has(kCMac)) return wrapped_max;
    auto room = wrapped_max - mac_size_;
    return has(kCDecryption) ? room / kAesBlock * kAesBlock - 1 : room;
}

void Scp03Host::close() {
    dek_.wipe();
    s_enc_.reset();
    s_mac_.reset();
    s_rmac_.reset();
    outstanding_.clear();
    for (auto& icv : icvs_) icv.fill(0);
    host_cryptogram_.clear();
    chaining_value_.fill(0);
}

}  // namespace oti::scp
