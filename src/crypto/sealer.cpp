// SPDX-License-Identifier: Apache-2.0
#include "crypto/sealer.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "crypto/openssl.h"

namespace oti::crypto {
namespace {

constexpr std::size_t kKey = 32, kNonce = 12, kTag = 16;

std::unexpected<Error> broken() {
    return fail(ErrorKind::kAuthentication, "seal.broken", "a stored secret cannot be opened",
                "the master key file must be the one that the database was written with");
}

}  // namespace

Result<Sealer> Sealer::create(SecretBytes master_key, Random& random) {
    if (master_key.size() != kKey) return fail(ErrorKind::kUsage, "key.length", "a master key has 32 bytes");
    return Sealer(std::move(master_key), random);
}

Result<Sealer> Sealer::open_or_create(const std::filesystem::path& key_file, Random& random) {
    auto failed = [&](const char* what) {
        return fail(ErrorKind::kIo, "key.file",
                    std::string(what) + " " + key_file.string() + ": " + std::strerror(errno));
    };
    int file = ::open(key_file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file >= 0) {
        auto key = random.secret(kKey);
        bool written = ::write(file, key.view(SecretAccess::granted()).data(), kKey) == ssize_t{kKey} &&
                       ::fsync(file) == 0;
        ::close(file);
        if (!written) return failed("cannot write");
        return create(std::move(key), random);
    }
    if (errno != EEXIST) return failed("cannot make");
    std::ifstream in(key_file, std::ios::binary);
    SecretBytes key(kKey + 1);
    in.read(reinterpret_cast<char*>(key.writable(SecretAccess::granted()).data()), kKey + 1);
    if (in.gcount() != std::streamsize{kKey}) {
        return fail(ErrorKind::kUsage, "key.length", "a master key file has 32 bytes: " + key_file.string());
    }
    return create(SecretBytes::copy_of(key.view(SecretAccess::granted()).first(kKey)), random);
}

Bytes Sealer::seal(BytesView secret, std::string_view context) const {
    Bytes sealed = random_->bytes(kNonce);
    sealed.resize(kNonce + secret.size() + kTag);
    auto* out = sealed.data() + kNonce;
    EvpCipherCtx cipher(EVP_CIPHER_CTX_new());
    int size = 0;
    must(EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr,
                            key_.view(SecretAccess::granted()).data(), sealed.data()) == 1);
    must(EVP_EncryptUpdate(cipher.get(), nullptr, &size, as_bytes(context).data(),
                           static_cast<int>(context.size())) == 1);
    must(EVP_EncryptUpdate(cipher.get(), out, &size, secret.data(), static_cast<int>(secret.size())) == 1);
    must(EVP_EncryptFinal_ex(cipher.get(), out + size, &size) == 1);
    must(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTag, out + secret.size()) == 1);
    return sealed;
}

Result<SecretBytes> Sealer::open(BytesView sealed, std::string_view context) const {
    if (sealed.size() < kNonce + kTag) return broken();
    auto text = sealed.subspan(kNonce, sealed.size() - kNonce - kTag);
    Bytes tag = to_bytes(sealed.last(kTag));
    SecretBytes secret(text.size());
    auto out = secret.writable(SecretAccess::granted());
    EvpCipherCtx cipher(EVP_CIPHER_CTX_new());
    int size = 0;
    must(EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr,
                            key_.view(SecretAccess::granted()).data(), sealed.data()) == 1);
    must(EVP_DecryptUpdate(cipher.get(), nullptr, &size, as_bytes(context).data(),
                           static_cast<int>(context.size())) == 1);
    must(EVP_DecryptUpdate(cipher.get(), out.data(), &size, text.data(), static_cast<int>(text.size())) == 1);
    must(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTag, tag.data()) == 1);
    if (EVP_DecryptFinal_ex(cipher.get(), out.data() + size, &size) != 1) return broken();
    return secret;
}

}  // namespace oti::crypto
