// SPDX-License-Identifier: Apache-2.0
// javacardx.apdu and javacardx.apdu.util
#include "iso7816/apdu.h"
#include "javacard/class_byte.h"
#include "javacard/extensions.h"

namespace oti::javacard {
namespace {

using enum MethodSort;

template <bool (*question)(std::uint8_t)>
Guest<Value> ask(NativeCall& call) {
    return Value::of_bool(question(static_cast<std::uint8_t>(call.byte_at(0))));
}

Guest<Value> get_cla_channel(NativeCall& call) {
    return Value::of_short(iso7816::channel_of(static_cast<std::uint8_t>(call.byte_at(0))));
}

constexpr NativeMethod kMethods[] = {
    {kStatic, 0, "getCLAChannel", "(B)B", get_cla_channel},
    {kStatic, 1, "isSecureMessagingCLA", "(B)Z", ask<is_secure_messaging>},
    {kStatic, 2, "isCommandChainingCLA", "(B)Z", ask<is_command_chaining>},
    {kStatic, 3, "isISOInterindustryCLA", "(B)Z", ask<is_interindustry>},
    {kStatic, 4, "isValidCLA", "(B)Z", ask<is_valid_class>},
};

constexpr NativeClass kExtension[] = {{.token = 0, .name = "ExtendedLength", .is_interface = true}};
constexpr NativeClass kUtil[] = {
    {.token = 0, .name = "APDUUtil", .super = {kJavaLang, 0}, .methods = kMethods}};
constexpr NativePackage kExtensionPackage{
    kApduExtension, "javacardx.apdu", "A0000000620209", {1, 0}, kExtension};
constexpr NativePackage kUtilPackage{kApduUtil, "javacardx.apdu.util", "A000000062020901", {1, 0}, kUtil};

}  // namespace

const NativePackage& apdu_extension() {
    return kExtensionPackage;
}
const NativePackage& apdu_util() {
    return kUtilPackage;
}

}  // namespace oti::javacard
