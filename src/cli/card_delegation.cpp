// SPDX-License-Identifier: Apache-2.0
#include "cli/card_delegation.h"

#include "base/hex.h"
#include "cli/files.h"
#include "crypto/aes.h"
#include "crypto/triple_des.h"

namespace oti::cli {
namespace {

namespace gp = globalplatform;

Result<std::optional<gp::TokenSigner>> signer_of(const TokenOptions& options) {
    const auto &token = options.token, &token_key = options.token_key;
    if (!token.empty() && !token_key.empty())
        return fail(ErrorKind::kUsage, "usage.token", "a token and a key to make tokens are given",
                    "give one of them");
    if (!token.empty()) {
        OTI_TRY(auto bytes, parse_hex(token));
        return gp::TokenSigner([bytes](BytesView) -> Result<Bytes> { return bytes; });
    }
    if (token_key.empty()) return std::nullopt;
    if (auto hex = parse_hex(token_key)) {
        auto wiped = crypto::SecretBytes::take(std::move(*hex));
        OTI_TRY(auto key, parse_key(token_key, "the token key"));
        auto shared = std::make_shared<crypto::SecretBytes>(std::move(key));
        return gp::TokenSigner([shared](BytesView message) -> Result<Bytes> {
            OTI_TRY(auto mac, crypto::cmac(*shared, message));
            return to_bytes(mac);
        });
    }
    OTI_TRY(auto key, read_private_key(token_key));
    auto shared = std::make_shared<crypto::PrivateKey>(std::move(key));
    return gp::TokenSigner(
        [shared](BytesView message) { return shared->sign(shared->public_key().card_algorithm(), message); });
}

Result<std::optional<gp::ReceiptVerifier>> verifier_of(const TokenOptions& options) {
    if (options.receipt_key.empty()) return std::nullopt;
    if (auto hex = parse_hex(options.receipt_key)) {
        auto wiped = crypto::SecretBytes::take(std::move(*hex));
        OTI_TRY(auto key, parse_key(options.receipt_key, "the receipt key"));
        auto shared = std::make_shared<crypto::SecretBytes>(std::move(key));
        return gp::ReceiptVerifier([shared](BytesView message, BytesView receipt) {
            if (receipt.size() == crypto::kDesBlock) {
                auto des = crypto::RetailMac::create(*shared);
                return des && crypto::equal_in_constant_time(des->mac({}, message), receipt);
            }
            auto mac = crypto::cmac(*shared, message);
            return mac && crypto::equal_in_constant_time(*mac, receipt);
        });
    }
    OTI_TRY(auto key, read_public_key(options.receipt_key));
    return gp::ReceiptVerifier([key](BytesView message, BytesView receipt) {
        return key.verify(key.card_algorithm(), message, receipt);
    });
}

}  // namespace

void add_token_options(CLI::App& command, TokenOptions& options) {
    command.add_option("--token", options.token, "token of delegated management, hexadecimal");
    command.add_option("--token-key", options.token_key,
                       "make the tokens with this key: PEM file, or AES key in hexadecimal");
    command.add_option("--receipt-key", options.receipt_key,
                       "verify receipts with this key: PEM file of a public key, or AES or triple DES key in "
                       "hexadecimal");
}

Result<Delegation> Delegation::of(const TokenOptions& options) {
    Delegation delegation;
    OTI_TRY(delegation.sign_, signer_of(options));
    OTI_TRY(delegation.verify_, verifier_of(options));
    return delegation;
}

Status Delegation::apply(CardWork& work, const gp::Registry& registry) const {
    if (verify_) work.check_receipts(*verify_, registry);
    return sign_ ? work.sign(*sign_) : Status();
}

}  // namespace oti::cli
