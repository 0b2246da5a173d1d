// SPDX-License-Identifier: Apache-2.0
// javacardx.framework.util: ArrayLogic, which works on arrays of bytes, shorts and ints alike. Elements are
// big-endian in an object, so repacking is copying bytes.
#include <algorithm>

#include "javacard/exception_methods.h"
#include "javacard/extensions.h"
#include "javacard/machine.h"

namespace oti::javacard {
namespace {

using enum MethodSort;

constexpr ClassId kUtilException{kArrayUtil, 1};
constexpr std::uint16_t kIllegalValue = 1, kTypeMismatched = 2;

/// Elements of an array of numbers, in bytes of its content.
struct Elements {
    Ref ref = kNull;
    Object* object = nullptr;
    std::size_t offset = 0;
    std::size_t size = 0;

    BytesView view() const { return BytesView(object->data).subspan(offset, size); }
    std::size_t width() const { return element_size(object->kind); }
    /// The index behind the last of them.
    Value end() const { return Value::of_short(static_cast<int>((offset + size) / width())); }
};

/// NullPointerException, SecurityException; UtilException if it is no array of numbers.
Guest<Object*> numbers_at(NativeCall& call, std::size_t index) {
    OTI_TRY(auto* object, call.heap().get(call.ref_at(index)));
    if (object->kind != ObjectKind::kBytes && object->kind != ObjectKind::kShorts &&
        object->kind != ObjectKind::kInts) {
        return throw_(kUtilException, kIllegalValue);
    }
    return call.array_at(index, object->kind);
}

/// `count` elements from `first` on; charges for them.
Guest<Elements> elements_at(NativeCall& call, std::size_t index, std::int32_t first, std::int32_t count) {
    OTI_TRY(auto* object, numbers_at(call, index));
    if (first < 0 || count < 0 ||
        static_cast<std::size_t>(first) + static_cast<std::size_t>(count) > object->size()) {
        return throw_(exception::kArrayIndex);
    }
    auto width = element_size(object->kind);
    Elements elements{call.ref_at(index), object, static_cast<std::size_t>(first) * width,
                      static_cast<std::size_t>(count) * width};
    OTI_CHECK(call.machine().charge(elements.size / kBytesPerBytecode));
    return elements;
}

Guest<void> write(NativeCall& call, const Elements& to, BytesView bytes, bool atomic) {
    if (atomic) return call.heap().write(to.ref, to.offset, bytes);
    call.write_non_atomic({to.ref, to.object, to.offset, to.size}, bytes);
    return {};
}

/// (src, srcOff, srcLen, dest, destOff)
template <bool atomic>
Guest<Value> copy_repacked(NativeCall& call) {
    OTI_TRY(auto from, elements_at(call, 0, call.short_at(1), call.short_at(2)));
    OTI_TRY(auto* destination, numbers_at(call, 3));
    auto width = element_size(destination->kind);
    if (from.size % width != 0) return throw_(kUtilException, kIllegalValue);
    OTI_TRY(auto to, elements_at(call, 3, call.short_at(4), static_cast<std::int32_t>(from.size / width)));
    OTI_CHECK(write(call, to, from.view(), atomic));
    return to.end();
}

/// (theArray, off, len, valArray, valOff)
template <bool atomic>
Guest<Value> fill(NativeCall& call) {
    OTI_TRY(auto to, elements_at(call, 0, call.short_at(1), call.short_at(2)));
    OTI_TRY(auto value, elements_at(call, 3, call.short_at(4), 1));
    if (value.object->kind != to.object->kind) return throw_(kUtilException, kTypeMismatched);
    Bytes filled;
    while (filled.size() < to.size) filled.insert(filled.end(), value.view().begin(), value.view().end());
    OTI_CHECK(write(call, to, filled, atomic));
    return to.end();
}

/// The element at this place of some elements; bytes, shorts and ints are signed.
std::int32_t number(BytesView element) {
    auto value = static_cast<std::uint32_t>(static_cast<std::int8_t>(element[0]));
    for (auto byte : element.subspan(1)) value = value << 8 | byte;
    return static_cast<std::int32_t>(value);
}

/// (src, srcOff, dest, destOff, length)
Guest<Value> compare(NativeCall& call) {
    OTI_TRY(auto a, elements_at(call, 0, call.short_at(1), call.short_at(4)));
    OTI_TRY(auto b, elements_at(call, 2, call.short_at(3), call.short_at(4)));
    if (a.object->kind != b.object->kind) return throw_(kUtilException, kTypeMismatched);
    auto width = a.width();
    for (std::size_t i = 0; i < a.size; i += width) {
        auto left = number(a.view().subspan(i, width)), right = number(b.view().subspan(i, width));
        if (left != right) return Value::of_short(left < right ? -1 : 1);
    }
    return Value::of_short(0);
}

/// (theArray, off, valArray, valOff): the value stands in an array of bytes.
Guest<Value> find(NativeCall& call) {
    OTI_TRY(auto* object, numbers_at(call, 0));
    OTI_TRY(auto all, elements_at(call, 0, call.short_at(1),
                                  static_cast<std::int32_t>(object->size()) - call.short_at(1)));
    OTI_TRY(auto value, call.bytes_at(2, call.short_at(3), static_cast<std::int32_t>(all.width())));
    for (std::size_t i = 0; i < all.size; i += all.width()) {
        if (same(all.view().subspan(i, all.width()), value.view())) {
            return Value::of_short(static_cast<int>((all.offset + i) / all.width()));
        }
    }
    return Value::of_short(-1);
}

constexpr NativeMethod kMethods[] = {
    {kStatic, 0, "arrayCopyRepack", "(Ljava/lang/Object;SSLjava/lang/Object;S)S", copy_repacked<true>},
    {kStatic, 1, "arrayCopyRepackNonAtomic", "(Ljava/lang/Object;SSLjava/lang/Object;S)S",
     copy_repacked<false>},
    {kStatic, 2, "arrayFillGenericNonAtomic", "(Ljava/lang/Object;SSLjava/lang/Object;S)S", fill<false>},
    {kStatic, 3, "arrayCompareGeneric", "(Ljava/lang/Object;SLjava/lang/Object;SS)B", compare},
    {kStatic, 4, "arrayFindGeneric", "(Ljava/lang/Object;S[BS)S", find},
    {kStatic, 5, "arrayFillGeneric", "(Ljava/lang/Object;SSLjava/lang/Object;S)S", fill<true>},
};
constexpr NativeClass kClasses[] = {
    {.token = 0, .name = "ArrayLogic", .super = {kJavaLang, 0}, .methods = kMethods},
    runtime_exception<kUtilException>("UtilException"),
};
constexpr NativePackage kPackage{
    kArrayUtil, "javacardx.framework.util", "A000000062020801", {1, 1}, kClasses};

}  // namespace

const NativePackage& array_util() {
    return kPackage;
}

}  // namespace oti::javacard
