// SPDX-License-Identifier: Apache-2.0
#include "card/applet_storage.h"

namespace oti::card {
namespace {

constexpr std::string_view kObjects = "o/";

std::string name_of(javacard::Ref ref) {
    std::string name(kObjects);
    name.push_back(static_cast<char>(ref >> 8));
    name.push_back(static_cast<char>(ref));
    return name;
}

}  // namespace

bool is_object(std::string_view name) {
    return name.starts_with(kObjects);
}

Result<std::vector<std::pair<javacard::Ref, Bytes>>> ObjectsInNvm::records() const {
    std::vector<std::pair<javacard::Ref, Bytes>> all;
    bool damaged = false;
    nvm_.for_each(kObjects, [&](std::string_view name, BytesView value) {
        damaged = damaged || name.size() != kObjects.size() + 2;
        if (damaged) return;
        auto number = as_bytes(name.substr(kObjects.size()));
        all.emplace_back(static_cast<javacard::Ref>(number[0] << 8 | number[1]), to_bytes(value));
    });
    if (damaged) return fail(ErrorKind::kIo, "heap.damaged", "an object has no number");
    return all;
}

void ObjectsInNvm::put(javacard::Ref ref, Bytes record) {
    nvm_.put(name_of(ref), std::move(record));
}

void ObjectsInNvm::erase(javacard::Ref ref) {
    nvm_.erase(name_of(ref));
}

Result<Bytes> CodeInRegistry::load_file_data_block(const Aid& package) const {
    auto block = registry_.code(package);
    if (!block) return fail(ErrorKind::kIo, "heap.damaged", "package " + package.hex() + " has no code");
    return to_bytes(*block);
}

}  // namespace oti::card
