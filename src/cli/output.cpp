// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace oti::cli {
namespace {

constexpr std::size_t kBarWidth = 32;

}  // namespace

Output::Output(bool as_json, std::FILE* to)
    : as_json_(as_json), to_(to), terminal_(to != nullptr && isatty(fileno(to)) != 0) {}

void Output::write(const json::object& line) {
    if (to_ == nullptr) return;
    fmt::print(to_, "{}\n", json::serialize(line));
    std::fflush(to_);
}

void Output::end_bar() {
    if (bar_open_) fmt::print(to_, "\n");
    bar_open_ = false;
}

void Output::progress(std::size_t done, std::size_t total, std::string_view step, json::object extra) {
    if (as_json_) {
        extra["type"] = "progress";
        extra["done"] = done;
        extra["total"] = total;
        extra["step"] = step;
        return write(extra);
    }
    if (!terminal_) return;
    auto filled = total == 0 ? 0 : std::min(kBarWidth, done * kBarWidth / total);
    fmt::print(to_, "\r  [{}{}] {:3}/{:<3} {:40.40}", std::string(filled, '#'),
               std::string(kBarWidth - filled, '.'), done, total, step);
    std::fflush(to_);
    bar_open_ = true;
    if (done == total) end_bar();
}

void Output::say(std::string_view line) {
    if (as_json_ || to_ == nullptr) return;
    end_bar();
    fmt::print(to_, "{}\n", line);
    std::fflush(to_);
}

void Output::result(json::object data) {
    end_bar();
    if (as_json_) write({{"type", "result"}, {"ok", true}, {"data", std::move(data)}});
}

int Output::error(const Error& error) {
    end_bar();
    if (as_json_) {
        json::object object{{"code", error.code}, {"message", error.message}};
        if (!error.hint.empty()) object["hint"] = error.hint;
        if (error.sw) object["sw"] = fmt::format("{:04X}", *error.sw);
        write({{"type", "result"}, {"ok", false}, {"error", std::move(object)}});
    } else {
        fmt::print(stderr, "error: {} ({})\n", error.message, error.code);
        if (!error.hint.empty()) fmt::print(stderr, "hint:  {}\n", error.hint);
    }
    return static_cast<int>(error.kind);
}

}  // namespace oti::cli
