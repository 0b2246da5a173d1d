// SPDX-License-Identifier: Apache-2.0
#include "card/install_fields.h"

#include "base/byte_writer.h"

namespace oti::card {
namespace {

using iso7816::StatusWord;

constexpr Tag kApplicationParameters = 0xC9, kSystemParameters = 0xEF, kUiccTemplate = 0xEA,
              kTokenReference = 0xB6;
/// Far more than there are channels and interfaces; GET STATUS lists them all in one response.
constexpr std::size_t kMaxImplicitSelections = 20;

std::unexpected<StatusWord> wrong() {
    return std::unexpected(StatusWord::kWrongData);
}

/// An amount of memory: 2 bytes, or 4.
std::expected<std::uint32_t, StatusWord> amount(BytesView value) {
    if (value.size() != 2 && value.size() != 4) return wrong();
    std::uint32_t bytes = 0;
    for (auto byte : value) bytes = bytes << 8 | byte;
    return bytes;
}

std::expected<void, StatusWord> read_system_parameters(BytesView value, ContentParameters& parameters) {
    auto objects = read_all_tlv(value, "system parameters");
    if (!objects) return wrong();
    auto number = [&](BytesView field, std::optional<std::uint32_t>& out) -> std::expected<void, StatusWord> {
        OTI_TRY(out, amount(field));
        return {};
    };
    for (const auto& [tag, field] : *objects) {
        switch (tag) {
            case 0xC6:
                OTI_CHECK(number(field, parameters.code_minimum));
                break;
            case 0xC7:
                OTI_CHECK(number(field, parameters.volatile_quota));
                break;
            case 0xC8:
                OTI_CHECK(number(field, parameters.nonvolatile_quota));
                break;
            case 0xD7:
                OTI_CHECK(number(field, parameters.volatile_reserved));
                break;
            case 0xD8:
                OTI_CHECK(number(field, parameters.nonvolatile_reserved));
                break;
            case 0xCA:
                append(parameters.uicc_parameters, encode_tlv(tag, field));
                break;
            case 0xCB:
                if (field.empty() || field.size() % 2 != 0) return wrong();
                parameters.services = field;
                break;
            case 0xCF:
                if (field.size() != 1) return wrong();
                parameters.implicit_selections.push_back(field.front());
                break;
            case 0xD9:
                if (field.size() != 1) return wrong();
                parameters.restrictions = field.front();
                break;
            default:
                break;
        }
    }
    if (parameters.implicit_selections.size() > kMaxImplicitSelections) return wrong();
    return {};
}

/// Parameters and tokens have a BER length; `80` alone is 128 here, as an exception to it (11.1.5).
std::expected<BytesView, StatusWord> ber_lv(ByteReader& reader) {
    auto ahead = reader;
    auto first = ahead.u8();
    if (!first) return wrong();
    auto size = *first == 0x80 ? Result<std::size_t>(reader.u8()) : read_length(reader);
    auto field = size ? reader.take(*size) : std::unexpected(size.error());
    if (!field) return wrong();
    return *field;
}

}  // namespace

std::expected<iso7816::Aid, StatusWord> aid_of(BytesView field) {
    auto aid = iso7816::Aid::create(field);
    if (!aid) return wrong();
    return *aid;
}

std::expected<TokenReference, StatusWord> parse_token_reference(BytesView value) {
    auto objects = read_all_tlv(value, "B6");
    if (!objects) return wrong();
    return TokenReference{find(*objects, 0x42), find(*objects, 0x45), find(*objects, 0x5F20),
                          find(*objects, 0x93)};
}

std::expected<ContentParameters, StatusWord> ContentParameters::parse(BytesView field) {
    auto objects = read_all_tlv(field, "parameters");
    if (!objects) return wrong();
    ContentParameters parameters;
    parameters.application = find(*objects, kApplicationParameters);
    if (auto reference = find(*objects, kTokenReference)) {
        OTI_TRY(parameters.reference, parse_token_reference(*reference));
    }
    for (const auto& [tag, value] : *objects) {
        if (tag == kSystemParameters) OTI_CHECK(read_system_parameters(value, parameters));
        if (tag == kUiccTemplate) append(parameters.uicc_parameters, encode_tlv(tag, value));
    }
    return parameters;
}

Bytes token_input(const iso7816::CommandApdu& command, BytesView data) {
    ByteWriter input;
    input.u8(command.p1).u8(command.p2);
    auto size = static_cast<unsigned>(data.size());
    if (size > 0xFF) {
        input.u8(0).u16(size);
    } else {
        input.u8(size);
    }
    return input.put(data).take();
}

std::expected<InstallFields, StatusWord> InstallFields::parse(const iso7816::CommandApdu& command,
                                                              std::size_t count) {
    ByteReader reader(command.data, "INSTALL");
    InstallFields fields;
    for (std::size_t n = 0; n < count; ++n) {
        auto field = reader.take_lv();
        if (!field) return wrong();
        fields.lv.at(n) = *field;
    }
    OTI_TRY(fields.parameters, ber_lv(reader));
    fields.signed_data = token_input(command, BytesView(command.data).first(reader.offset()));
    OTI_TRY(fields.token, ber_lv(reader));
    if (!reader.empty()) return wrong();
    return fields;
}

}  // namespace oti::card
