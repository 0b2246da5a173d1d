// SPDX-License-Identifier: Apache-2.0
// What stops an applet's code: failures of the guest are data here.
#pragma once

#include <expected>

#include "javacard/types.h"

namespace oti::javacard {

/// Numbers of the native packages that the machine itself must know; the others follow in their tables.
inline constexpr PackageId kJavaLang = 1;
inline constexpr PackageId kFramework = 2;

/// Exceptions that the machine throws (tokens of the packages' export files).
namespace exception {
inline constexpr ClassId kThrowable{kJavaLang, 1};
inline constexpr ClassId kArrayIndex{kJavaLang, 5};
inline constexpr ClassId kNegativeArraySize{kJavaLang, 6};
inline constexpr ClassId kNullPointer{kJavaLang, 7};
inline constexpr ClassId kClassCast{kJavaLang, 8};
inline constexpr ClassId kArithmetic{kJavaLang, 9};
inline constexpr ClassId kSecurity{kJavaLang, 10};
inline constexpr ClassId kArrayStore{kJavaLang, 11};
inline constexpr ClassId kCard{kFramework, 4};
inline constexpr ClassId kCardRuntime{kFramework, 5};
inline constexpr ClassId kIso{kFramework, 7};
inline constexpr ClassId kPin{kFramework, 11};
inline constexpr ClassId kApdu{kFramework, 12};
inline constexpr ClassId kSystem{kFramework, 13};
inline constexpr ClassId kTransaction{kFramework, 14};
inline constexpr ClassId kUser{kFramework, 15};
}  // namespace exception

/// Reasons of SystemException and TransactionException (API 3.0.5).
namespace reason {
inline constexpr std::uint16_t kIllegalValue = 1, kNoTransientSpace = 2, kIllegalTransient = 3,
                               kIllegalAid = 4, kNoResource = 5, kIllegalUse = 6;
inline constexpr std::uint16_t kInProgress = 1, kNotInProgress = 2, kBufferFull = 3, kInternalFailure = 4;
}  // namespace reason

struct Trap {
    enum class Kind : std::uint8_t {
        kException,  ///< of the class `exception`, to be thrown by the runtime environment with `reason`
        kObject,     ///< the Throwable `object`
        kFault,  ///< the code does what no verified code does, or used up its budget: nothing catches that
    };
    Kind kind = Kind::kFault;
    ClassId exception = {};
    std::uint16_t reason = 0;
    Ref object = kNull;
    const char* why = "";  ///< of a fault, for people
};

/// A value, or what stopped the guest.
template <typename T>
using Guest = std::expected<T, Trap>;

inline std::unexpected<Trap> throw_(ClassId exception, std::uint16_t reason = 0) {
    return std::unexpected(Trap{Trap::Kind::kException, exception, reason});
}
inline std::unexpected<Trap> throw_object(Ref object) {
    return std::unexpected(Trap{Trap::Kind::kObject, {}, 0, object});
}
inline std::unexpected<Trap> fault(const char* why) {
    return std::unexpected(Trap{Trap::Kind::kFault, {}, 0, kNull, why});
}

}  // namespace oti::javacard
