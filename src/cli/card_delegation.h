// SPDX-License-Identifier: Apache-2.0
// Delegated management: tokens for the commands, and receipts that come back.
#pragma once

#include "cli/card_work.h"
#include "globalplatform/receipt.h"
#include "globalplatform/token.h"

namespace oti::cli {

struct TokenOptions {
    std::string token, token_key, receipt_key;
};
void add_token_options(CLI::App& command, TokenOptions& options);

class Delegation {
  public:
    /// `--token-key` is a PEM file or an AES key in hexadecimal; `--receipt-key` a PEM file of a public key,
    /// or a symmetric key in hexadecimal: AES where the receipt has 16 bytes, triple DES where it has 8.
    /// Errors `usage.token`, `hex.invalid`, `key.*`, `file.*`.
    static Result<Delegation> of(const TokenOptions& options);

    /// Puts tokens on the commands, and has receipts checked; `registry` is what the card shows before.
    Status apply(CardWork& work, const globalplatform::Registry& registry) const;

  private:
    std::optional<globalplatform::TokenSigner> sign_;
    std::optional<globalplatform::ReceiptVerifier> verify_;
};

}  // namespace oti::cli
