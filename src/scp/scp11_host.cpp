// SPDX-License-Identifier: Apache-2.0
#include "scp/scp11_host.h"

#include "base/byte_writer.h"
#include "base/tlv.h"
#include "crypto/kdf.h"

namespace oti::scp {
namespace {

using crypto::AesBlock;
using crypto::PrivateKey;
using crypto::PublicKey;
using crypto::SecretAccess;
using crypto::SecretBytes;
using iso7816::CommandApdu;

constexpr std::uint8_t kGpClass = 0x80, kPerformSecurityOperation = 0x2A, kMutualAuthenticate = 0x82,
                       kInternalAuthenticate = 0x88, kGetData = 0xCA;
constexpr std::uint8_t kScp11 = 0x11, kIncludeIdentities = 0x04, kAesKeyType = 0x88;
constexpr std::uint8_t kMore = 0x80;  ///< b8 of P1: blocks of the certificate follow; of P2: certificates
constexpr Tag kControlReference = 0xA6, kScpParameters = 0x90, kKeyUsage = 0x95, kKeyType = 0x80,
              kKeyLength = 0x81, kHostId = 0x84, kCaIdentifier = 0x42, kKeyReference = 0x83,
              kPublicKey = 0x5F49, kReceipt = 0x86, kCertificateStore = 0xBF21;
constexpr std::size_t kMaxIdentity = 127;

/// Key Usage Qualifier of a level (table 7-15).
Result<std::uint8_t> key_usage(SecurityLevel level, Scp11Variant variant) {
    bool scripts = variant == Scp11Variant::kC;
    if (level == SecurityLevel::kCMacRMac) return 0x34;
    if (level == SecurityLevel::kFull) return 0x3C;
    if (level == SecurityLevel::kCMacCDecryption && scripts) return 0x1C;
    if (level == SecurityLevel::kCMacCDecryptionRMac && scripts) return 0x74;
    return fail(ErrorKind::kPolicy, "scp.level", "this variant of SCP11 does not know the wanted level");
}

std::unexpected<Error> bad_parameter(std::string message) {
    return fail(ErrorKind::kUsage, "scp.parameter", std::move(message));
}

Status check_identity(BytesView identity) {
    if (!identity.empty() && identity.size() <= kMaxIdentity) return {};
    return bad_parameter("an identity for SCP11 has 1 to 127 bytes");
}

Status check_identities(const Scp11Identities& identities, Scp11Variant variant) {
    OTI_CHECK(check_identity(identities.host_id));
    if (variant == Scp11Variant::kC) return check_identity(identities.card_group_id);
    OTI_CHECK(check_identity(identities.sin));
    return check_identity(identities.sdin);
}

CommandApdu authenticate_command(const Scp11Request& request, std::uint8_t usage,
                                 const PublicKey& ephemeral) {
    auto parameters = static_cast<std::uint8_t>(request.variant);
    if (request.identities) parameters |= kIncludeIdentities;
    auto reference = concat(encode_tlv(kScpParameters, Bytes{kScp11, parameters}),
                            encode_tlv(kKeyUsage, Bytes{usage}), encode_tlv(kKeyType, Bytes{kAesKeyType}),
                            encode_tlv(kKeyLength, Bytes{static_cast<std::uint8_t>(request.key_size)}));
    if (request.identities) append(reference, encode_tlv(kHostId, request.identities->host_id));
    const auto& authority = request.ca_klcc_identifier;
    if (authority) append(reference, encode_tlv(kCaIdentifier, *authority));
    return {kGpClass,
            request.variant == Scp11Variant::kB ? kInternalAuthenticate : kMutualAuthenticate,
            authority ? std::uint8_t{0x00} : request.key_version.value(),
            scp11_key_identifier(request.variant),
            concat(encode_tlv(kControlReference, reference), encode_tlv(kPublicKey, ephemeral.point())),
            iso7816::kMaxShortNe};
}

}  // namespace

std::uint8_t scp11_key_identifier(Scp11Variant variant) {
    switch (variant) {
        case Scp11Variant::kB:
            return 0x13;
        case Scp11Variant::kC:
            return 0x15;
        case Scp11Variant::kA:
            break;
    }
    return 0x11;
}

CommandApdu get_certificate_store(std::uint8_t key_identifier, KeyVersion key_version) {
    auto reference = encode_tlv(kKeyReference, Bytes{key_identifier, key_version.value()});
    return {kGpClass, kGetData, 0xBF, 0x21, encode_tlv(kControlReference, reference), iso7816::kMaxShortNe};
}

Result<std::vector<crypto::GpCertificate>> parse_certificate_store(BytesView response) {
    ByteReader reader(response, "certificate store");
    OTI_TRY(auto store, read_tlv(reader));
    OTI_CHECK(reader.expect_end());
    if (store.tag != kCertificateStore) return reader.invalid("no certificate store");
    return crypto::GpCertificate::parse_all(store.value);
}

std::vector<CommandApdu> perform_security_operation(const std::vector<crypto::GpCertificate>& chain,
                                                    KeyVersion key_version, std::uint8_t key_identifier) {
    std::vector<CommandApdu> commands;
    for (const auto& certificate : chain) {
        std::uint8_t more_certificates = &certificate == &chain.back() ? 0x00 : kMore;
        for (BytesView rest = certificate.encoded(); !rest.empty();) {
            auto block = rest.first(std::min(rest.size(), iso7816::kMaxShortData));
            rest = rest.subspan(block.size());
            std::uint8_t more_blocks = rest.empty() ? 0x00 : kMore;
            commands.push_back({kGpClass, kPerformSecurityOperation,
                                static_cast<std::uint8_t>(key_version.value() | more_blocks),
                                static_cast<std::uint8_t>(key_identifier | more_certificates),
                                to_bytes(block), iso7816::kMaxShortNe});
        }
    }
    return commands;
}

Result<Scp11Host> Scp11Host::begin(Scp11Request request, PublicKey sd, std::optional<PrivateKey> oce) {
    if (!sd.curve()) return bad_parameter("SCP11 needs keys of elliptic curves");
    auto ephemeral = PrivateKey::generate(*sd.curve());
    return begin_with(std::move(request), std::move(sd), std::move(oce), std::move(ephemeral));
}

Result<Scp11Host> Scp11Host::begin_with(Scp11Request request, PublicKey sd, std::optional<PrivateKey> oce,
                                        PrivateKey ephemeral) {
    OTI_TRY(auto usage, key_usage(request.level, request.variant));
    if (request.key_size != 16 && request.key_size != 24 && request.key_size != 32) {
        return fail(ErrorKind::kUsage, "key.length", "session keys have 16, 24 or 32 bytes");
    }
    if (oce.has_value() != (request.variant != Scp11Variant::kB)) {
        return bad_parameter("SCP11a and SCP11c need a key of the off-card entity, SCP11b has none");
    }
    if (!sd.curve() || ephemeral.curve() != sd.curve() || (oce && oce->curve() != sd.curve())) {
        return bad_parameter("the keys of SCP11 are not of one curve");
    }
    if (request.identities) OTI_CHECK(check_identities(*request.identities, request.variant));
    if (request.ca_klcc_identifier) {
        if (request.variant == Scp11Variant::kB) return bad_parameter("SCP11b names its key by version");
        OTI_CHECK(check_identity(*request.ca_klcc_identifier));
    } else if (request.key_version.value() < 0x01 || request.key_version.value() > 0x7F) {
        return bad_parameter("a key of SCP11 has a version of 01 to 7F");
    }
    Scp11Host host(std::move(request), std::move(sd), std::move(oce), std::move(ephemeral));
    host.command_ = authenticate_command(host.request_, usage, host.ephemeral_.public_key());
    return host;
}

/// 3.1.1 and 7.6.2.3: two agreements, the one with the fresher keys first. For SCP11c `card` is PK.SD.ECKA.
Result<SecretBytes> Scp11Host::shared_secret(const PublicKey& card) const {
    OTI_TRY(auto fresh, ephemeral_.agree(card));
    OTI_TRY(auto lasting, (oce_ ? *oce_ : ephemeral_).agree(sd_));
    auto access = SecretAccess::granted();
    return SecretBytes::take(concat(fresh.view(access), lasting.view(access)));
}

Bytes Scp11Host::shared_info() const {
    // The command was made of the same values.
    auto usage = *key_usage(request_.level, request_.variant);
    ByteWriter info;
    info.u8(usage).u8(kAesKeyType).u8(static_cast<unsigned>(request_.key_size));
    if (!request_.identities) return info.take();
    info.lv(request_.identities->host_id);
    if (request_.variant == Scp11Variant::kC) return info.lv(request_.identities->card_group_id).take();
    return info.lv(request_.identities->sin).lv(request_.identities->sdin).take();
}

/// Table 7-16: receipt key, S-ENC, S-MAC, S-RMAC, S-DEK.
Result<Scp11Host::Keys> Scp11Host::derive(const PublicKey& card) const {
    OTI_TRY(auto secret, shared_secret(card));
    auto size = request_.key_size;
    auto data = crypto::kdf_x963(crypto::Hash::kSha256, secret, shared_info(), 5 * size);
    auto key = [&](std::size_t n) {
        return SecretBytes::copy_of(data.view(SecretAccess::granted()).subspan(n * size, size));
    };
    return Keys{key(0), {key(1), key(2), key(3), key(4)}};
}

/// Table 7-17: over the data of both sides, as they were sent.
Result<AesBlock> Scp11Host::receipt(const Keys& keys, BytesView card_point) const {
    return crypto::cmac(keys.receipt, concat(command_.data, encode_tlv(kPublicKey, card_point)));
}

Result<Scp03Host> Scp11Host::open(const Keys& keys, const AesBlock& receipt,
                                  const SecretBytes* key_dek) const {
    const auto& session = keys.session;
    return Scp03Host::from_session_keys({session.s_enc.clone(), session.s_mac.clone(), session.s_rmac.clone(),
                                         (key_dek != nullptr ? *key_dek : session.dek).clone()},
                                        request_.level, request_.s16, receipt);
}

Result<Scp03Host> Scp11Host::finish(BytesView response, const SecretBytes* key_dek) const {
    ByteReader reader(response, "response to key agreement");
    OTI_TRY(auto point, read_tlv(reader));
    OTI_TRY(auto card_receipt, read_tlv(reader));
    OTI_CHECK(reader.expect_end());
    if (point.tag != kPublicKey || card_receipt.tag != kReceipt) return reader.invalid("unexpected data");
    OTI_TRY(auto card, PublicKey::ec(*sd_.curve(), point.value));
    OTI_TRY(auto keys, derive(request_.variant == Scp11Variant::kC ? sd_ : card));
    OTI_TRY(auto expected, receipt(keys, point.value));
    if (!crypto::equal_in_constant_time(expected, card_receipt.value)) {
        return fail(ErrorKind::kAuthentication, "scp.receipt",
                    "the card's receipt does not verify: it does not have the certified key, or did not "
                    "accept ours",
                    "check the certificates of both sides and the key version");
    }
    return open(keys, expected, key_dek);
}

Status Scp11Host::check_ahead() const {
    if (request_.variant == Scp11Variant::kC) return {};
    return bad_parameter("only SCP11c can go on before the card has answered");
}

Result<Scp03Host> Scp11Host::finish_ahead(const SecretBytes* key_dek) const {
    OTI_CHECK(check_ahead());
    OTI_TRY(auto keys, derive(sd_));
    OTI_TRY(auto expected, receipt(keys, sd_.point()));
    return open(keys, expected, key_dek);
}

Result<Bytes> Scp11Host::expected_response() const {
    OTI_CHECK(check_ahead());
    OTI_TRY(auto keys, derive(sd_));
    OTI_TRY(auto expected, receipt(keys, sd_.point()));
    return concat(encode_tlv(kPublicKey, sd_.point()), encode_tlv(kReceipt, expected));
}

}  // namespace oti::scp
