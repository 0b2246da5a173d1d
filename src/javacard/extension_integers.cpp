// SPDX-License-Identifier: Apache-2.0
// javacardx.framework.util.intx.JCint
#include "base/byte_writer.h"
#include "javacard/extensions.h"
#include "javacard/framework.h"

namespace oti::javacard {
namespace {

using enum MethodSort;

constexpr std::int32_t kSize = 4;

Guest<Value> make_from_bytes(NativeCall& call) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < kSize; ++i) value = value << 8 | static_cast<std::uint8_t>(call.byte_at(i));
    return Value::of_int(static_cast<std::int32_t>(value));
}

Guest<Value> make_from_shorts(NativeCall& call) {
    auto high = static_cast<std::uint16_t>(call.short_at(0)),
         low = static_cast<std::uint16_t>(call.short_at(1));
    return Value::of_int(static_cast<std::int32_t>(std::uint32_t{high} << 16 | low));
}

Guest<Value> get_int(NativeCall& call) {
    OTI_TRY(auto range, call.bytes_at(0, call.short_at(1), kSize));
    std::uint32_t value = 0;
    for (auto byte : range.view()) value = value << 8 | byte;
    return Value::of_int(static_cast<std::int32_t>(value));
}

Guest<Value> set_int(NativeCall& call) {
    OTI_TRY(auto range, call.bytes_at(0, call.short_at(1), kSize));
    OTI_CHECK(call.write(range, ByteWriter().u32(static_cast<std::uint32_t>(call.int_at(2))).view()));
    return Value::of_short(static_cast<int>(range.offset + range.length));
}

Guest<Value> make_transient_ints(NativeCall& call) {
    return make_transient_array(call, ObjectKind::kInts);
}

constexpr NativeMethod kMethods[] = {
    {kStatic, 0, "makeInt", "(BBBB)I", make_from_bytes},
    {kStatic, 1, "makeInt", "(SS)I", make_from_shorts},
    {kStatic, 2, "getInt", "([BS)I", get_int},
    {kStatic, 3, "setInt", "([BSI)S", set_int},
    {kStatic, 4, "makeTransientIntArray", "(SB)[I", make_transient_ints},
};
constexpr NativeClass kClasses[] = {
    {.token = 0, .name = "JCint", .super = {kJavaLang, 0}, .methods = kMethods}};
constexpr NativePackage kPackage{
    kIntegers, "javacardx.framework.util.intx", "A00000006202080101", {1, 0}, kClasses};

}  // namespace

const NativePackage& integers() {
    return kPackage;
}

}  // namespace oti::javacard
