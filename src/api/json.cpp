// SPDX-License-Identifier: Apache-2.0
#include "api/json.h"

#include <fmt/format.h>

#include "base/hex.h"

namespace oti::api {
namespace {

std::unexpected<Error> invalid(std::string message) {
    return fail(ErrorKind::kUsage, "api.invalid", std::move(message));
}

const json::value* find(const json::object& object, std::string_view key) {
    return object.if_contains({key.data(), key.size()});
}

}  // namespace

Result<json::object> parse_object(BytesView body) {
    boost::system::error_code error;
    json::parse_options options;
    options.max_depth = 32;
    auto value = json::parse({reinterpret_cast<const char*>(body.data()), body.size()}, error, {}, options);
    if (error) return invalid("the body is no JSON: " + error.message());
    if (!value.is_object()) return invalid("the body is no JSON object");
    return std::move(value.as_object());
}

Result<std::string> text(const json::object& object, std::string_view key) {
    const auto* value = find(object, key);
    if (value == nullptr || !value->is_string()) return invalid(fmt::format("'{}' must be a string", key));
    return std::string(value->get_string());
}

Result<std::string> text_or_empty(const json::object& object, std::string_view key) {
    if (find(object, key) == nullptr) return std::string();
    return text(object, key);
}

Result<std::int64_t> integer(const json::object& object, std::string_view key) {
    const auto* value = find(object, key);
    if (value == nullptr || !value->is_int64()) return invalid(fmt::format("'{}' must be an integer", key));
    return value->get_int64();
}

Result<bool> boolean_or_false(const json::object& object, std::string_view key) {
    const auto* value = find(object, key);
    if (value == nullptr) return false;
    if (!value->is_bool()) return invalid(fmt::format("'{}' must be true or false", key));
    return value->get_bool();
}

Result<const json::array*> array(const json::object& object, std::string_view key) {
    const auto* value = find(object, key);
    if (value == nullptr || !value->is_array()) return invalid(fmt::format("'{}' must be an array", key));
    return &value->get_array();
}

json::object to_json(const Error& error) {
    json::object object{
        {"code", error.code}, {"kind", static_cast<int>(error.kind)}, {"message", error.message}};
    if (!error.hint.empty()) object["hint"] = error.hint;
    if (error.sw) object["sw"] = fmt::format("{:04X}", *error.sw);
    return object;
}

Error error_of(const json::object& object) {
    Error error;
    error.code = text_or_empty(object, "code").value_or("");
    error.message = text_or_empty(object, "message").value_or("");
    error.hint = text_or_empty(object, "hint").value_or("");
    auto kind = integer(object, "kind").value_or(1);
    error.kind = kind >= 1 && kind <= 6 ? static_cast<ErrorKind>(kind) : ErrorKind::kInternal;
    auto sw = parse_hex(text_or_empty(object, "sw").value_or(""));
    if (sw && sw->size() == 2) error.sw = static_cast<std::uint16_t>((*sw)[0] << 8 | (*sw)[1]);
    if (error.code.empty()) error.code = "api.unknown";
    return error;
}

}  // namespace oti::api
