// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <utility>

namespace oti {

/// What sort of failure it was; the value is the exit status of `oti`.
enum class ErrorKind {
    kInternal = 1,        ///< a fault of ours
    kUsage = 2,           ///< the request makes no sense: bad option, bad file, bad name
    kAuthentication = 3,  ///< a wrong key, a broken MAC, a refused certificate
    kCard = 4,            ///< the card answered with an error status
    kIo = 5,              ///< network, reader or file
    kPolicy = 6,          ///< understood, possible, and not allowed
};

/// A failure as a value. Never holds keys, MACs or plaintext of a secure channel.
struct Error {
    ErrorKind kind = ErrorKind::kInternal;
    std::string code;                      ///< dotted name for programs, such as `card.no_space`
    std::string message;                   ///< what was attempted and what came back
    std::string hint = {};                 ///< what to do next; may be empty
    std::optional<std::uint16_t> sw = {};  ///< the card's status word, where a card refused
};

template <typename T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

inline std::unexpected<Error> fail(ErrorKind kind, std::string code, std::string message,
                                   std::string hint = {}) {
    return std::unexpected(Error{kind, std::move(code), std::move(message), std::move(hint)});
}

/// The same error with a prefix that says during what it happened.
inline std::unexpected<Error> during(std::string_view what, Error error) {
    error.message = std::string(what) + ": " + error.message;
    return std::unexpected(std::move(error));
}

}  // namespace oti

#define OTI_CONCAT_(a, b) a##b
#define OTI_CONCAT(a, b) OTI_CONCAT_(a, b)

#define OTI_TRY_(keyword, variable, declaration, expression)             \
    auto variable = (expression);                                        \
    if (!variable) keyword std::unexpected(std::move(variable).error()); \
    declaration = std::move(*variable)

#define OTI_CHECK_(keyword, variable, expression) \
    if (auto variable = (expression); !variable) keyword std::unexpected(std::move(variable).error())

/// `OTI_TRY(auto x, f());`: x is f's value, or this function returns f's error.
#define OTI_TRY(declaration, expression) \
    OTI_TRY_(return, OTI_CONCAT(oti_result_, __LINE__), declaration, expression)
/// `OTI_CHECK(f());`: this function returns f's error, if there is one.
#define OTI_CHECK(expression) OTI_CHECK_(return, OTI_CONCAT(oti_result_, __LINE__), expression)
/// The same two in a coroutine.
#define OTI_CO_TRY(declaration, expression) \
    OTI_TRY_(co_return, OTI_CONCAT(oti_result_, __LINE__), declaration, expression)
#define OTI_CO_CHECK(expression) OTI_CHECK_(co_return, OTI_CONCAT(oti_result_, __LINE__), expression)
