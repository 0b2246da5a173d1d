// SPDX-License-Identifier: Apache-2.0
// java.io and java.rmi, as far as there is something to be named: remote method invocation itself is not
// supported (JCRE specification 3.0.5, chapter 8 leaves the choice).
#include "javacard/extensions.h"

namespace oti::javacard {
namespace {

Guest<Value> nothing(NativeCall&) {
    return Value{};
}

constexpr NativeMethod kException[] = {{MethodSort::kConstructor, 0, "<init>", "()V", nothing}};
constexpr NativeClass kIoClasses[] = {
    {.token = 0, .name = "IOException", .super = {kJavaLang, 2}, .methods = kException},
};
constexpr NativeClass kRmiClasses[] = {
    {.token = 0, .name = "Remote", .is_interface = true},
    {.token = 1, .name = "RemoteException", .super = {kJavaIo, 0}, .methods = kException},
};
constexpr NativePackage kIoPackage{kJavaIo, "java.io", "A0000000620002", {1, 0}, kIoClasses};
constexpr NativePackage kRmiPackage{kJavaRmi, "java.rmi", "A0000000620003", {1, 0}, kRmiClasses};

}  // namespace

const NativePackage& java_io() {
    return kIoPackage;
}
const NativePackage& java_rmi() {
    return kRmiPackage;
}

}  // namespace oti::javacard
