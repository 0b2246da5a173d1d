// SPDX-License-Identifier: Apache-2.0
#include "cli/transit_wallet.h"

#include "base/byte_writer.h"
#include "base/hex.h"
#include "base/tlv.h"
#include "crypto/aes.h"

namespace oti::cli {
namespace {

using crypto::Aes;
using crypto::SecretAccess;
using crypto::SecretBytes;
using iso7816::CommandApdu;

constexpr std::string_view kAid = "F04F54490201";
constexpr std::size_t kMac = 8, kCheckValue = 3;
constexpr std::uint8_t kActive = 0x07;
constexpr Tag kFci = 0x6F, kVersion = 0x42, kNumber = 0x5A, kPins = 0xDF10;
/// "1234" and "12345678" as the applet pads them.
constexpr std::string_view kPin = "31323334FFFFFFFF", kPuk = "3132333435363738";

Result<Bytes> send(iso7816::CardChannel& card, const CommandApdu& command) {
    OTI_TRY(auto bytes, card.transmit(command.encode()));
    OTI_TRY(auto response, iso7816::ResponseApdu::parse(bytes));
    if (response.sw != iso7816::StatusWord::kOk)
        return std::unexpected(iso7816::card_error(response.sw, command.ins, command.p1));
    return std::move(response.data);
}

/// Terminal 0001, day 9,000 since 2000, noon.
ByteWriter stamp() {
    ByteWriter data;
    data.u16(1).u16(9000).u16(12 * 60);
    return data;
}

Result<Bytes> encrypted(const SecretBytes& key, BytesView block) {
    OTI_TRY(auto aes, Aes::create(key));
    Bytes out(block.size());
    aes.ecb_encrypt(block, out);
    return out;
}

}  // namespace

TransitWallet::TransitWallet(crypto::Random& random) : number_(random.bytes(8)) {
    for (auto& key : keys_) key = SecretBytes::copy_of(random.bytes(crypto::kAesBlock));
}

Result<std::string> TransitWallet::select(iso7816::CardChannel& card) const {
    OTI_TRY(auto data, send(card, {0x00, 0xA4, 0x04, 0x00, from_hex(kAid), 256}));
    OTI_TRY(auto objects, read_all_tlv(data, "what the transit applet answers"));
    for (const auto& object : objects) {
        if (object.tag != kFci) continue;
        OTI_TRY(auto inner, read_all_tlv(object.value, "what the transit applet answers"));
        for (const auto& entry : inner) {
            if (entry.tag == kVersion) return std::string(as_text(entry.value));
        }
    }
    return fail(ErrorKind::kCard, "demo.version", "the transit applet does not tell its version");
}

Result<CommandApdu> TransitWallet::with_mac(CommandApdu command, Slot slot, BytesView context) const {
    auto header = Bytes{command.cla, command.ins, command.p1, command.p2};
    OTI_TRY(auto mac, crypto::cmac(keys_[slot], concat(context, header, command.data)));
    append(command.data, BytesView(mac).first(kMac));
    return command;
}

Result<Bytes> TransitWallet::send_authentic(iso7816::CardChannel& card, CommandApdu command,
                                            Slot slot) const {
    OTI_TRY(auto challenge, send(card, {0x00, 0x84, 0x00, 0x00, {}, 256}));
    OTI_TRY(auto authentic, with_mac(std::move(command), slot, challenge));
    return send(card, authentic);
}

Status TransitWallet::put_key(iso7816::CardChannel& card, Slot slot) const {
    OTI_TRY(auto check, encrypted(keys_[slot], Bytes(crypto::kAesBlock, 0x01)));
    check.resize(kCheckValue);
    auto key = to_bytes(keys_[slot].view(SecretAccess::granted()));
    CommandApdu command{0x80, 0xD8, slot, 0x01, {}, 0};
    // The first two have nothing to be protected with yet.
    if (slot == kIssuerMac || slot == kIssuerEncryption) {
        command.data = concat(key, check);
        OTI_CHECK(send(card, command));
        return {};
    }
    OTI_TRY(key, encrypted(keys_[kIssuerEncryption], key));
    command.data = concat(key, check);
    OTI_CHECK(send_authentic(card, std::move(command), kIssuerMac));
    return {};
}

Status TransitWallet::personalize(iso7816::CardChannel& card) {
    OTI_CHECK(select(card));
    for (auto slot : {kIssuerMac, kIssuerEncryption, kLoad, kGate, kReceipt}) OTI_CHECK(put_key(card, slot));
    OTI_TRY(auto pins, encrypted(keys_[kIssuerEncryption], concat(from_hex(kPin), from_hex(kPuk))));
    auto data = concat(encode_tlv(kNumber, number_), encode_tlv(kPins, pins));
    OTI_CHECK(send_authentic(card, {0x80, 0xE2, 0x00, 0x00, std::move(data), 0}, kIssuerMac));
    OTI_CHECK(send_authentic(card, {0x80, 0xF0, kActive, 0x00, {}, 0}, kIssuerMac));
    return {};
}

Status TransitWallet::credit(iso7816::CardChannel& card, std::uint16_t amount) {
    OTI_CHECK(select(card));
    OTI_CHECK(send(card, {0x00, 0x20, 0x00, 0x01, from_hex(kPin), 0}));
    auto data = stamp().u16(++tokens_).u16(amount).take();
    OTI_TRY(auto token, with_mac({0x80, 0x52, 0x00, 0x00, std::move(data), 256}, kLoad, number_));
    OTI_CHECK(send(card, token));
    return {};
}

Status TransitWallet::debit(iso7816::CardChannel& card, std::uint16_t amount) const {
    OTI_CHECK(select(card));
    auto data = stamp().u16(amount).take();
    OTI_CHECK(send_authentic(card, {0x80, 0x54, 0x00, 0x00, std::move(data), 256}, kGate));
    return {};
}

Result<std::uint16_t> TransitWallet::balance(iso7816::CardChannel& card) const {
    OTI_CHECK(select(card));
    OTI_TRY(auto data, send(card, {0x80, 0x50, 0x00, 0x00, {}, 256}));
    if (data.size() != 2) return fail(ErrorKind::kCard, "demo.balance", "a balance has two bytes");
    return static_cast<std::uint16_t>(data[0] << 8 | data[1]);
}

}  // namespace oti::cli
