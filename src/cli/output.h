// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json.hpp>
#include <cstdio>
#include <string>
#include <string_view>

#include "base/result.h"

namespace oti::cli {

namespace json = boost::json;

/// What a command says: to a person, or as JSON lines to a program (`--json`). Progress any number of times,
/// then one result.
class Output {
  public:
    /// `to` is standard output; no file: nothing is shown.
    explicit Output(bool as_json, std::FILE* to = stdout);

    bool is_json() const { return as_json_; }
    /// `extra`: further members, for programs only.
    void progress(std::size_t done, std::size_t total, std::string_view step, json::object extra = {});
    /// A line for a person; nothing in JSON.
    void say(std::string_view line);
    void result(json::object data);
    /// Returns the exit status.
    int error(const Error& error);

  private:
    void write(const json::object& line);
    void end_bar();

    bool as_json_;
    std::FILE* to_;
    bool terminal_;
    bool bar_open_ = false;
};

}  // namespace oti::cli
