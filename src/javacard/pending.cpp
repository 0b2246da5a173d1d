// SPDX-License-Identifier: Apache-2.0
#include "javacard/crypto.h"
namespace oti::javacard {
std::span<const NativeMethod> key_pair_methods() {
    return {};
}
std::span<const NativeMethod> signature_methods() {
    return {};
}
std::span<const NativeMethod> signature_one_shot_methods() {
    return {};
}
std::span<const NativeMethod> recovering_signature_methods() {
    return {};
}
std::span<const NativeMethod> key_agreement_methods() {
    return {};
}
}  // namespace oti::javacard
