// SPDX-License-Identifier: Apache-2.0
#include "card/personalization.h"

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/hex.h"
#include "crypto/digest.h"

namespace oti::card {

Bytes Identity::encode() const {
    ByteWriter writer;
    writer.lv(iin).lv(cin).lv(cplc).lv(key_diversification_data);
    return writer.lv(as_bytes(se_id)).take();
}

Result<Identity> Identity::decode(BytesView bytes) {
    ByteReader reader(bytes, "identity");
    Identity identity;
    for (auto* field : {&identity.iin, &identity.cin, &identity.cplc, &identity.key_diversification_data}) {
        OTI_TRY(auto value, reader.take_lv());
        *field = to_bytes(value);
    }
    OTI_TRY(auto se_id, reader.take_lv());
    identity.se_id = as_text(se_id);
    return identity;
}

Status Personalization::check(const Profile& profile) const {
    auto wrong = [](std::string_view what) {
        return fail(ErrorKind::kUsage, "se.personalization", std::string(what));
    };
    auto size = issuer_keys.enc.size();
    if ((size != 16 && size != 24 && size != 32) || issuer_keys.mac.size() != size ||
        issuer_keys.dek.size() != size) {
        return wrong("the issuer's keys must be three AES keys of one length");
    }
    if (key_type != KeyType::kAes && (size != 16 || !profile.scp02_i)) {
        return wrong("triple DES keys have 16 bytes each and need a profile with SCP02");
    }
    if (key_version == 0 || key_version > kMaxKeyVersion) return wrong("a key version is from 01 to 7F");
    if (remote) {
        const auto& keys = remote->keys;
        bool aes = remote->type == KeyType::kAes;
        auto fits = [&](std::size_t bytes) { return bytes == 16 || (aes && (bytes == 24 || bytes == 32)); };
        if (!profile.toolkit) return wrong("keys for remote management need the profile of a UICC");
        if (!aes && !profile.scp02_i && !profile.is_old())
            return wrong("triple DES keys for remote management need an old profile");
        if (remote->version == 0 || remote->version > kLastRemoteVersion)
            return wrong("keys for remote management have a version from 01 to 0F");
        if (!fits(keys.enc.size()) || keys.mac.size() != keys.enc.size() ||
            keys.dek.size() != keys.enc.size())
            return wrong("KIc, KID and DEK must be three keys of one length");
        if (remote->mac_size != 8 && (remote->mac_size != 4 || !aes))
            return wrong("the MACs of remote management have 4 or 8 bytes");
    }
    if (identity.key_diversification_data.size() != 10) {
        return wrong("key diversification data has 10 bytes");
    }
    if (identity.iin.size() > kMaxStoredData || identity.cin.size() > kMaxStoredData ||
        identity.cplc.size() > kMaxStoredData || identity.se_id.size() > kMaxStoredData) {
        return wrong("the identity of a secure element has fields of at most 64 bytes");
    }
    return {};
}

Identity Personalization::identity_for(std::string_view se_id) {
    auto digest = crypto::sha256(as_bytes(se_id));
    Identity identity;
    identity.se_id = se_id;
    identity.iin = from_hex("F04F5449");
    identity.cin = to_bytes(BytesView(digest).first(8));
    identity.key_diversification_data = concat(from_hex("0000"), BytesView(digest).first(8));
    // IC fabricator, type and operating system are nobody's; dates are zero; the serial number is the
    // digest's.
    identity.cplc = concat(from_hex("F04F 0001 F04F 0000 0100 0000"), BytesView(digest).first(4), Bytes(26));
    return identity;
}

}  // namespace oti::card
