// SPDX-License-Identifier: Apache-2.0
#include "scp/scp02_host.h"

#include "base/byte_reader.h"
#include "base/byte_writer.h"

namespace oti::scp {
namespace {

using crypto::DesBlock;
using crypto::kDesBlock;
using crypto::RetailMac;
using crypto::SecretAccess;
using crypto::SecretBytes;
using crypto::TripleDes;
using iso7816::CommandApdu;
using iso7816::ResponseApdu;

constexpr std::uint8_t kProtocol = 0x02;
// Bits of the security level.
constexpr std::uint8_t kCMac = 0x01, kCDecryption = 0x02, kRMac = 0x10, kREncryption = 0x20;
// Bits of `i` (table E-1).
constexpr std::uint8_t kUnmodified = 0x02, kExplicit = 0x04, kIcvOverAid = 0x08, kIcvEncryption = 0x10,
                       kRMacSupport = 0x20, kPseudoRandom = 0x40;

/// Constants of the session keys (E.4.1).
enum class SessionKey : std::uint16_t { kCMac = 0x0101, kRMac = 0x0102, kDek = 0x0181, kEnc = 0x0182 };

/// E.4.1: constant, sequence counter and zeros, encrypted by the static key in CBC mode.
Result<SecretBytes> derive(const SecretBytes& key, SessionKey what, std::uint16_t counter) {
    if (key.size() != 16) {
        return fail(ErrorKind::kUsage, "key.length", "SCP02 has triple DES keys of 16 bytes");
    }
    OTI_TRY(auto des, TripleDes::create(key));
    auto data = ByteWriter().u16(static_cast<unsigned>(what)).u16(counter).take();
    data.resize(16);
    SecretBytes derived(16);
    des.cbc_encrypt({}, data, derived.writable(SecretAccess::granted()));
    return derived;
}

std::unexpected<Error> bad_mac() {
    return fail(ErrorKind::kAuthentication, "scp.response_mac", "a response of the card did not verify",
                "the secure channel was closed; run the job again");
}

std::unexpected<Error> closed() {
    return fail(ErrorKind::kAuthentication, "scp.closed", "the secure channel is closed");
}

bool is_further_interindustry(std::uint8_t cla) {
    return (cla & 0x40) != 0;
}

/// The class byte without channel and secure messaging.
std::uint8_t stripped(std::uint8_t cla) {
    return is_further_interindustry(cla) ? cla & 0x90 : cla & 0xF0;
}

/// CLA, INS, P1, P2 and Lc in one byte or three.
Bytes header(std::uint8_t cla, const CommandApdu& command, std::size_t lc, bool extended) {
    Bytes bytes{cla, command.ins, command.p1, command.p2};
    if (extended) append(bytes, Bytes{0x00, static_cast<std::uint8_t>(lc >> 8)});
    bytes.push_back(static_cast<std::uint8_t>(lc));
    return bytes;
}

Result<Bytes> challenge_of(const RetailMac& s_mac, const iso7816::Aid& invoker) {
    auto mac = s_mac.mac({}, invoker.bytes());
    return to_bytes(BytesView(mac).first(6));
}

/// E.4.2.1.
DesBlock cryptogram_of_card(const TripleDes& s_enc, BytesView host_challenge, std::uint16_t counter,
                            BytesView card_challenge) {
    auto sequence = ByteWriter().u16(counter).take();
    return s_enc.mac({}, concat(host_challenge, sequence, card_challenge));
}

}  // namespace

Result<Scp02Options> Scp02Options::from_i(std::uint8_t i) {
    if ((i & kExplicit) == 0 || (i & kIcvOverAid) != 0 || (i & 0x80) != 0) {
        return fail(ErrorKind::kCard, "scp.unsupported",
                    "only SCP02 with explicit initiation is supported (i = 15, 55 and the like)");
    }
    return Scp02Options{.unmodified_apdu = (i & kUnmodified) != 0,
                        .icv_encryption = (i & kIcvEncryption) != 0,
                        .r_mac = (i & kRMacSupport) != 0,
                        .pseudo_random = (i & kPseudoRandom) != 0};
}

bool Scp02Options::supports(SecurityLevel level) const {
    auto bits = static_cast<std::uint8_t>(level);
    return (bits & kREncryption) == 0 && ((bits & kRMac) == 0 || r_mac);
}

Result<Scp02InitializeUpdateResponse> Scp02InitializeUpdateResponse::parse(BytesView data) {
    ByteReader reader(data, "response to INITIALIZE UPDATE");
    OTI_TRY(auto kdd, reader.take(10));
    OTI_TRY(auto version, reader.u8());
    OTI_TRY(auto protocol, reader.u8());
    if (protocol != kProtocol) {
        return fail(ErrorKind::kCard, "scp.unsupported",
                    "the card speaks secure channel protocol " + std::to_string(protocol) + ", not SCP02",
                    "choose a key version of SCP02 (20 to 2F) with --key-version");
    }
    OTI_TRY(auto counter, reader.u16());
    OTI_TRY(auto challenge, reader.take(6));
    OTI_TRY(auto cryptogram, reader.take(8));
    OTI_CHECK(reader.expect_end());
    return Scp02InitializeUpdateResponse{to_bytes(kdd), KeyVersion(version), counter, to_bytes(challenge),
                                         to_bytes(cryptogram)};
}

Bytes Scp02InitializeUpdateResponse::encode() const {
    ByteWriter writer;
    writer.put(key_diversification_data).u8(key_version.value()).u8(kProtocol).u16(sequence_counter);
    return writer.put(card_challenge).put(card_cryptogram).take();
}

Result<Scp02InitializeUpdateResponse> Scp02InitializeUpdateResponse::predict(
    const KeySet& keys, BytesView kdd, KeyVersion key_version, std::uint16_t sequence_counter,
    const iso7816::Aid& invoker, BytesView host_challenge) {
    OTI_TRY(auto mac_key, derive(keys.mac, SessionKey::kCMac, sequence_counter));
    OTI_TRY(auto s_mac, RetailMac::create(mac_key));
    OTI_TRY(auto challenge, challenge_of(s_mac, invoker));
    OTI_TRY(auto enc_key, derive(keys.enc, SessionKey::kEnc, sequence_counter));
    OTI_TRY(auto s_enc, TripleDes::create(enc_key));
    auto cryptogram = cryptogram_of_card(s_enc, host_challenge, sequence_counter, challenge);
    return Scp02InitializeUpdateResponse{to_bytes(kdd), key_version, sequence_counter, std::move(challenge),
                                         to_bytes(cryptogram)};
}

Result<Scp02Host> Scp02Host::open(const KeySet& keys, Scp02Options options, BytesView host_challenge,
                                  const Scp02InitializeUpdateResponse& card, SecurityLevel level) {
    if (!options.supports(level)) {
        return fail(ErrorKind::kPolicy, "scp.level",
                    "the card's SCP02 does not offer the wanted security level");
    }
    Scp02Host host;
    host.level_ = level;
    host.options_ = options;
    auto counter = card.sequence_counter;
    OTI_TRY(auto enc_key, derive(keys.enc, SessionKey::kEnc, counter));
    OTI_TRY(host.s_enc_, TripleDes::create(enc_key));
    auto cryptogram = cryptogram_of_card(*host.s_enc_, host_challenge, counter, card.card_challenge);
    if (!crypto::equal_in_constant_time(cryptogram, card.card_cryptogram)) {
        return fail(
            ErrorKind::kAuthentication, "scp.card_cryptogram",
            "the card's cryptogram does not verify: this is not the card's key",
            "check key, key version and diversification; nothing was sent that the card counts as a try");
    }
    OTI_TRY(auto mac_key, derive(keys.mac, SessionKey::kCMac, counter));
    OTI_TRY(auto rmac_key, derive(keys.mac, SessionKey::kRMac, counter));
    OTI_TRY(auto dek, derive(keys.dek, SessionKey::kDek, counter));
    OTI_TRY(host.s_mac_, RetailMac::create(mac_key));
    OTI_TRY(host.s_rmac_, RetailMac::create(rmac_key));
    OTI_TRY(host.s_dek_, TripleDes::create(dek));
    // E.4.2.2: the other order.
    auto sequence = ByteWriter().u16(counter).take();
    host.host_cryptogram_ =
        to_bytes(host.s_enc_->mac({}, concat(sequence, card.card_challenge, host_challenge)));
    return host;
}

/// E.3.2 and E.3.4: the ICV is the C-MAC before, encrypted if `i` says so; of the first one it is zero.
DesBlock Scp02Host::command_mac(BytesView covered) {
    auto icv = options_.icv_encryption && !first_ ? s_mac_->encrypt_block(last_c_mac_) : last_c_mac_;
    first_ = false;
    last_c_mac_ = s_mac_->mac(icv, covered);
    return last_c_mac_;
}

Bytes Scp02Host::external_authenticate() {
    CommandApdu command{0x84, value(iso7816::Ins::kExternalAuthenticate), static_cast<std::uint8_t>(level_),
                        0x00, host_cryptogram_};
    auto covered = options_.unmodified_apdu
                       ? header(0x80, command, host_cryptogram_.size(), false)
                       : header(0x84, command, host_cryptogram_.size() + kDesBlock, false);
    append(covered, host_cryptogram_);
    auto mac = command_mac(covered);
    last_r_mac_ = mac;
    append(command.data, mac);
    return command.encode();
}

Result<Bytes> Scp02Host::wrap(const CommandApdu& command) {
    if (!s_mac_) return closed();
    bool encrypts = has(kCDecryption) && !command.data.empty();
    auto plain = command.data.size();
    auto body = encrypts ? (plain / kDesBlock + 1) * kDesBlock : plain;
    auto lc = has(kCMac) ? body + kDesBlock : body;
    if (lc > 0xFFFF) {
        return fail(ErrorKind::kUsage, "scp.too_long", "the command is too long for secure messaging");
    }
    bool extended = lc > iso7816::kMaxShortData || command.ne > iso7816::kMaxShortNe;

    // E.4.5: the R-MAC covers the command as it is without secure messaging.
    auto bare = concat(header(stripped(command.cla), command, plain, extended), command.data);
    auto wrapped = command;
    if (has(kCMac)) {
        // E.4.4: the MAC is made before the data are encrypted.
        auto cla = static_cast<std::uint8_t>(stripped(command.cla) | 0x04);
        auto mac = command_mac(options_.unmodified_apdu
                                   ? bare
                                   : concat(header(cla, command, plain + kDesBlock, extended), command.data));
        if (encrypts) {
            wrapped.data = crypto::des_padded(command.data);
            s_enc_->cbc_encrypt({}, wrapped.data, wrapped.data);
        }
        append(wrapped.data, mac);
        wrapped.cla |= is_further_interindustry(command.cla) ? 0x20 : 0x04;
    }
    outstanding_.push_back(has(kRMac) ? std::move(bare) : Bytes{});
    return wrapped.encode();
}

Result<ResponseApdu> Scp02Host::unwrap(BytesView bytes) {
    if (!s_mac_) return closed();
    if (outstanding_.empty()) return fail(ErrorKind::kInternal, "scp.unexpected", "a response to no command");
    auto covered = std::move(outstanding_.front());
    outstanding_.pop_front();
    auto response = ResponseApdu::parse(bytes);
    if (!response) {
        close();
        return std::unexpected(response.error());
    }
    if (!has(kRMac)) return response;

    bool is_error = !iso7816::is_success_or_warning(response->sw);
    bool without_mac = is_error && response->data.empty();
    if (!without_mac && response->data.size() < kDesBlock) {
        close();
        return bad_mac();
    }
    auto split = without_mac ? 0 : response->data.size() - kDesBlock;
    auto data = BytesView(response->data).first(split);
    covered.push_back(static_cast<std::uint8_t>(split));  // modulo 256
    append(covered, data);
    append(covered, ByteWriter().u16(value(response->sw)).take());
    last_r_mac_ = s_rmac_->mac(last_r_mac_, covered);
    if (without_mac) return response;
    if (!crypto::equal_in_constant_time(last_r_mac_, BytesView(response->data).subspan(split)) ||
        (is_error && split > 0)) {
        close();
        return bad_mac();
    }
    response->data.resize(split);
    return response;
}

Result<Bytes> Scp02Host::encrypt_sensitive(BytesView data) const {
    if (!s_mac_) return closed();
    if (data.size() % kDesBlock != 0) {
        return fail(ErrorKind::kInternal, "key.length", "sensitive data must be whole blocks");
    }
    Bytes encrypted(data.size());
    s_dek_->ecb_encrypt(data, encrypted);
    return encrypted;
}

std::size_t Scp02Host::max_data(std::size_t wrapped_max) const {
    if (!has(kCMac)) return wrapped_max;
    auto room = wrapped_max - kDesBlock;
    return has(kCDecryption) ? room / kDesBlock * kDesBlock - 1 : room;
}

void Scp02Host::close() {
    // OpenSSL clears the keys in a context when it is freed.
    s_enc_.reset();
    s_mac_.reset();
    s_rmac_.reset();
    s_dek_.reset();
    outstanding_.clear();
    host_cryptogram_.clear();
    last_c_mac_.fill(0);
    last_r_mac_.fill(0);
}

}  // namespace oti::scp
