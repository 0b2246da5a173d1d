// SPDX-License-Identifier: Apache-2.0
// What a load file must prove: hashes, DAPs, ciphering (GPCS 2.3.1, 9.2, 9.3.5, C.2, C.3 and C.6).
#include <gtest/gtest.h>

#include "card/content_fixture.h"
#include "crypto/aes.h"
#include "crypto/digest.h"
#include "crypto/private_key.h"
#include "crypto/triple_des.h"

namespace oti::card {
namespace {

using crypto::Hash;
using crypto::SecretBytes;
using testing::must;

constexpr std::string_view kAuthority = "F04F5449DA";
constexpr std::string_view kKey = "101112131415161718191A1B1C1D1E1F";
/// Security Domain, DAP Verification, Trusted Path, Authorized Management.
constexpr std::string_view kWithDap = "C0C000", kWithMandatedDap = "C18000", kWithCiphering = "80C040";

class LoadVerificationTest : public ContentFixture {
  protected:
    Bytes block_ = hello_block();

    static SecretBytes secret(std::string_view hex) { return SecretBytes::copy_of(from_hex(hex)); }
    Bytes hash(Hash which) const { return crypto::digest(which, block_); }
    static Bytes aes_mac(BytesView message) { return to_bytes(must(crypto::cmac(secret(kKey), message))); }
    static Bytes dap(std::string_view domain, BytesView signature) {
        return encode_tlv(0xE2, concat(encode_tlv(0x4F, from_hex(domain)), encode_tlv(0xC3, signature)));
    }
    StatusWord load(BytesView hash, BytesView before, std::string_view target = "") {
        return load_file_of(hash, concat(before, encode_tlv(0xC4, block_)), target);
    }
    StatusWord load_file_of(BytesView hash, BytesView file, std::string_view target = "") {
        auto announced = sw(install(0x02, {kHello, target, to_hex(hash)}));
        return announced == StatusWord::kOk ? load_blocks(file) : announced;
    }
    void forget() { ASSERT_EQ(sw("80E40080074F05F04F544901"), StatusWord::kOk); }

