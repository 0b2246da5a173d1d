// SPDX-License-Identifier: Apache-2.0
#include "globalplatform/receipt.h"

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/tlv.h"

namespace oti::globalplatform {
namespace {

using iso7816::Aid;
using iso7816::CommandApdu;
using iso7816::Ins;

// P1 of INSTALL (table 11-41).
constexpr std::uint8_t kForLoad = 0x02, kForInstall = 0x04, kForMakeSelectable = 0x08, kForExtradition = 0x10,
                       kForRegistryUpdate = 0x40;
constexpr std::uint8_t kLastBlock = 0x80;  ///< P1 of LOAD
constexpr Tag kAid = 0x4F;

/// Views of the fields of INSTALL up to its parameters; all forms have these, some of them empty.
struct Fields {
    BytesView first, second, third, privileges, parameters;
};

Result<Fields> fields_of(const CommandApdu& command) {
    ByteReader reader(command.data, "INSTALL");
    Fields fields;
    OTI_TRY(fields.first, reader.take_lv());
    OTI_TRY(fields.second, reader.take_lv());
    OTI_TRY(fields.third, reader.take_lv());
    if (command.p1 == kForLoad) return fields;
    OTI_TRY(fields.privileges, reader.take_lv());
    OTI_TRY(auto length, read_length(reader));
    OTI_TRY(fields.parameters, reader.take(length));
    return fields;
}

}  // namespace

Result<std::optional<Confirmation>> Confirmation::parse(BytesView response) {
    if (response.empty()) return std::nullopt;
    ByteReader outer(response, "confirmation");
    OTI_TRY(auto length, read_length(outer));
    OTI_TRY(auto content, outer.take(length));
    OTI_CHECK(outer.expect_end());
    if (content.empty()) return std::nullopt;
    ByteReader reader(content, "confirmation");
    Confirmation confirmation;
    OTI_TRY(auto receipt_length, read_length(reader));
    OTI_TRY(auto receipt, reader.take(receipt_length));
    confirmation.receipt = to_bytes(receipt);
    confirmation.data = to_bytes(reader.take_rest());
    ByteReader data(confirmation.data, "confirmation data");
    OTI_TRY(auto counter_size, data.u8());
    if (counter_size != 2) return data.invalid("a confirmation counter has 2 bytes");
    OTI_TRY(confirmation.counter, data.u16());
    OTI_TRY(auto unique, data.take_lv());
    confirmation.domain_unique_data = to_bytes(unique);
    // Token identifier and digest, if any: they are signed with the rest.
    while (!data.empty()) {
        OTI_CHECK(data.take_lv());
    }
    return confirmation;
}

Aid ReceiptSubjects::owner(const Aid& aid) const {
    if (const auto* entry = registry_->application(aid); entry != nullptr && entry->security_domain)
        return *entry->security_domain;
    if (const auto* file = registry_->load_file(aid); file != nullptr && file->security_domain)
        return *file->security_domain;
    return domain_;
}

std::optional<Bytes> ReceiptSubjects::of(const CommandApdu& command) {
    if (command.ins == value(Ins::kInstall)) return of_install(command);
    if (command.ins == value(Ins::kLoad) && (command.p1 & kLastBlock) != 0) return std::move(load_);
    if (command.ins != value(Ins::kDelete)) return std::nullopt;
    ByteReader reader(command.data, "DELETE");
    auto object = read_tlv(reader);
    if (!object || object->tag != kAid) return std::nullopt;
    return ByteWriter().lv(object->value).take();
}

std::optional<Bytes> ReceiptSubjects::of_install(const CommandApdu& command) {
    auto fields = fields_of(command);
    if (!fields) return std::nullopt;
    ByteWriter subject;
    switch (command.p1) {
        case kForLoad: {
            auto domain = fields->second.empty() ? domain_.bytes() : fields->second;
            load_ = ByteWriter().lv(fields->first).lv(domain).take();
            return std::nullopt;  // its LOADs are confirmed
        }
        case kForInstall:
        case kForInstall | kForMakeSelectable:
            return subject.lv(fields->first).lv(fields->third).take();
        case kForMakeSelectable: {
            auto instance = Aid::create(fields->third);
            const auto* entry = instance ? registry_->application(*instance) : nullptr;
            if (entry == nullptr || !entry->load_file) return std::nullopt;
            return subject.lv(entry->load_file->bytes()).lv(fields->third).take();
        }
        case kForExtradition: {
            auto object = Aid::create(fields->third);
            if (!object) return std::nullopt;
            return subject.lv(owner(*object).bytes()).lv(fields->third).lv(fields->first).take();
        }
        case kForRegistryUpdate: {
            auto object = Aid::create(fields->third);
            bool moves = object && !fields->first.empty();
            subject.lv(moves ? owner(*object).bytes() : BytesView()).lv(fields->third).lv(fields->first);
            return subject.lv(fields->privileges)
                .put(encode_length(fields->parameters.size()))
                .put(fields->parameters)
                .take();
        }
        default:
            return std::nullopt;
    }
}

Status verify_receipt(const Confirmation& confirmation, BytesView subject, const ReceiptVerifier& verify) {
    if (confirmation.receipt.empty() || verify(concat(confirmation.data, subject), confirmation.receipt))
        return {};
    return fail(ErrorKind::kAuthentication, "card.receipt",
                "the card took the command, but its receipt does not verify",
                "check the receipt key; with the right one this receipt proves nothing");
}

}  // namespace oti::globalplatform
