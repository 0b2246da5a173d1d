// SPDX-License-Identifier: Apache-2.0
#include "card/load_file_parts.h"

#include "base/tlv.h"

namespace oti::card {
namespace {

constexpr Tag kDap = 0xE2, kDomain = 0x4F, kSignature = 0xC3, kBlock = 0xC4, kIcv = 0xD3, kCiphered = 0xD4;

std::unexpected<Error> wrong(std::string_view what) {
    return fail(ErrorKind::kUsage, "card.load_file", std::string(what));
}

Result<DapBlock> parse_dap(BytesView value) {
    OTI_TRY(auto objects, read_all_tlv(value, "a DAP block"));
    auto domain = find(objects, kDomain), signature = find(objects, kSignature);
    if (objects.size() != 2 || !domain || !signature) return wrong("a DAP block is an AID and a signature");
    OTI_TRY(auto aid, iso7816::Aid::create(*domain));
    return DapBlock{aid, *signature};
}

}  // namespace

Result<LoadFileParts> LoadFileParts::parse(BytesView load_file) {
    OTI_TRY(auto objects, read_all_tlv(load_file, "the load file"));
    LoadFileParts parts;
    std::size_t at = 0;
    for (; at < objects.size() && objects[at].tag == kDap; ++at) {
        OTI_TRY(auto dap, parse_dap(objects[at].value));
        parts.daps.push_back(dap);
    }
    bool has_icv = at < objects.size() && objects[at].tag == kIcv;
    if (has_icv) parts.icv = objects[at++].value;
    if (at + 1 != objects.size()) return wrong("a load file has one data block, at its end");
    parts.is_ciphered = objects[at].tag == kCiphered;
    if (objects[at].tag != kBlock && !parts.is_ciphered) return wrong("a load file ends with C4 or D4");
    if (has_icv && !parts.is_ciphered) return wrong("an ICV belongs to a ciphered data block");
    parts.block = objects[at].value;
    return parts;
}

}  // namespace oti::card
