// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/environment.h"

namespace oti::card {

/// The security of a secured packet, for the commands in it: the level is the packet's, commands and
/// responses pass as they are (TS 102 226, 8.2.0), and keys come encrypted with a static DEK (8.2.1.5.0).
class RemoteSession final : public scp::CardSession {
  public:
    RemoteSession(bool authenticated, bool ciphered, KeyComponent dek)
        : authenticated_(authenticated), ciphered_(ciphered), dek_(std::move(dek)) {}

    StatusWord external_authenticate(const CommandApdu&) override { return StatusWord::kInsNotSupported; }
    std::expected<CommandApdu, StatusWord> unwrap(const CommandApdu& command) override { return command; }
    Bytes wrap(const ResponseApdu& response) override { return response.encode(); }
    std::expected<crypto::SecretBytes, StatusWord> decrypt_sensitive(BytesView data) const override;
    std::expected<Bytes, StatusWord> encrypt_sensitive(BytesView data) const override;
    std::size_t sensitive_block_size() const override;
    void abort() override { authenticated_ = false; }

    scp::CurrentSecurityLevel level() const override;
    bool is_open() const override { return authenticated_; }
    bool is_aborted() const override { return !authenticated_; }
    std::size_t max_response_data(std::size_t most) const override { return most; }

  private:
    bool authenticated_;
    bool ciphered_;
    KeyComponent dek_;
};

}  // namespace oti::card
