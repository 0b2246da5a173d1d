// SPDX-License-Identifier: Apache-2.0
#include "base/plain_toml.h"

#include <ranges>
#include <regex>

namespace oti {

std::size_t first_odd_toml_line(std::string_view text) {
    constexpr std::size_t kMaxLine = 400;  // std::regex uses stack by the length
    static const std::regex kLine(
        R"re([ \t]*(\[[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)?\]|[A-Za-z0-9_]+[ \t]*=[ \t]*("[ !#-\[\]-~]*"|[+-]?[A-Za-z0-9][A-Za-z0-9_.+-]*))?)re"
        R"re([ \t]*(#[ -~\t]*)?\r?)re");
    std::size_t number = 0;
    for (auto part : std::views::split(text, '\n')) {
        ++number;
        std::string_view line(part.begin(), part.end());
        if (line.size() > kMaxLine || !std::regex_match(line.begin(), line.end(), kLine)) return number;
    }
    return 0;
}

}  // namespace oti
