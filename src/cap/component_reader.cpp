// SPDX-License-Identifier: Apache-2.0
#include "cap/component_reader.h"

#include <fmt/format.h>

namespace oti::cap {

std::unexpected<Error> damaged(ComponentTag component, std::size_t offset, std::string_view why) {
    return fail(ErrorKind::kUsage, "cap.damaged",
                fmt::format("the {} component is damaged at offset {}: {}", name(component), offset, why),
                "build or download the CAP file again");
}

template <typename T>
Result<T> ComponentReader::checked(Result<T> item, std::size_t offset) {
    item_ = offset;
    if (!item) return wrong("it ends too early");
    return item;
}

Result<std::uint8_t> ComponentReader::u8() {
    auto offset = reader_.offset();
    return checked(reader_.u8(), offset);
}

Result<std::uint16_t> ComponentReader::u16() {
    auto offset = reader_.offset();
    return checked(reader_.u16(), offset);
}

Result<std::uint32_t> ComponentReader::u32() {
    auto offset = reader_.offset();
    return checked(reader_.u32(), offset);
}

Result<BytesView> ComponentReader::take(std::size_t count) {
    auto offset = reader_.offset();
    return checked(reader_.take(count), offset);
}

Status ComponentReader::skip(std::size_t count) {
    OTI_CHECK(take(count));
    return {};
}

Result<iso7816::Aid> ComponentReader::aid() {
    auto offset = reader_.offset();
    OTI_TRY(auto bytes, checked(reader_.take_lv(), offset));
    auto aid = iso7816::Aid::create(bytes);
    if (!aid) return wrong(aid.error().message);
    return aid;
}

Status ComponentReader::expect_end() const {
    if (reader_.empty()) return {};
    return damaged(component_, reader_.offset(), fmt::format("{} bytes too many", reader_.remaining()));
}

}  // namespace oti::cap
