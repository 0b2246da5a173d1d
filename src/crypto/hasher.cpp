// SPDX-License-Identifier: Apache-2.0
// OpenSSL's EVP interface cannot start from a chaining value; the older one, which it is built upon, can.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/hasher.h"

#include <openssl/md5.h>
#include <openssl/ripemd.h>
#include <openssl/sha.h>

#include <variant>

#include "crypto/internal/hash_names.h"
#include "crypto/openssl.h"

namespace oti::crypto {
namespace {

using EvpMdCtx = OpensslPtr<EVP_MD_CTX, EVP_MD_CTX_free>;

template <typename Word>
void read_words(BytesView state, std::span<Word> words, bool big_endian) {
    for (std::size_t i = 0; i < words.size(); ++i) {
        Word word = 0;
        for (std::size_t byte = 0; byte < sizeof(Word); ++byte) {
            auto place = big_endian ? byte : sizeof(Word) - 1 - byte;
            word = static_cast<Word>(word << 8U) | state[i * sizeof(Word) + place];
        }
        words[i] = word;
    }
}

/// MD5, RIPEMD-160, SHA-1: five words or four with names of their own.
template <typename Context>
void set_named_words(Context& context, BytesView state, bool big_endian) {
    std::array<std::uint32_t, 5> words{};
    read_words(state, std::span(words).first(state.size() / 4), big_endian);
    if constexpr (requires { context.h0; }) {
        context.h0 = words[0];
        context.h1 = words[1];
        context.h2 = words[2];
        context.h3 = words[3];
        context.h4 = words[4];
    } else {
        context.A = words[0];
        context.B = words[1];
        context.C = words[2];
        context.D = words[3];
        if constexpr (requires { context.E; }) context.E = words[4];
    }
}

template <typename Context>
void set_bit_count(Context& context, std::uint64_t digested) {
    using Word = decltype(context.Nl);
    auto bits = digested << 3U;
    context.Nl = static_cast<Word>(bits);
    context.Nh = sizeof(Word) == 8 ? static_cast<Word>(digested >> 61U) : static_cast<Word>(bits >> 32U);
}

}  // namespace

struct Hasher::Context {
    Hash hash;
    std::variant<EvpMdCtx, MD5_CTX, RIPEMD160_CTX, SHA_CTX, SHA256_CTX, SHA512_CTX> state;
};

Hasher::Hasher(Hash hash) : context_(std::make_unique<Context>(hash, EvpMdCtx(EVP_MD_CTX_new()))) {
    auto& evp = std::get<EvpMdCtx>(context_->state);
    must(evp != nullptr && EVP_DigestInit_ex(evp.get(), evp_md(hash), nullptr) == 1);
}

Hasher::Hasher(std::unique_ptr<Context> context) : context_(std::move(context)) {}
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;
Hasher::~Hasher() = default;

std::size_t chaining_size(Hash hash) {
    switch (hash) {
        case Hash::kMd5:
            return MD5_DIGEST_LENGTH;
        case Hash::kRipemd160:
        case Hash::kSha1:
            return SHA_DIGEST_LENGTH;
        case Hash::kSha224:
        case Hash::kSha256:
            return SHA256_DIGEST_LENGTH;
        case Hash::kSha384:
        case Hash::kSha512:
            return SHA512_DIGEST_LENGTH;
        default:
            return 0;
    }
}

Result<Hasher> Hasher::resume(Hash hash, BytesView state, std::uint64_t digested) {
    auto size = chaining_size(hash);
    auto block = static_cast<std::uint64_t>(EVP_MD_get_block_size(evp_md(hash)));
    if (size == 0 || state.size() != size || digested % block != 0) {
        return fail(ErrorKind::kUsage, "digest.state", "no chaining value of this hash function");
    }
    auto context = std::make_unique<Context>(hash, EvpMdCtx());
    switch (hash) {
        case Hash::kMd5: {
            auto& md5 = context->state.emplace<MD5_CTX>();
            must(MD5_Init(&md5) == 1);
            set_named_words(md5, state, false);
            set_bit_count(md5, digested);
            break;
        }
        case Hash::kRipemd160: {
            auto& ripemd = context->state.emplace<RIPEMD160_CTX>();
            must(RIPEMD160_Init(&ripemd) == 1);
            set_named_words(ripemd, state, false);
            set_bit_count(ripemd, digested);
            break;
        }
        case Hash::kSha1: {
            auto& sha = context->state.emplace<SHA_CTX>();
            must(SHA1_Init(&sha) == 1);
            set_named_words(sha, state, true);
            set_bit_count(sha, digested);
            break;
        }
        case Hash::kSha224:
        case Hash::kSha256: {
            auto& sha = context->state.emplace<SHA256_CTX>();
            must((hash == Hash::kSha224 ? SHA224_Init(&sha) : SHA256_Init(&sha)) == 1);
            read_words(state, std::span<SHA_LONG>(sha.h), true);
            set_bit_count(sha, digested);
            break;
        }
        default: {
            auto& sha = context->state.emplace<SHA512_CTX>();
            must((hash == Hash::kSha384 ? SHA384_Init(&sha) : SHA512_Init(&sha)) == 1);
            read_words(state, std::span<SHA_LONG64>(sha.h), true);
            set_bit_count(sha, digested);
            break;
        }
    }
    return Hasher(std::move(context));
}

void Hasher::update(BytesView part) {
    struct Update {
        BytesView part;
        int operator()(EvpMdCtx& c) const { return EVP_DigestUpdate(c.get(), part.data(), part.size()); }
        int operator()(MD5_CTX& c) const { return MD5_Update(&c, part.data(), part.size()); }
        int operator()(RIPEMD160_CTX& c) const { return RIPEMD160_Update(&c, part.data(), part.size()); }
        int operator()(SHA_CTX& c) const { return SHA1_Update(&c, part.data(), part.size()); }
        int operator()(SHA256_CTX& c) const { return SHA256_Update(&c, part.data(), part.size()); }
        int operator()(SHA512_CTX& c) const { return SHA512_Update(&c, part.data(), part.size()); }
    };
    if (!part.empty()) must(std::visit(Update{part}, context_->state) == 1);
}

Bytes Hasher::finish() {
    struct Finish {
        std::uint8_t* out;
        int operator()(EvpMdCtx& c) const { return EVP_DigestFinal_ex(c.get(), out, nullptr); }
        int operator()(MD5_CTX& c) const { return MD5_Final(out, &c); }
        int operator()(RIPEMD160_CTX& c) const { return RIPEMD160_Final(out, &c); }
        int operator()(SHA_CTX& c) const { return SHA1_Final(out, &c); }
        int operator()(SHA256_CTX& c) const { return SHA256_Final(out, &c); }
        int operator()(SHA512_CTX& c) const { return SHA512_Final(out, &c); }
    };
    Bytes digest(EVP_MAX_MD_SIZE);
    must(std::visit(Finish{digest.data()}, context_->state) == 1);
    digest.resize(digest_size(context_->hash));
    return digest;
}

}  // namespace oti::crypto
