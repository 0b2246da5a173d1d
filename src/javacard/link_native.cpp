// SPDX-License-Identifier: Apache-2.0
// The API's tables, as the machine runs them.
#include <cstring>

#include "javacard/linker.h"

namespace oti::javacard {
namespace {

std::unexpected<Error> wrong(const NativePackage& package, const char* type, std::string_view why) {
    return fail(ErrorKind::kInternal, "javacard.link",
                std::string(package.name) + "." + type + ": " + std::string(why));
}

const Method* add_method(LinkedPackage& package, const LinkedClass& owner, const NativeMethod& native) {
    auto method = std::make_unique<Method>();
    method->package = &package;
    method->owner = &owner;
    method->native = &native;
    method->is_abstract = native.function == nullptr;
    auto words = argument_words(native.signature) + (native.sort == MethodSort::kStatic ? 0 : 1);
    method->argument_words = static_cast<std::uint8_t>(words);
    package.methods.push_back(std::move(method));
    return package.methods.back().get();
}

template <typename T>
void put(std::vector<T>& table, std::size_t index, T value) {
    if (table.size() <= index) table.resize(index + 1);
    table[index] = value;
}

/// The token of the virtual method with this name and signature; of this class or the nearest superclass.
std::optional<std::uint8_t> virtual_token(const LinkedClass& type, const NativeMethod& wanted) {
    for (std::size_t token = 0; token < type.public_methods.size(); ++token) {
        const auto* method = type.public_methods[token];
        if (method != nullptr && std::strcmp(method->native->name, wanted.name) == 0 &&
            std::strcmp(method->native->signature, wanted.signature) == 0) {
            return static_cast<std::uint8_t>(token);
        }
    }
    return std::nullopt;
}

}  // namespace

std::size_t argument_words(std::string_view signature) {
    std::size_t words = 0;
    for (std::size_t i = 1; i < signature.size() && signature[i] != ')'; ++i) {
        bool is_array = signature[i] == '[';
        while (signature[i] == '[') ++i;
        words += !is_array && signature[i] == 'I' ? 2 : 1;
        if (signature[i] == 'L') i = signature.find(';', i);
    }
    return words;
}

Result<std::unique_ptr<LinkedPackage>> link_native(const NativePackage& native,
                                                   const PackageTable& packages) {
    auto package = std::make_unique<LinkedPackage>();
    package->id = native.id;
    package->aid = iso7816::Aid::constant(native.aid);
    package->version = native.version;
    auto find = [&](ClassId id) -> const LinkedClass* {
        return id.package == native.id ? package->class_at(id.index) : packages.find(id);
    };
    // Classes may stand before their superclasses and interfaces, by token: first there are all, then they
    // are filled in, each after what it is made of.
    for (const auto& source : native.classes) {
        if (source.token != package->classes.size()) return wrong(native, source.name, "its token is wrong");
        auto type = std::make_unique<LinkedClass>();
        type->id = {native.id, source.token};
        type->package = package.get();
        type->is_interface = source.is_interface;
        type->is_shareable = source.is_shareable;
        package->classes.push_back(std::move(type));
    }
    package->exports.resize(native.classes.size());
    std::vector<bool> done(native.classes.size());
    auto is_ready = [&](ClassId id) { return id.package != native.id || done[id.index]; };
    for (std::size_t round = 0; round < native.classes.size(); ++round) {
        for (const auto& source : native.classes) {
            bool ready = !done[source.token] && (source.super == ClassId{} || is_ready(source.super));
            for (auto id : source.interfaces) ready = ready && is_ready(id);
            if (!ready) continue;
            done[source.token] = true;
            auto& type = *package->classes[source.token];
            bool is_root = native.id == kJavaLang && source.token == 0;
            if (!source.is_interface && !is_root) {
                type.super = find(source.super);
                if (type.super == nullptr) return wrong(native, source.name, "it has no superclass");
                type.first_cell = type.super->cells;
                type.reference_cells = type.super->reference_cells;
                type.public_methods = type.super->public_methods;
                type.ancestry = type.super->ancestry;
            }
            if (!source.is_interface) type.ancestry.push_back(&type);
            type.cells = static_cast<std::uint16_t>(type.first_cell + source.cells);
            for (unsigned i = 0; i < source.references; ++i) {
                type.reference_cells.push_back(
                    static_cast<std::uint16_t>(type.first_cell + source.first_reference + i));
            }
            auto& exports = package->exports[source.token];
            exports.type = &type;
            for (const auto& method : source.methods) {
                auto* table =
                    method.sort == MethodSort::kVirtual ? &type.public_methods : &exports.static_methods;
                put(*table, method.token, add_method(*package, type, method));
            }
            for (auto id : source.interfaces) {
                const auto* interface = find(id);
                if (interface == nullptr || !interface->is_interface) {
                    return wrong(native, source.name, "it implements no interface");
                }
                if (type.is_interface) {
                    type.add_super_interface(*interface);
                    continue;
                }
                Implementation implementation{interface, {}};
                for (const auto* method : interface->public_methods) {
                    auto token = virtual_token(type, *method->native);
                    if (!token) return wrong(native, source.name, "it lacks a method of an interface");
                    implementation.virtual_tokens.push_back(*token);
                }
                type.implementations.push_back(std::move(implementation));
            }
            if (!type.is_interface) type.collect_interfaces();
        }
    }
    for (std::size_t token = 0; token < done.size(); ++token) {
        if (!done[token]) return wrong(native, native.classes[token].name, "it descends from itself");
    }
    return package;
}

}  // namespace oti::javacard