    /// Loads with a DAP that `key` made over the hash with its scheme for cards.
    StatusWord load_signed(const crypto::PrivateKey& key, BytesView hash,
                           crypto::SignatureAlgorithm algorithm) {
        return load(hash, dap(kDomain, must(key.sign(algorithm, hash))));
    }
    void put_rsa(const crypto::PublicKey& key) {
        put_key(
            kDomain, kDapKey,
            {{KeyType::kRsaModulus, to_hex(key.modulus())}, {KeyType::kRsaExponent, to_hex(key.exponent())}});
        open_domain(kDomain);
    }
};

TEST_F(LoadVerificationTest, ChecksHashesOfAllSizes) {
    open_issuer();
    for (auto which : {Hash::kSha1, Hash::kSha256, Hash::kSha384, Hash::kSha512}) {
        auto right = hash(which), wrong = right;
        wrong.back() ^= 0x01;
        EXPECT_EQ(load(wrong, {}), StatusWord::kWrongData);
        EXPECT_FALSE(exists(kHello));
        EXPECT_EQ(load(right, {}), StatusWord::kOk);
        forget();
    }
    EXPECT_EQ(load(Bytes(21), {}), StatusWord::kWrongData);
    EXPECT_EQ(load(Bytes(33), {}), StatusWord::kWrongData);
}

TEST_F(LoadVerificationTest, ADomainWithTheDapPrivilegeTakesNothingElse) {
    add_domain(kDomain, kWithDap);
    put_key(kDomain, kDapKey, {{KeyType::kAes, kKey}});
    open_domain(kDomain);
    auto sha256 = hash(Hash::kSha256);
    auto right = aes_mac(sha256), wrong = right;
    wrong.front() ^= 0x80;
    EXPECT_EQ(load(sha256, {}), StatusWord::kWrongData) << "no DAP";
    EXPECT_EQ(load(sha256, dap(kDomain, wrong)), StatusWord::kSecurityStatus);
    EXPECT_EQ(load(sha256, dap(kDomain, {})), StatusWord::kSecurityStatus);
    EXPECT_EQ(load({}, dap(kDomain, right)), StatusWord::kWrongData) << "no hash";
    EXPECT_EQ(load(sha256, dap(kAuthority, right)), StatusWord::kWrongData) << "somebody else's";
    EXPECT_EQ(load(sha256, concat(dap(kDomain, right), dap(kAuthority, right))),
              StatusWord::kConditionsNotSatisfied)
        << "and of a domain that is not there";
    EXPECT_EQ(load(hash(Hash::kSha1), dap(kDomain, aes_mac(hash(Hash::kSha1)))), StatusWord::kWrongData)
        << "a hash weaker than the key";
    EXPECT_FALSE(exists(kHello));
    EXPECT_EQ(load(sha256, dap(kDomain, right)), StatusWord::kOk);
    forget();
    EXPECT_EQ(load(hash(Hash::kSha512), dap(kDomain, aes_mac(hash(Hash::kSha512)))), StatusWord::kOk);
    forget();
    // The issuer's domain that loads for it is bound as well.
    open_issuer();
    EXPECT_EQ(load(sha256, {}, kDomain), StatusWord::kWrongData);
    EXPECT_EQ(load(sha256, dap(kDomain, right), kDomain), StatusWord::kOk);
    EXPECT_EQ(se_.registry().load_file(Aid::constant(kHello))->security_domain, Aid::constant(kDomain));
}

TEST_F(LoadVerificationTest, TakesDapsOfAllSortsOfKeys) {
    add_domain(kDomain, kWithDap);
    auto sha1 = hash(Hash::kSha1), sha256 = hash(Hash::kSha256), sha384 = hash(Hash::kSha384);
    auto short_rsa = must(crypto::PrivateKey::generate_rsa(1024));
    put_rsa(short_rsa.public_key());
    EXPECT_EQ(load_signed(short_rsa, sha1, {crypto::SignatureScheme::kRsaPkcs1, Hash::kSha1}),
              StatusWord::kOk);
    forget();
    auto long_rsa = must(crypto::PrivateKey::generate_rsa(2048));
    put_rsa(long_rsa.public_key());
    const crypto::SignatureAlgorithm pss{crypto::SignatureScheme::kRsaPss, Hash::kSha256};
    EXPECT_EQ(load_signed(long_rsa, sha1, pss), StatusWord::kWrongData) << "table C-3";
    EXPECT_EQ(load_signed(long_rsa, sha256, pss), StatusWord::kOk);
    forget();
    EXPECT_EQ(load_signed(short_rsa, sha256, {crypto::SignatureScheme::kRsaPkcs1, Hash::kSha1}),
              StatusWord::kSecurityStatus)
        << "another key";
    for (auto [curve, reference, hash] :
         {std::tuple(crypto::Curve::kP256, "00", sha256), std::tuple(crypto::Curve::kP384, "01", sha384)}) {
        auto key = crypto::PrivateKey::generate(curve);
        put_key(
            kDomain, kDapKey,
            {{KeyType::kEcPublic, to_hex(key.public_key().point())}, {KeyType::kEcParameters, reference}});
        open_domain(kDomain);
        EXPECT_EQ(load_signed(key, hash, key.public_key().card_algorithm()), StatusWord::kOk);
        forget();
    }
    put_key(kDomain, kDapKey, {{KeyType::kTripleDes, kKey}});
    open_domain(kDomain);
    auto retail = must(crypto::RetailMac::create(secret(kKey)));
    EXPECT_EQ(load(sha1, dap(kDomain, retail.mac({}, sha1))), StatusWord::kOk);
}

TEST_F(LoadVerificationTest, ACardOfVersion221TakesLongRsaKeysByTheOldScheme) {
    make("uicc-2014");
    add_domain(kDomain, kWithDap);
    auto key = must(crypto::PrivateKey::generate_rsa(2048));
    put_rsa(key.public_key());
    EXPECT_EQ(load_signed(key, hash(Hash::kSha1), {crypto::SignatureScheme::kRsaPkcs1, Hash::kSha1}),
              StatusWord::kOk);
}

TEST_F(LoadVerificationTest, TheKeyOfUiccsIsFoundToo) {
    add_domain(kDomain, kWithDap);
    open_domain(kDomain);
    auto sha256 = hash(Hash::kSha256);
    EXPECT_EQ(load(sha256, dap(kDomain, aes_mac(sha256))), StatusWord::kConditionsNotSatisfied) << "no key";
    put_key(kDomain, kUiccDapKey, {{KeyType::kAes, kKey}});
    open_domain(kDomain);
    EXPECT_EQ(load(sha256, dap(kDomain, aes_mac(sha256))), StatusWord::kOk);
}

TEST_F(LoadVerificationTest, AMandatedDapIsNeededByEverybody) {
    add_domain(kDomain, "80C000");
    open_issuer();
    ASSERT_EQ(create_domain("81020370", kAuthority, kWithMandatedDap), StatusWord::kOk);
    auto sha256 = hash(Hash::kSha256);
    EXPECT_EQ(load(sha256, {}), StatusWord::kOk) << "the authority is not personalized yet";
    forget();
    ASSERT_EQ(terminal_.open(kAuthority, testing::keys_of(testing::kTestKey)), StatusWord::kOk);
    ASSERT_EQ(put_keys(testing::kTestKey, 0, 0x31, kOwnKey).sw, StatusWord::kOk);
    put_key(kAuthority, kDapKey, {{KeyType::kAes, kKey}});
    open_issuer();
    EXPECT_EQ(load(sha256, {}), StatusWord::kWrongData);
    EXPECT_EQ(load(sha256, dap(kAuthority, aes_mac(sha256))), StatusWord::kOk);
    forget();
    open_domain(kDomain);
    EXPECT_EQ(load({}, {}), StatusWord::kWrongData);
    EXPECT_EQ(load(sha256, dap(kAuthority, Bytes(16))), StatusWord::kSecurityStatus);
    EXPECT_EQ(load(sha256, dap(kAuthority, aes_mac(sha256))), StatusWord::kOk);
}

TEST_F(LoadVerificationTest, ADomainWithoutThePrivilegeVerifiesNothing) {
    add_domain(kDomain, "80C000");
    put_key(kDomain, kDapKey, {{KeyType::kAes, kKey}});
    open_domain(kDomain);
    auto sha256 = hash(Hash::kSha256);
    EXPECT_EQ(load(sha256, dap(kDomain, aes_mac(sha256))), StatusWord::kConditionsNotSatisfied);
}

TEST_F(LoadVerificationTest, DeciphersForADomainThatAsksForIt) {
    add_domain(kDomain, kWithCiphering);
    open_domain(kDomain);
    auto padded = block_;
    padded.push_back(0x80);
    padded.resize((padded.size() + 15) / 16 * 16);
    Bytes ciphered(padded.size());
    auto aes = must(crypto::Aes::create(secret(kKey)));
    aes.cbc_encrypt({}, padded, ciphered);
    auto sha256 = hash(Hash::kSha256);
    EXPECT_EQ(load_file_of(sha256, encode_tlv(0xD4, ciphered)), StatusWord::kConditionsNotSatisfied)
        << "no key";
    put_key(kDomain, kLoadFileKey, {{KeyType::kAes, kKey}});
    open_domain(kDomain);
    EXPECT_EQ(load(sha256, {}), StatusWord::kWrongData) << "in the clear";
    EXPECT_EQ(load_file_of({}, encode_tlv(0xD4, ciphered)), StatusWord::kWrongData) << "no hash";
    EXPECT_EQ(load_file_of(hash(Hash::kSha1), encode_tlv(0xD4, ciphered)), StatusWord::kWrongData);
    EXPECT_EQ(load_file_of(sha256, encode_tlv(0xD4, BytesView(ciphered).first(ciphered.size() - 1))),
              StatusWord::kSecurityStatus)
        << "no whole blocks";
    EXPECT_EQ(load_file_of(sha256, encode_tlv(0xD4, BytesView(ciphered).first(ciphered.size() - 16))),
              StatusWord::kSecurityStatus)
        << "no padding";
    EXPECT_EQ(load_file_of(sha256, concat(encode_tlv(0xD3, Bytes(8)), encode_tlv(0xD4, ciphered))),
              StatusWord::kSecurityStatus)
        << "an ICV for another cipher";
    EXPECT_FALSE(exists(kHello));
    EXPECT_EQ(load_file_of(sha256, encode_tlv(0xD4, ciphered)), StatusWord::kOk);
    EXPECT_EQ(sw(install_hello()), StatusWord::kOk);
    forget();
    crypto::AesBlock icv;
    icv.fill(0x5A);
    aes.cbc_encrypt(icv, padded, ciphered);
    EXPECT_EQ(load_file_of(sha256, concat(encode_tlv(0xD3, icv), encode_tlv(0xD4, ciphered))),
              StatusWord::kOk);
    forget();
    open_issuer();
    EXPECT_EQ(load_file_of(sha256, encode_tlv(0xD4, ciphered)), StatusWord::kWrongData) << "not asked for";
}

TEST_F(LoadVerificationTest, DeciphersTripleDesToo) {
    add_domain(kDomain, kWithCiphering);
    put_key(kDomain, kLoadFileKey, {{KeyType::kTripleDes, kKey}});
    open_domain(kDomain);
    auto padded = crypto::des_padded(block_);
    Bytes ciphered(padded.size());
    must(crypto::TripleDes::create(secret(kKey))).cbc_encrypt({}, padded, ciphered);
    EXPECT_EQ(load_file_of(hash(Hash::kSha1), encode_tlv(0xD4, ciphered)), StatusWord::kOk);
}

TEST_F(LoadVerificationTest, ADomainThatIsLockedMeanwhileGetsNothing) {
    add_domain(kDomain, "80C000");
    open_issuer();
    ASSERT_EQ(sw(install(0x02, {kHello, kDomain, ""})), StatusWord::kOk);
    auto file = load_file("hello.cap");
    ASSERT_EQ(terminal_.send({0x80, 0xE8, 0x00, 0x00, to_bytes(BytesView(file).first(200)), 256}).sw,
              StatusWord::kOk);
    auto host = open_on_channel_1();
    auto lock = must(CommandApdu::parse(from_hex("80F0408005F04F544900")));
    ASSERT_EQ(on_channel(1, to_hex(must(host.wrap(lock)))).sw, StatusWord::kOk);
    EXPECT_EQ(terminal_.send({0x80, 0xE8, 0x80, 0x01, to_bytes(BytesView(file).subspan(200)), 256}).sw,
              StatusWord::kConditionsNotSatisfied);
    EXPECT_FALSE(exists(kHello));
}

}  // namespace
}  // namespace oti::card
