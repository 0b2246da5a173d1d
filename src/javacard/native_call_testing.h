// SPDX-License-Identifier: Apache-2.0
// For tests only: methods of the API called by name, as an applet's code would call them.
#pragma once

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/hex.h"
#include "javacard/api.h"
#include "javacard/fake_platform.h"
#include "javacard/runtime.h"
#include "javacard/test_program.h"

namespace oti::javacard {

// Arguments of calls.
inline Value num(int value) {
    return Value::of_short(value);
}
inline Value obj(Ref ref) {
    return Value::of_ref(ref);
}

/// Whether a call ended with this exception.
inline testing::AssertionResult Throws(const Guest<Value>& result, ClassId exception,
                                       std::uint16_t reason = 0) {
    if (result) return testing::AssertionFailure() << "it returned " << result->number;
    const auto& trap = result.error();
    if (trap.kind == Trap::Kind::kFault) return testing::AssertionFailure() << "a fault: " << trap.why;
    if (trap.exception == exception && trap.reason == reason) return testing::AssertionSuccess();
    return testing::AssertionFailure() << "it threw " << +trap.exception.package << "."
                                       << +trap.exception.index << " for reason " << trap.reason;
}
/// Whether a call returned this number or reference.
inline testing::AssertionResult Returns(const Guest<Value>& result, int number) {
    if (!result) return Throws(result, {}) << ", and did not return";
    if (result->number == number) return testing::AssertionSuccess();
    return testing::AssertionFailure() << "it returned " << result->number;
}
inline testing::AssertionResult Succeeds(const Guest<Value>& result) {
    if (result) return testing::AssertionSuccess();
    return Throws(result, {}) << ", and did not return";
}

/// A card without applets, and an applet's context in which all calls are made.
class NativeCallTest : public testing::Test, public CodeStore {
  protected:
    static constexpr Owner kCaller{kFirstLoadedPackage, 1};
    static constexpr Owner kStranger{kFirstLoadedPackage + 1, 2};

    void SetUp() override { restart(); }
    /// A new session; what the last command did is lost, unless it was ended.
    void restart() {
        auto started = Runtime::start({objects, *this, memory, platform});
        ASSERT_TRUE(started) << started.error().message;
        runtime = std::move(*started);
    }
    Result<Bytes> load_file_data_block(const iso7816::Aid&) const override { return Bytes{}; }
    Heap& heap() { return runtime->heap(); }

    /// A static method: `call("javacard.framework.Util", "getShort", {obj(array), num(0)})`. Where several
    /// have the name, the signature follows it: "equals([BSB)Z".
    Guest<Value> call(std::string_view type, std::string_view method, const std::vector<Value>& arguments,
                      Owner context = kCaller) {
        const auto& found = find_class(type);
        const auto& table = found.package->exports[found.id.index].static_methods;
        return runtime->machine().invoke(find_method(table, method), arguments, context);
    }
    /// A virtual method of an object, or an interface's method as its class has it.
    Guest<Value> call(Ref object, std::string_view method, std::vector<Value> arguments,
                      Owner context = kCaller) {
        const auto* type = runtime->machine().class_of(*heap().find(object));
        arguments.insert(arguments.begin(), obj(object));
        return runtime->machine().invoke(find_method(type->public_methods, method), arguments, context);
    }
    /// An instance whose constructor has not run: all its cells are zero.
    Ref make(std::string_view type, Owner owner = kCaller) {
        const auto& found = find_class(type);
        return heap().make_instance(found.id, found.cells, owner).value();
    }
    /// Runs a constructor of the class on a new instance; null if it throws.
    Ref construct(std::string_view type, std::string_view signature, std::vector<Value> arguments,
                  Owner owner = kCaller) {
        auto object = make(type, owner);
        arguments.insert(arguments.begin(), obj(object));
        return call(type, "<init>" + std::string(signature), arguments, owner) ? object : kNull;
    }

    /// A byte array of the applet, and what stands in one.
    Ref bytes(BytesView content, Persistence persistence = Persistence::kPersistent) {
        auto array = heap().make_array(ObjectKind::kBytes, static_cast<std::int32_t>(content.size()), kCaller,
                                       persistence);
        (void)heap().write(array.value(), 0, content);
        return *array;
    }
    Ref bytes(std::string_view hex) { return bytes(from_hex(hex)); }
    std::string hex(Ref array) { return to_hex(heap().find(array)->data); }

    const LinkedClass& find_class(std::string_view name) {
        auto dot = name.rfind('.');
        for (const auto* package : api_packages()) {
            if (package->name != name.substr(0, dot)) continue;
            for (const auto& type : package->classes) {
                if (type.name == name.substr(dot + 1)) {
                    return *runtime->packages().find(ClassId{package->id, type.token});
                }
            }
        }
        throw std::invalid_argument("no class " + std::string(name));
    }

    AmpleMemory memory;
    MapStore objects;
    FakePlatform platform;
    std::unique_ptr<Runtime> runtime;

  private:
    static const Method& find_method(const std::vector<const Method*>& table, std::string_view name) {
        const Method* found = nullptr;
        for (const auto* method : table) {
            if (method == nullptr || method->native == nullptr) continue;
            bool named = name == method->native->name ||
                         name == std::string(method->native->name) + method->native->signature;
            if (!named) continue;
            if (found != nullptr) throw std::invalid_argument("several methods " + std::string(name));
            found = method;
        }
        if (found == nullptr) throw std::invalid_argument("no method " + std::string(name));
        return *found;
    }
};

}  // namespace oti::javacard
