// SPDX-License-Identifier: Apache-2.0
// JSON bodies of the servers' own HTTP interfaces.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace oti::api {

namespace json = boost::json;

/// Error `api.invalid` unless the body is one JSON object, at most 32 levels deep.
Result<json::object> parse_object(BytesView body);

/// A member of an object; error `api.invalid` names it where it is missing or of another type.
Result<std::string> text(const json::object& object, std::string_view key);
Result<std::int64_t> integer(const json::object& object, std::string_view key);
/// Empty if there is no such member.
Result<std::string> text_or_empty(const json::object& object, std::string_view key);
Result<bool> boolean_or_false(const json::object& object, std::string_view key);
Result<const json::array*> array(const json::object& object, std::string_view key);

/// `{"code", "message", "hint", "sw"}`, and back. The kind of an error goes along as its exit status.
json::object to_json(const Error& error);
Error error_of(const json::object& object);

inline Bytes body_of(const json::value& value) {
    return to_bytes(as_bytes(json::serialize(value)));
}

}  // namespace oti::api
