// SPDX-License-Identifier: Apache-2.0
#include "javacard/native_invocation.h"

#include <array>
#include <string_view>

namespace oti::javacard {
namespace {

/// The words as numbers, one for each argument.
Guest<std::size_t> read_arguments(const NativeMethod& native, const Slot* words,
                                  std::array<std::int32_t, kMaxNativeArguments>& numbers) {
    std::size_t count = 0;
    auto take = [&](Tag tag) {
        if (count == numbers.size() || words->tag != tag) return false;
        numbers[count++] = tag == Tag::kReference ? words->value : words->as_short();
        ++words;
        return true;
    };
    constexpr auto kWrong = "an argument of a native method is of another type";
    if (native.sort != MethodSort::kStatic && !take(Tag::kReference)) return fault(kWrong);
    std::string_view signature = native.signature;
    for (std::size_t i = 1; signature[i] != ')'; ++i) {
        bool is_reference = signature[i] == '[' || signature[i] == 'L';
        while (signature[i] == '[') ++i;
        if (is_reference) {
            if (!take(Tag::kReference)) return fault(kWrong);
        } else if (signature[i] == 'I') {
            if (count == numbers.size() || words[0].tag != Tag::kIntHigh || words[1].tag != Tag::kIntLow) {
                return fault(kWrong);
            }
            numbers[count++] = int_of(words[0], words[1]);
            words += 2;
        } else if (!take(Tag::kShort)) {
            return fault(kWrong);
        }
        if (signature[i] == 'L') i = signature.find(';', i);
    }
    return count;
}

Value::Kind result_kind(std::string_view signature) {
    switch (signature[signature.find(')') + 1]) {
        case 'V':
            return Value::Kind::kVoid;
        case 'I':
            return Value::Kind::kInt;
        case 'L':
        case '[':
            return Value::Kind::kReference;
        default:
            return Value::Kind::kShort;
    }
}

}  // namespace

Guest<Value> call_native(Running& x, const Method& method, const Slot* words) {
    std::array<std::int32_t, kMaxNativeArguments> numbers{};
    OTI_TRY(auto count, read_arguments(*method.native, words, numbers));
    NativeCall call(x.machine, std::span(numbers).first(count));
    OTI_TRY(auto result, method.native->function(call));
    if (result.kind != result_kind(method.native->signature)) return fault("a native method's own fault");
    return result;
}

}  // namespace oti::javacard
