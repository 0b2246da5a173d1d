// SPDX-License-Identifier: Apache-2.0
// For tests only: keys and ciphers by name and number, as the API's constants have them.
#pragma once

#include "javacard/crypto.h"
#include "javacard/native_call_testing.h"

namespace oti::javacard {

class CryptoTest : public NativeCallTest {
  protected:
    static constexpr std::uint16_t kIllegalValue = 1, kUninitializedKey = 2, kNoSuchAlgorithm = 3,
                                   kInvalidInit = 4, kIllegalUse = 5;
    static constexpr int kTypeDes = 3, kTypeRsaPublic = 4, kTypeRsaPrivate = 5, kTypeRsaCrt = 6,
                         kTypeEcPublic = 11, kTypeEcPrivate = 12, kTypeAes = 15, kTypeHmac = 21;

    static Value size(std::string_view hexadecimal) {
        return num(static_cast<int>(from_hex(hexadecimal).size()));
    }

    Ref build(int type, int bits) {
        return call("javacard.security.KeyBuilder", "buildKey(BSZ)Ljavacard/security/Key;",
                    {num(type), num(bits), num(0)})
            ->as_ref();
    }
    /// A DES or AES key, or with its length in the setter an HMAC key.
    Ref secret_key(int type, std::string_view value) {
        auto key = build(type, size(value).number * 8);
        auto data = bytes(value);
        std::vector<Value> arguments{obj(data), num(0)};
        if (type == kTypeHmac) arguments.push_back(size(value));
        EXPECT_TRUE(Succeeds(call(key, "setKey", arguments)));
        return key;
    }
    Guest<Value> set(Ref key, const char* method, std::string_view value) {
        return call(key, method, {obj(bytes(value)), num(0), size(value)});
    }
    std::string get(Ref key, const char* method) {
        auto out = bytes(Bytes(1024));
        auto length = call(key, method, {obj(out), num(0)});
        return length ? hex(out).substr(0, 2 * static_cast<std::size_t>(length->number)) : "";
    }

    Ref cipher(int algorithm) {
        return call("javacardx.crypto.Cipher", "getInstance(BZ)Ljavacardx/crypto/Cipher;",
                    {num(algorithm), num(0)})
            ->as_ref();
    }
    Ref signature(int algorithm) {
        return call("javacard.security.Signature", "getInstance(BZ)Ljavacard/security/Signature;",
                    {num(algorithm), num(0)})
            ->as_ref();
    }
    /// With an initial vector or without.
    Guest<Value> init(Ref object, Ref key, int mode, std::string_view iv = "") {
        if (iv.empty()) return call(object, "init(Ljavacard/security/Key;B)V", {obj(key), num(mode)});
        return call(object, "init(Ljavacard/security/Key;B[BSS)V",
                    {obj(key), num(mode), obj(bytes(iv)), num(0), size(iv)});
    }
    /// `method` with these bytes in and its output as hexadecimal; `CryptoException n` if it threw that.
    std::string process(Ref object, const char* method, std::string_view in) {
        auto out = bytes(Bytes(1024));
        auto done = call(object, method, {obj(bytes(in)), num(0), size(in), obj(out), num(0)});
        if (!done) {
            auto is_crypto = done.error().exception == exception::kCrypto;
            return is_crypto ? "CryptoException " + std::to_string(done.error().reason) : "another exception";
        }
        return hex(out).substr(0, 2 * static_cast<std::size_t>(done->number));
    }
    std::string final(Ref cipher, std::string_view in) { return process(cipher, "doFinal", in); }
};

}  // namespace oti::javacard
