// SPDX-License-Identifier: Apache-2.0
// An image that opens takes a transaction, and opens again with the same values and the new one.
#include <map>

#include "card/memory_nvm_file.h"
#include "card/nvm.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace oti;
    auto medium = std::make_shared<card::MemoryMedium>();
    medium->content.assign(data, data + size);
    auto nvm = card::Nvm::open(std::make_unique<card::MemoryNvmFile>(medium));
    if (!nvm) return 0;
    nvm->put("fuzz", {1, 2, 3});
    if (!nvm->commit()) __builtin_trap();
    auto again = card::Nvm::open(std::make_unique<card::MemoryNvmFile>(medium));
    if (!again) __builtin_trap();
    std::map<std::string, Bytes> first;
    std::map<std::string, Bytes> second;
    nvm->for_each("", [&](auto key, auto value) { first[std::string(key)] = to_bytes(value); });
    again->for_each("", [&](auto key, auto value) { second[std::string(key)] = to_bytes(value); });
    if (first != second || !again->contains("fuzz")) __builtin_trap();
    return 0;
}
