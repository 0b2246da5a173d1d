// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace oti::log {

void start(std::string_view program, std::string_view level) {
    auto logger = std::make_shared<spdlog::logger>(std::string(program),
                                                   std::make_shared<spdlog::sinks::stderr_sink_mt>());
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e %n %l: %v");
    auto wanted = spdlog::level::from_str(std::string(level));
    logger->set_level(wanted == spdlog::level::off && level != "off" ? spdlog::level::info : wanted);
    spdlog::set_default_logger(std::move(logger));
}

void write_debug(std::string_view text) {
    spdlog::default_logger_raw()->debug(text);
}
void write_info(std::string_view text) {
    spdlog::default_logger_raw()->info(text);
}
void write_warning(std::string_view text) {
    spdlog::default_logger_raw()->warn(text);
}
void write_error(std::string_view text) {
    spdlog::default_logger_raw()->error(text);
}

}  // namespace oti::log
