// SPDX-License-Identifier: Apache-2.0
#include "crypto/jwe.h"

#include <cjose/cjose.h>
#include <jansson.h>

#include <cstdlib>
#include <memory>

#include "crypto/openssl.h"

namespace oti::crypto {
namespace {

using Jwk = OpensslPtr<cjose_jwk_t, cjose_jwk_release>;
using Jwe = OpensslPtr<cjose_jwe_t, cjose_jwe_release>;
using Header = OpensslPtr<cjose_header_t, cjose_header_release>;

std::string_view text_of(const SecretBytes& secret) {
    auto view = secret.view(SecretAccess::granted());
    return {reinterpret_cast<const char*>(view.data()), view.size()};
}

Result<Jwk> import_jwk(std::string_view json) {
    cjose_err error{};
    Jwk jwk(cjose_jwk_import(json.data(), json.size(), &error));
    if (!jwk || cjose_jwk_get_kty(jwk.get(), &error) != CJOSE_JWK_KTY_EC ||
        cjose_jwk_EC_get_curve(jwk.get(), &error) != CJOSE_JWK_EC_P_256) {
        return fail(ErrorKind::kUsage, "jwk.invalid", "not a P-256 JSON Web Key");
    }
    return jwk;
}

Result<std::string> export_jwk(const cjose_jwk_t* jwk, bool with_private) {
    cjose_err error{};
    std::unique_ptr<char, decltype(&std::free)> json(cjose_jwk_to_json(jwk, with_private, &error),
                                                     &std::free);
    if (!json) return fail(ErrorKind::kInternal, "jwk.export", "a JSON Web Key cannot be written");
    std::string text(json.get());
    OPENSSL_cleanse(json.get(), text.size());
    return text;
}

}  // namespace

Result<SecretBytes> make_jwk() {
    cjose_err error{};
    Jwk jwk(cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, &error));
    must(jwk != nullptr);
    OTI_TRY(auto json, export_jwk(jwk.get(), true));
    auto secret = SecretBytes::copy_of(as_bytes(json));
    OPENSSL_cleanse(json.data(), json.size());
    return secret;
}

Result<std::string> public_jwk(const SecretBytes& private_jwk) {
    OTI_TRY(auto jwk, import_jwk(text_of(private_jwk)));
    return export_jwk(jwk.get(), false);
}

Result<std::string> jwe_encrypt(BytesView plaintext, std::string_view recipient_public_jwk) {
    OTI_TRY(auto jwk, import_jwk(recipient_public_jwk));
    cjose_err error{};
    Header header(cjose_header_new(&error));
    must(header && cjose_header_set(header.get(), CJOSE_HDR_ALG, CJOSE_HDR_ALG_ECDH_ES, &error) &&
         cjose_header_set(header.get(), CJOSE_HDR_ENC, CJOSE_HDR_ENC_A256GCM, &error));
    Jwe jwe(cjose_jwe_encrypt(jwk.get(), header.get(), plaintext.data(), plaintext.size(), &error));
    if (!jwe) return fail(ErrorKind::kUsage, "jwk.invalid", "nothing can be encrypted to this JSON Web Key");
    std::unique_ptr<char, decltype(&std::free)> compact(cjose_jwe_export(jwe.get(), &error), &std::free);
    must(compact != nullptr);
    return std::string(compact.get());
}

Result<SecretBytes> jwe_decrypt(std::string_view jwe, const SecretBytes& private_jwk) {
    OTI_TRY(auto jwk, import_jwk(text_of(private_jwk)));
    auto broken =
        fail(ErrorKind::kAuthentication, "jwe.broken", "the encrypted keys cannot be opened with this key");
    cjose_err error{};
    Jwe parsed(cjose_jwe_import(jwe.data(), jwe.size(), &error));
    if (!parsed) return broken;
    // Only the algorithms that this product uses; a JWE must not choose weaker ones.
    auto* header = cjose_jwe_get_protected(parsed.get());
    auto is = [&](const char* name, const char* wanted) {
        const char* found = cjose_header_get(header, name, &error);
        return found != nullptr && std::string_view(found) == wanted;
    };
    if (!is(CJOSE_HDR_ALG, CJOSE_HDR_ALG_ECDH_ES) || !is(CJOSE_HDR_ENC, CJOSE_HDR_ENC_A256GCM)) return broken;
    std::size_t size = 0;
    std::uint8_t* plain = cjose_jwe_decrypt(parsed.get(), jwk.get(), &size, &error);
    if (plain == nullptr) return broken;
    auto secret = SecretBytes::copy_of({plain, size});
    OPENSSL_cleanse(plain, size);
    std::free(plain);
    return secret;
}

}  // namespace oti::crypto
