// SPDX-License-Identifier: Apache-2.0
#include "javacard/java_lang.h"

namespace oti::javacard {
namespace {

using enum MethodSort;

Guest<Value> nothing(NativeCall&) {
    return Value{};
}

constexpr NativeMethod kObject[] = {
    {kConstructor, 0, "<init>", "()V", nothing},
    {kVirtual, 0, "equals", "(Ljava/lang/Object;)Z", object_equals},
};
constexpr NativeMethod kThrowable[] = {
    {kConstructor, 0, "<init>", "()V", nothing},
};

constexpr ClassId in_this_package(std::uint8_t token) {
    return {kJavaLang, token};
}

constexpr NativeClass subclass(std::uint8_t token, const char* name, std::uint8_t super) {
    return {.token = token, .name = name, .super = in_this_package(super), .methods = kThrowable};
}

constexpr NativeClass kClasses[] = {
    {.token = 0, .name = "Object", .methods = kObject},
    subclass(1, "Throwable", 0),
    subclass(2, "Exception", 1),
    subclass(3, "RuntimeException", 2),
    subclass(4, "IndexOutOfBoundsException", 3),
    subclass(5, "ArrayIndexOutOfBoundsException", 4),
    subclass(6, "NegativeArraySizeException", 3),
    subclass(7, "NullPointerException", 3),
    subclass(8, "ClassCastException", 3),
    subclass(9, "ArithmeticException", 3),
    subclass(10, "SecurityException", 3),
    subclass(11, "ArrayStoreException", 3),
};

constexpr NativePackage kPackage{kJavaLang, "java.lang", "A0000000620001", {1, 0}, kClasses};

}  // namespace

Guest<Value> object_equals(NativeCall& call) {
    return Value::of_bool(call.self() == call.ref_at(1));
}

const NativePackage& java_lang() {
    return kPackage;
}

}  // namespace oti::javacard
