// SPDX-License-Identifier: Apache-2.0
#include "crypto/certificate.h"

// The fields of any text can be asked for.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view pem(reinterpret_cast<const char*>(data), size);
    auto name = oti::crypto::common_name(pem);
    auto role = oti::crypto::role(pem);
    auto end = oti::crypto::not_after(pem);
    if (name && name->find('\0') != std::string::npos) __builtin_trap();
    if (role && role->find('\0') != std::string::npos) __builtin_trap();
    static_cast<void>(end);
    return 0;
}
