// SPDX-License-Identifier: Apache-2.0
// Whatever is called on whatever with whatever: each method of javacard.security and javacardx.crypto ends in
// a value, an exception or a fault.
#include <random>

#include "javacard/asymmetric_testing.h"

namespace oti::javacard {
namespace {

class Hostile : public AsymmetricTest {
  protected:
    static constexpr unsigned kSeed = 20'261'125;

    int below(int limit) { return std::uniform_int_distribution(0, limit - 1)(random_); }

    /// Objects of all classes whose constructors have not run, and some that are in order.
    void fill_pool() {
        pool_ = {kNull,        bytes(Bytes(300, 1)), bytes(Bytes(16)), bytes(Bytes{}),
                 rsa_public(), rsa_private(),        rsa_crt()};
        pool_.push_back(heap().make_array(ObjectKind::kShorts, 3, kCaller).value());
        pool_.push_back(secret_key(kTypeAes, "2B7E151628AED2A6ABF7158809CF4F3C"));
        pool_.push_back(secret_key(kTypeDes, "0123456789ABCDEF"));
        pool_.push_back(secret_key(kTypeHmac, "00"));
        pool_.push_back(ec_key(kP256, kTypeEcPrivate, "03"));
        pool_.push_back(build(kTypeEcPublic, 112));
        for (auto algorithm : {1, 3, 12, 10, 15, 24, -16, -13, -12}) pool_.push_back(cipher(algorithm));
        for (auto algorithm : {2, 6, 9, 10, 18, 20, 21, 24, 30, 33, 49})
            pool_.push_back(signature(algorithm));
        for (const auto* package : {&security(), &crypto_package()}) {
            for (const auto& type : package->classes) {
                if (!type.is_interface) pool_.push_back(make(std::string(package->name) + "." + type.name));
            }
        }
    }

    Value any_number() {
        constexpr int kNumbers[] = {0,  1,  2,   3,   4,   7,   8,     15, 16,
                                    32, 64, 112, 128, 256, 512, 32767, -1, -32768};
        return num(below(2) == 0 ? kNumbers[below(std::size(kNumbers))] : below(30));
    }
    Value any_object() { return obj(pool_[static_cast<std::size_t>(below(static_cast<int>(pool_.size())))]); }

    bool is_of(Value object, const LinkedClass& owner) {
        const auto* found = heap().find(object.as_ref());
        const auto* type = found == nullptr ? nullptr : runtime->machine().class_of(*found);
        return type != nullptr && type->is_assignable_to(owner);
    }

    std::vector<Value> any_arguments(std::string_view signature) {
        std::vector<Value> arguments;
        for (std::size_t i = 1; signature[i] != ')'; ++i) {
            bool is_array = signature[i] == '[';
            if (is_array) ++i;
            bool is_object = is_array || signature[i] == 'L';
            if (signature[i] == 'L') i = signature.find(';', i);
            arguments.push_back(is_object ? any_object() : any_number());
        }
        return arguments;
    }

    std::mt19937 random_{kSeed};
    std::vector<Ref> pool_;
};

TEST_F(Hostile, CallsDoNotBreakTheCard) {
    fill_pool();
    std::vector<const Method*> methods;
    for (const auto* package : {&security(), &crypto_package()}) {
        for (const auto& method : runtime->packages().find(package->id)->methods) {
            // Long keys take long; key pairs have tests of their own.
            bool is_slow = std::string_view(method->native->name) == "genKeyPair";
            if (method->native->function != nullptr && !is_slow) methods.push_back(method.get());
        }
    }
    int values = 0;
    int traps = 0;
    for (int i = 0; i < 20'000; ++i) {
        const auto& method = *methods[static_cast<std::size_t>(below(static_cast<int>(methods.size())))];
        auto arguments = any_arguments(method.native->signature);
        if (method.native->sort != MethodSort::kStatic) {
            // What the machine itself makes sure of: the object is of the class that has the method.
            auto object = any_object();
            for (int tries = 0; tries < 50 && !is_of(object, *method.owner); ++tries) object = any_object();
            if (!is_of(object, *method.owner)) continue;
            arguments.insert(arguments.begin(), object);
        }
        auto result = runtime->machine().invoke(method, arguments, kCaller);
        (result ? values : traps) += 1;
        if (result && result->kind == Value::Kind::kReference && result->as_ref() != kNull &&
            pool_.size() < 500) {
            pool_.push_back(result->as_ref());
        }
        if (below(200) == 0) {
            runtime->end_command();
            if (below(5) == 0) runtime->reset();
        }
        if (below(50) == 0) {
            (void)heap().begin_transaction();
        } else if (below(50) == 0 && heap().in_transaction()) {
            (void)heap().abort_transaction();
            std::erase_if(pool_, [&](Ref ref) { return ref != kNull && heap().find(ref) == nullptr; });
        }
    }
    EXPECT_GT(values, 1000);
    EXPECT_GT(traps, 1000);
}

}  // namespace
}  // namespace oti::javacard
