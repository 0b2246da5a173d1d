// SPDX-License-Identifier: Apache-2.0
#include "globalplatform/cplc.h"

#include <algorithm>
#include <array>

#include "base/byte_reader.h"
#include "base/tlv.h"

namespace oti::globalplatform {
namespace {

constexpr Tag kCplc = 0x9F7F;
constexpr std::size_t kSize = 42;

struct Part {
    std::string_view name;
    std::size_t size;
    bool is_date = false;
};

constexpr std::array kParts{
    Part{"IC fabricator", 2},
    Part{"IC type", 2},
    Part{"operating system", 2},
    Part{"operating system release date", 2, true},
    Part{"operating system release level", 2},
    Part{"IC fabrication date", 2, true},
    Part{"IC serial number", 4},
    Part{"IC batch", 2},
    Part{"module fabricator", 2},
    Part{"module packaging date", 2, true},
    Part{"ICC manufacturer", 2},
    Part{"embedding date", 2, true},
    Part{"pre-personalizer", 2},
    Part{"pre-personalization date", 2, true},
    Part{"pre-personalization equipment", 4},
    Part{"personalizer", 2},
    Part{"personalization date", 2, true},
    Part{"personalization equipment", 4},
};

struct Maker {
    std::uint16_t code;
    std::string_view name;
};

// As the CPLC of these makers' chips have it.
constexpr std::array kMakers{
    Maker{0x3060, "Renesas"}, Maker{0x4090, "Infineon"},           Maker{0x4180, "Atmel"},
    Maker{0x4250, "Samsung"}, Maker{0x4750, "STMicroelectronics"}, Maker{0x4790, "NXP"},
};

}  // namespace

Result<Cplc> Cplc::parse(BytesView bytes) {
    if (bytes.size() > kSize) {
        ByteReader object(bytes, "CPLC");
        OTI_TRY(auto tlv, read_tlv(object));
        OTI_CHECK(object.expect_end());
        if (tlv.tag != kCplc) return object.invalid("the tag is not 9F7F");
        bytes = tlv.value;
    }
    ByteReader reader(bytes, "CPLC");
    Cplc cplc;
    for (const auto& part : kParts) {
        OTI_TRY(auto value, reader.take(part.size));
        cplc.fields.push_back({part.name, to_bytes(value), part.is_date});
    }
    OTI_CHECK(reader.expect_end());
    return cplc;
}

std::optional<std::chrono::year_month_day> Cplc::date(BytesView value, std::chrono::year_month_day today) {
    using namespace std::chrono;
    if (value.size() != 2) return std::nullopt;
    std::array<int, 4> digits{value[0] >> 4, value[0] & 0x0F, value[1] >> 4, value[1] & 0x0F};
    if (std::ranges::any_of(digits, [](int digit) { return digit > 9; })) return std::nullopt;
    int day = digits[1] * 100 + digits[2] * 10 + digits[3];
    auto base = static_cast<int>(today.year()) / 10 * 10 + digits[0];
    if (day < 1 || day > 366) return std::nullopt;
    for (int decade = 0; decade < 2; ++decade) {
        auto first = year(base - 10 * decade) / January / 1;
        year_month_day found{sys_days(first) + days(day - 1)};
        if (found.year() != first.year()) return std::nullopt;
        if (found <= today) return found;
    }
    return std::nullopt;
}

std::string Cplc::fabricator() const {
    const auto& code = fields.front().value;
    auto number = static_cast<std::uint16_t>(code[0] << 8 | code[1]);
    auto found = std::ranges::find(kMakers, number, &Maker::code);
    return found == kMakers.end() ? std::string() : std::string(found->name);
}

}  // namespace oti::globalplatform
