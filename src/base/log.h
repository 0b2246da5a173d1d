// SPDX-License-Identifier: Apache-2.0
// Logging for programs, on standard error. Protocol code does not log: it returns what happened.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace oti::log {

/// Prefix of every line of this process ("sp", "tsm", "agent"), and the least severe level that is written:
/// trace, debug, info, warning, error or off. An unknown level counts as info.
void start(std::string_view program, std::string_view level);

void write_debug(std::string_view text);
void write_info(std::string_view text);
void write_warning(std::string_view text);
void write_error(std::string_view text);

template <typename... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
    write_debug(fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
    write_info(fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void warning(fmt::format_string<Args...> format, Args&&... args) {
    write_warning(fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
    write_error(fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace oti::log
