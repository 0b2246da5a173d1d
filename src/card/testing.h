// SPDX-License-Identifier: Apache-2.0
// For tests: a secure element in memory, and a terminal that speaks SCP03 to it.
#pragma once

#include <stdexcept>

#include "base/hex.h"
#include "card/memory_nvm_file.h"
#include "card/secure_element.h"
#include "crypto/random.h"
#include "scp/scp03_host.h"

namespace oti::card::testing {

template <typename T>
T must(Result<T> value) {
    if (!value) throw std::runtime_error(value.error().code + ": " + value.error().message);
    return std::move(*value);
}

/// 00, 01, 02 and so on: what is done twice with it goes the same way.
class CountingRandom final : public crypto::Random {
  public:
    void fill(std::span<std::uint8_t> out) override {
        for (auto& byte : out) byte = next_++;
    }

  private:
    std::uint8_t next_ = 0;
};

inline scp::KeySet keys_of(std::string_view hex) {
    auto key = crypto::SecretBytes::copy_of(from_hex(hex));
    return {key.clone(), key.clone(), key.clone()};
}

inline constexpr std::string_view kTestKey = "404142434445464748494A4B4C4D4E4F";

inline SecureElement make_se(crypto::Random& random, std::string_view profile = "uicc-2024",
                             std::shared_ptr<MemoryMedium> medium = std::make_shared<MemoryMedium>()) {
    Personalization personalization{keys_of(kTestKey), 0x30,
                                    Personalization::identity_for("89001012012341234012345678901224")};
    return must(SecureElement::create(std::make_unique<MemoryNvmFile>(std::move(medium)),
                                      must(load_profile(profile)), personalization, random));
}

inline SecureElement reopen(crypto::Random& random, const std::shared_ptr<MemoryMedium>& medium) {
    medium->restore_power();
    return must(SecureElement::open(std::make_unique<MemoryNvmFile>(medium), random));
}

/// Sends plain and wrapped commands; what comes back is unwrapped.
class Terminal {
  public:
    explicit Terminal(SecureElement& se) : se_(&se) {}

    ResponseApdu plain(std::string_view hex) { return plain(from_hex(hex)); }
    ResponseApdu plain(BytesView command) {
        Exchange exchange;
        return must(ResponseApdu::parse(se_->process(command, exchange)));
    }

    /// INITIALIZE UPDATE and EXTERNAL AUTHENTICATE with the domain that is selected.
    StatusWord authenticate(const scp::KeySet& keys, scp::SecurityLevel level = scp::SecurityLevel::kFull,
                            std::uint8_t version = 0, std::size_t challenge_size = 8) {
        Bytes challenge(challenge_size, 0xA5);
        auto response = plain(scp::initialize_update(scp::KeyVersion(version), challenge).encode());
        if (response.sw != StatusWord::kOk) return response.sw;
        update = must(scp::InitializeUpdateResponse::parse(response.data));
        host_ = must(scp::Scp03Host::open(keys, challenge, *update, level));
        return plain(host_->external_authenticate()).sw;
    }
    StatusWord open(std::string_view aid, const scp::KeySet& keys,
                    scp::SecurityLevel level = scp::SecurityLevel::kFull) {
        auto selected = plain(CommandApdu{0x00, 0xA4, 0x04, 0x00, from_hex(aid), 256}.encode());
        if (!is_success_or_warning(selected.sw)) return selected.sw;
        return authenticate(keys, level);
    }

    ResponseApdu send(std::string_view hex) { return send(must(CommandApdu::parse(from_hex(hex)))); }
    ResponseApdu send(const CommandApdu& command) {
        auto response = plain(must(host_->wrap(command)));
        // A refusal that the card could not protect either.
        if (!is_success_or_warning(response.sw)) {
            (void)host_->unwrap(response.encode());
            return response;
        }
        return must(host_->unwrap(response.encode()));
    }
    StatusWord sw(std::string_view hex) { return send(hex).sw; }

    std::optional<scp::InitializeUpdateResponse> update;
    std::optional<scp::Scp03Host> host_;

  private:
    SecureElement* se_;
};

}  // namespace oti::card::testing
