// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/environment.h"

namespace oti::card {

/// The security of what a script came in, for the commands in it: a secured packet, or a connection of SCP81.
/// Commands and responses pass as they are (TS 102 226, 8.2.0; Amendment B, 3.3.3.1), and keys come encrypted
/// with a static DEK (8.2.1.5.0; 3.9.3).
class RemoteSession final : public scp::CardSession {
  public:
    RemoteSession(scp::CurrentSecurityLevel level, KeyComponent dek) : level_(level), dek_(std::move(dek)) {}

    StatusWord external_authenticate(const CommandApdu&) override { return StatusWord::kInsNotSupported; }
    std::expected<CommandApdu, StatusWord> unwrap(const CommandApdu& command) override { return command; }
    Bytes wrap(const ResponseApdu& response) override { return response.encode(); }
    std::expected<crypto::SecretBytes, StatusWord> decrypt_sensitive(BytesView data) const override;
    std::expected<Bytes, StatusWord> encrypt_sensitive(BytesView data) const override;
    std::size_t sensitive_block_size() const override;
    void abort() override { level_ = {}; }

    scp::CurrentSecurityLevel level() const override { return level_; }
    bool is_open() const override { return level_.authenticated; }
    bool is_aborted() const override { return !level_.authenticated; }
    std::size_t max_response_data(std::size_t most) const override { return most; }

  private:
    scp::CurrentSecurityLevel level_;
    KeyComponent dek_;
};

}  // namespace oti::card
