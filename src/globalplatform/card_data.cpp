// SPDX-License-Identifier: Apache-2.0
#include "globalplatform/card_data.h"

#include <fmt/format.h>

namespace oti::globalplatform {
namespace {

constexpr Tag kResources = 0xFF21, kApplicationTemplate = 0x61, kAid = 0x4F, kFci = 0x6F, kDfName = 0x84;
constexpr Tag kApplications = 0x81, kNonVolatile = 0x82, kVolatile = 0x83;

Result<std::uint64_t> number(BytesView value) {
    if (value.size() > sizeof(std::uint64_t))
        return fail(ErrorKind::kCard, "parse.invalid", "a number of more than 8 bytes");
    std::uint64_t all = 0;
    for (auto byte : value) all = all << 8 | byte;
    return all;
}

Result<std::uint64_t> number_in(const std::vector<Tlv>& objects, Tag tag) {
    return number(find(objects, tag).value_or(BytesView()));
}

}  // namespace

Result<Bytes> value_of(BytesView response, Tag tag) {
    ByteReader reader(response, "response to GET DATA");
    OTI_TRY(auto object, read_tlv(reader));
    OTI_CHECK(reader.expect_end());
    if (object.tag != tag) return reader.invalid(fmt::format("the tag is not {:X}", tag));
    return to_bytes(object.value);
}

Result<std::uint64_t> number_of(BytesView response, Tag tag) {
    OTI_TRY(auto value, value_of(response, tag));
    return number(value);
}

Result<CardResources> CardResources::parse(BytesView response) {
    OTI_TRY(auto value, value_of(response, kResources));
    OTI_TRY(auto objects, read_all_tlv(value, "card resources"));
    CardResources resources;
    OTI_TRY(resources.applications, number_in(objects, kApplications));
    OTI_TRY(resources.free_non_volatile, number_in(objects, kNonVolatile));
    OTI_TRY(resources.free_volatile, number_in(objects, kVolatile));
    return resources;
}

Result<std::vector<iso7816::Aid>> parse_application_list(BytesView response) {
    OTI_TRY(auto objects, read_all_tlv(response, "list of applications"));
    std::vector<iso7816::Aid> applications;
    for (const auto& object : objects) {
        if (object.tag != kApplicationTemplate) continue;
        OTI_TRY(auto fields, read_all_tlv(object.value, "list of applications"));
        for (const auto& field : fields) {
            if (field.tag != kAid) continue;
            OTI_TRY(auto aid, iso7816::Aid::create(field.value));
            applications.push_back(aid);
        }
    }
    return applications;
}

std::optional<iso7816::Aid> aid_of_fci(BytesView fci) {
    auto outer = read_all_tlv(fci, "FCI");
    auto content = outer ? find(*outer, kFci) : std::nullopt;
    auto objects = content ? read_all_tlv(*content, "FCI") : Result<std::vector<Tlv>>();
    auto name = objects ? find(*objects, kDfName) : std::nullopt;
    if (!name) return std::nullopt;
    auto aid = iso7816::Aid::create(*name);
    return aid ? std::optional(*aid) : std::nullopt;
}

}  // namespace oti::globalplatform
