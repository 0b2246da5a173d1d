// SPDX-License-Identifier: Apache-2.0
// Every native method, called with whatever an applet could hand to it: objects whose constructors did not
// run, of other classes, others' arrays, any number. None may do more than throw.
#include <map>
#include <random>

#include "javacard/gp_testing.h"
#include "javacard/machine.h"

namespace oti::javacard {
namespace {

class NativeMethodsTest : public RegisteredAppletTest {
  protected:
    void SetUp() override {
        RegisteredAppletTest::SetUp();
        platform.registry.at(kInstance).privileges = 0xFFFFFF;
        for (const auto* package : api_packages()) {
            const auto& linked = *runtime->packages().find(package->id);
            for (const auto& type : linked.classes) {
                if (!type->is_interface) classes_.push_back(type->id);
            }
            for (const auto& method : linked.methods) {
                if (method->native->function != nullptr) methods_.push_back({package->id, method.get()});
            }
        }
        kept_ = heap().make_array(ObjectKind::kReferences, 2000, {}, Persistence::kSystem).value();
        for (auto kind : {ObjectKind::kBooleans, ObjectKind::kBytes, ObjectKind::kShorts, ObjectKind::kInts,
                          ObjectKind::kReferences}) {
            auto element = kind == ObjectKind::kReferences ? ClassId{kJavaLang, 0} : ClassId{};
            for (auto size : {0, 1, 16, 300}) {
                arrays_[kind].push_back(
                    keep(heap().make_array(kind, size, kCaller, Persistence::kPersistent, element).value()));
            }
            arrays_[kind].push_back(
                keep(heap().make_array(kind, 16, kStranger, Persistence::kPersistent, element).value()));
        }
    }

    /// Out of object deletion's reach.
    Ref keep(Ref ref) {
        (void)heap().write_u16(kept_, keep_count_++ % 2000, ref);
        return ref;
    }
    unsigned random(unsigned below) { return static_cast<unsigned>(engine_()) % below; }
    Ref one_of(const std::vector<Ref>& refs) {
        return refs.empty() ? kNull : refs[random(static_cast<unsigned>(refs.size()))];
    }
    int number() {
        static constexpr int kNumbers[] = {0,   1,   2,   3,   4,   5,     8,  16,
                                           127, 128, 255, 256, 300, 32767, -1, -32768};
        return random(4) == 0 ? static_cast<int>(random(0x10000)) : kNumbers[random(std::size(kNumbers))];
    }
    /// Mostly of the array type that the signature names, sometimes of any.
    Ref reference(std::string_view type) {
        static const std::map<char, ObjectKind> kKinds = {{'Z', ObjectKind::kBooleans},
                                                          {'B', ObjectKind::kBytes},
                                                          {'S', ObjectKind::kShorts},
                                                          {'I', ObjectKind::kInts},
                                                          {'L', ObjectKind::kReferences}};
        if (random(16) == 0) return kNull;
        if (random(16) == 0) return one_of(arrays_[ObjectKind::kBytes]);
        if (type[0] == '[') return one_of(arrays_[kKinds.at(type[1])]);
        return one_of(instances_);
    }
    std::vector<Value> arguments(std::string_view signature) {
        std::vector<Value> values;
        for (std::size_t i = 1; signature[i] != ')'; ++i) {
            if (signature[i] == '[' || signature[i] == 'L') {
                values.push_back(obj(reference(signature.substr(i))));
                while (signature[i] == '[') ++i;
                if (signature[i] == 'L') i = signature.find(';', i);
            } else if (signature[i] == 'I') {
                values.push_back(Value::of_int(number() * 65537));
            } else {
                values.push_back(num(signature[i] == 'Z'   ? static_cast<int>(random(2))
                                     : signature[i] == 'B' ? static_cast<std::int8_t>(number())
                                                           : number()));
            }
        }
        return values;
    }
    /// An instance of the class that has the method, or of a subclass.
    Ref self(const LinkedClass& type) {
        std::vector<Ref> fitting;
        for (auto ref : instances_) {
            const auto* object = heap().find(ref);
            if (object != nullptr && runtime->packages().find(object->type)->is_assignable_to(type)) {
                fitting.push_back(ref);
            }
        }
        return one_of(fitting);
    }

    std::mt19937 engine_{1};  // NOLINT(bugprone-random-generator-seed): the same calls each time
    std::vector<ClassId> classes_;
    std::vector<std::pair<PackageId, const Method*>> methods_;
    std::map<ObjectKind, std::vector<Ref>> arrays_;
    std::vector<Ref> instances_;
    Ref kept_ = kNull;
    std::size_t keep_count_ = 0;
};

TEST_F(NativeMethodsTest, TakeAnything) {
    for (auto type : classes_) {
        const auto& linked = *runtime->packages().find(type);
        for (int i = 0; i < 2; ++i) {
            instances_.push_back(keep(heap().make_instance(type, linked.cells, kCaller).value()));
        }
        instances_.push_back(keep(heap().make_instance(type, linked.cells, kStranger).value()));
    }
    for (int round = 0; round < 30; ++round) {
        for (auto [package, method] : methods_) {
            std::vector<Value> values = arguments(method->native->signature);
            if (method->native->sort != MethodSort::kStatic) {
                auto object = self(*method->owner);
                if (object == kNull) continue;
                values.insert(values.begin(), obj(object));
            }
            auto result = runtime->machine().invoke(*method, values, kCaller);
            if (!result || result->kind != Value::Kind::kReference || result->as_ref() == kNull) continue;
            const auto* made = heap().find(result->as_ref());
            ASSERT_NE(made, nullptr) << method->native->name;
            if (made->kind == ObjectKind::kInstance) instances_.push_back(keep(result->as_ref()));
        }
        std::erase_if(instances_, [&](Ref ref) { return heap().find(ref) == nullptr; });
        runtime->end_command();
        std::erase_if(instances_, [&](Ref ref) { return heap().find(ref) == nullptr; });
    }
    // What they have stored can be read again.
    restart();
}

}  // namespace
}  // namespace oti::javacard
