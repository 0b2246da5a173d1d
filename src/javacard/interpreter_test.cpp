// SPDX-License-Identifier: Apache-2.0
// Known answers derived by hand from JCVM specification 3.0.5, chapter 7.
#include <gtest/gtest.h>

#include "javacard/test_program.h"

namespace oti::javacard {
namespace {

std::string describe(const Guest<Value>& result, TestMachine& machine) {
    if (result) {
        switch (result->kind) {
            case Value::Kind::kVoid:
                return "void";
            case Value::Kind::kShort:
                return "short " + std::to_string(result->number);
            case Value::Kind::kInt:
                return "int " + std::to_string(result->number);
            case Value::Kind::kReference:
                return result->number == 0 ? "null" : "object";
        }
    }
    if (result.error().kind == Trap::Kind::kFault) return std::string("fault: ") + result.error().why;
    auto type = machine.heap.find(result.error().object)->type;
    return "exception " + std::to_string(type.package) + "." + std::to_string(type.index);
}

/// What main returns.
std::string run(const std::string& source, unsigned locals = 4) {
    TestMachine machine(TestProgram().main(12, 0, locals, source));
    return describe(machine.run(), machine);
}

const std::string kArithmetic = "exception 1.9", kNullPointer = "exception 1.7", kBounds = "exception 1.5",
                  kNegativeSize = "exception 1.6", kClassCast = "exception 1.8",
                  kArrayStore = "exception 1.11",
                  kType = "fault: a word on the operand stack is of another type";

struct Case {
    const char* source;
    std::string expected;
};

void PrintTo(const Case& value, std::ostream* out) {
    *out << value.source;
}

class Bytecode : public testing::TestWithParam<Case> {};

TEST_P(Bytecode, HasItsKnownAnswer) {
    EXPECT_EQ(run(GetParam().source), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Short, Bytecode,
    testing::Values(Case{"sspush 32767 sconst_1 sadd sreturn", "short -32768"},
                    Case{"sspush -32768 sconst_1 ssub sreturn", "short 32767"},
                    Case{"sspush 300 sspush 300 smul sreturn", "short 24464"},     // 90000 - 65536
                    Case{"sspush -32768 sconst_m1 sdiv sreturn", "short -32768"},  // overflows
                    Case{"sspush -32768 sconst_m1 srem sreturn", "short 0"},
                    Case{"bspush -7 sconst_2 sdiv sreturn", "short -3"},  // towards zero
                    Case{"bspush -7 sconst_2 srem sreturn", "short -1"},  // the dividend's sign
                    Case{"sconst_1 sconst_0 sdiv sreturn", kArithmetic},
                    Case{"sconst_1 sconst_0 srem sreturn", kArithmetic},
                    Case{"sspush -32768 sneg sreturn", "short -32768"},
                    Case{"sconst_1 bspush 15 sshl sreturn", "short -32768"},
                    Case{"sconst_1 bspush 16 sshl sreturn", "short 0"},  // the mask is 1F, not 0F
                    Case{"sconst_1 bspush 33 sshl sreturn", "short 2"},
                    Case{"sconst_1 sconst_m1 sshl sreturn", "short 0"},  // by 31
                    Case{"bspush -8 sconst_1 sshr sreturn", "short -4"},
                    Case{"bspush -1 bspush 31 sshr sreturn", "short -1"},
                    Case{"bspush -1 sconst_4 sushr sreturn", "short -1"},     // 0FFFFFFF, low 16 bits
                    Case{"bspush -1 bspush 20 sushr sreturn", "short 4095"},  // 00000FFF
                    Case{"sspush 3855 sspush 255 sand sreturn", "short 15"},
                    Case{"sspush 3840 sspush 15 sor sreturn", "short 3855"},
                    Case{"sspush 3855 sconst_m1 sxor sreturn", "short -3856"},
                    Case{"sspush 384 s2b sreturn", "short -128"},  // 0180 → 80
                    Case{"sspush 32767 sstore_1 sinc 1 1 sload_1 sreturn", "short -32768"},
                    Case{"sconst_0 sstore_1 sinc 1 -128 sload_1 sreturn", "short -128"},
                    Case{"sconst_0 sstore 3 sinc_w 3 -1000 sload 3 sreturn", "short -1000"}));

INSTANTIATE_TEST_SUITE_P(
    Int, Bytecode,
    testing::Values(
        Case{"iipush 2147483647 iconst_1 iadd ireturn", "int -2147483648"},
        Case{"iipush -2147483648 iconst_1 isub ireturn", "int 2147483647"},
        Case{"iipush 65536 iipush 65536 imul ireturn", "int 0"},
        Case{"iipush -2147483648 iconst_m1 idiv ireturn", "int -2147483648"},
        Case{"iipush -2147483648 iconst_m1 irem ireturn", "int 0"},
        Case{"bipush -7 iconst_2 idiv ireturn", "int -3"}, Case{"bipush -7 iconst_2 irem ireturn", "int -1"},
        Case{"iconst_1 iconst_0 idiv ireturn", kArithmetic},
        Case{"iconst_1 iconst_0 irem ireturn", kArithmetic},
        Case{"iipush -2147483648 ineg ireturn", "int -2147483648"},
        Case{"iconst_1 bipush 33 ishl ireturn", "int 2"}, Case{"bipush -8 iconst_1 ishr ireturn", "int -4"},
        Case{"iconst_m1 bipush 28 iushr ireturn", "int 15"},
        Case{"iconst_m1 iconst_m1 iushr ireturn", "int 1"},  // by 31
        Case{"sipush 3855 sipush 255 iand ireturn", "int 15"},
        Case{"sipush 3840 bipush 15 ior ireturn", "int 3855"},
        Case{"sipush 3855 iconst_m1 ixor ireturn", "int -3856"},
        Case{"iipush 98304 i2s sreturn", "short -32768"},  // 00018000
        Case{"sipush 384 i2b sreturn", "short -128"}, Case{"sconst_m1 s2i ireturn", "int -1"},
        Case{"iipush -2147483648 iipush 2147483647 icmp sreturn", "short -1"},
        Case{"iconst_5 iconst_5 icmp sreturn", "short 0"}, Case{"iconst_5 iconst_4 icmp sreturn", "short 1"},
        Case{"iipush 2147483647 istore_1 iinc 1 1 iload_1 ireturn", "int -2147483648"},
        Case{"iconst_0 istore 2 iinc_w 2 -1000 iload 2 ireturn", "int -1000"}));

INSTANTIATE_TEST_SUITE_P(
    Stack, Bytecode,
    testing::Values(
        Case{"sconst_1 sconst_2 pop sreturn", "short 1"}, Case{"sconst_1 iconst_2 pop2 sreturn", "short 1"},
        Case{"sconst_2 dup smul sreturn", "short 4"}, Case{"iconst_3 dup2 imul ireturn", "int 9"},
        Case{"sconst_1 sconst_2 dup_x 18 ssub sadd sreturn", "short 1"},        // 2 1 2: 2 + (1 - 2)
        Case{"sconst_1 sconst_2 dup_x 32 ssub ssub ssub sreturn", "short -2"},  // 1 - (2 - (1 - 2))
        Case{"sconst_5 sconst_3 swap_x 17 ssub sreturn", "short -2"},
        Case{"sconst_5 iconst_3 swap_x 33 pop sreturn",
             "fault: a word on the operand stack is of another type"},
        Case{"sconst_1 sreturn", "short 1"}, Case{"aconst_null areturn", "null"},
        Case{"pop return", "fault: the operand stack underflows"},
        Case{"dup return", "fault: the operand stack underflows"},
        Case{"sconst_1 aload_0 return", "fault: a local variable is of another type"},
        Case{"aconst_null sconst_1 sadd sreturn", kType}, Case{"iconst_1 sconst_1 sadd sreturn", kType},
        Case{"sconst_1 areturn", kType}, Case{"sconst_1 sconst_1 ireturn", kType}));

INSTANTIATE_TEST_SUITE_P(
    Control, Bytecode,
    testing::Values(
        Case{"sconst_0 ifeq yes sconst_1 sreturn yes: sconst_2 sreturn", "short 2"},
        Case{"sconst_m1 iflt yes sconst_1 sreturn yes: sconst_2 sreturn", "short 2"},
        Case{"sconst_0 ifgt_w yes sconst_1 sreturn yes: sconst_2 sreturn", "short 1"},
        Case{"sconst_m1 sconst_1 if_scmplt yes sconst_1 sreturn yes: sconst_2 sreturn", "short 2"},
        Case{"aconst_null ifnonnull yes sconst_1 sreturn yes: sconst_2 sreturn", "short 1"},
        Case{"aconst_null aconst_null if_acmpeq yes sconst_1 sreturn yes: sconst_2 sreturn", "short 2"},
        Case{"sconst_0 sstore_0 again: sinc 0 1 sload_0 bspush 10 if_scmplt again sload_0 sreturn",
             "short 10"},
        Case{"jsr sub sload_1 sreturn sub: astore_0 sconst_5 sstore_1 ret 0", "short 5"},
        Case{"sconst_0 sstore_0 ret 0", "fault: a local variable is no return address of this method"},
        Case{"sconst_1 stableswitch no 0 2 a b c a: sconst_3 sreturn b: sconst_4 sreturn c: no: sconst_5 "
             "sreturn",
             "short 4"},
        Case{"sconst_m1 stableswitch no 0 1 a b a: b: sconst_3 sreturn no: sconst_5 sreturn", "short 5"},
        Case{"iipush -2147483648 itableswitch no -2147483648 -2147483647 a b a: sconst_3 sreturn b: no: "
             "sconst_5 "
             "sreturn",
             "short 3"},
        Case{"sspush 300 slookupswitch no 3 -5 a 7 b 300 c a: b: sconst_1 sreturn c: sconst_2 sreturn no: "
             "sconst_3 "
             "sreturn",
             "short 2"},
        Case{"iipush 70000 ilookupswitch no 1 70000 a a: sconst_1 sreturn no: sconst_3 sreturn", "short 1"},
        Case{"again: goto again", "fault: the budget of bytecodes is used up"}));

INSTANTIATE_TEST_SUITE_P(
    Arrays, Bytecode,
    testing::Values(
        Case{"sconst_3 newarray 11 astore_0 aload_0 sconst_2 sspush 511 bastore aload_0 sconst_2 baload "
             "sreturn",
             "short -1"},
        Case{"sconst_3 newarray 12 dup sconst_0 sspush -300 sastore sconst_0 saload sreturn", "short -300"},
        Case{"sconst_3 newarray 13 dup sconst_1 iipush 70000 iastore sconst_1 iaload ireturn", "int 70000"},
        Case{"sconst_3 newarray 10 arraylength sreturn", "short 3"},
        Case{"sconst_3 newarray 11 sconst_3 baload sreturn", kBounds},
        Case{"sconst_3 newarray 11 sconst_m1 baload sreturn", kBounds},
        Case{"sconst_m1 newarray 11 areturn", kNegativeSize},
        Case{"aconst_null sconst_0 baload sreturn", kNullPointer},
        Case{"aconst_null arraylength sreturn", kNullPointer},
        Case{"sconst_1 newarray 12 sconst_0 baload sreturn", "fault: an array is of another type"},
        Case{"sconst_1 anewarray 1 dup sconst_0 new 0 aastore sconst_0 aaload areturn", "object"},
        Case{"sconst_1 anewarray 0 sconst_0 new 1 aastore return", kArrayStore},  // an A into B[]
        Case{"sconst_1 anewarray 2 sconst_0 new 1 aastore return", "void"},       // an A into I[]
        Case{"sconst_1 anewarray 1 sconst_0 sconst_1 newarray 11 aastore return", kArrayStore},
        Case{"sconst_1 anewarray 3 sconst_0 sconst_1 newarray 11 aastore return", "void"}));

INSTANTIATE_TEST_SUITE_P(
    Objects, Bytecode,
    testing::Values(
        Case{"new 1 dup sspush 1234 putfield_s 5 getfield_s 5 sreturn", "short 1234"},
        Case{"new 1 dup iipush 70000 putfield_i 6 getfield_i_w 6 ireturn", "int 70000"},
        Case{"new 1 dup sspush 511 putfield_b 7 getfield_b 7 sreturn", "short -1"},
        Case{"new 1 dup new 0 putfield_a 4 getfield_a 4 areturn", "object"},
        Case{"aconst_null getfield_s 5 sreturn", kNullPointer},
        Case{"new 3 getfield_s 5 sreturn", "fault: an object has no such field"},
        Case{"iipush 70000 putstatic_i 13 getstatic_i 13 ireturn", "int 70000"},
        Case{"sspush 511 putstatic_b 11 getstatic_b 11 sreturn", "short -1"},
        Case{"sconst_5 putstatic_s 12 getstatic_s 12 sreturn", "short 5"},
        Case{"new 1 putstatic_a 10 getstatic_a 10 areturn", "object"},
        Case{"new 1 dup sconst_5 putfield_s 5 invokevirtual 8 sreturn", "short 5"},
        Case{"new 0 dup sconst_5 putfield_s 5 invokevirtual 8 sreturn", "short 6"},  // B.get calls A.get
        Case{"new 0 dup sconst_5 putfield_s 5 invokeinterface 1 2 0 sreturn", "short 6"},
        Case{"aconst_null invokevirtual 8 sreturn", kNullPointer},
        Case{"new 3 invokevirtual 8 sreturn", "fault: an object is of another class"},
        Case{"new 3 invokeinterface 1 2 0 sreturn", "fault: an object does not implement an interface"},
        Case{"new 0 checkcast 0 1 areturn", "object"}, Case{"new 1 checkcast 0 0 areturn", kClassCast},
        Case{"new 1 checkcast 0 2 areturn", "object"}, Case{"aconst_null checkcast 0 0 areturn", "null"},
        Case{"sconst_1 newarray 11 checkcast 11 0 areturn", "object"},
        Case{"sconst_1 newarray 11 checkcast 10 0 areturn", kClassCast},
        Case{"sconst_1 newarray 11 instanceof 0 3 sreturn", "short 1"},
        Case{"sconst_1 anewarray 0 instanceof 14 1 sreturn", "short 1"},
        Case{"sconst_1 anewarray 1 instanceof 14 0 sreturn", "short 0"},
        Case{"aconst_null instanceof 0 0 sreturn", "short 0"}, Case{"aconst_null athrow", kNullPointer},
        Case{"new 1 athrow", "fault: an object is no Throwable"},
        Case{"new 3 invokespecial 17 return", "void"},
        Case{"sconst_3 newarray 11 dup sconst_1 sconst_1 bastore sconst_0 invokestatic 18 sreturn",
             "short 1"},
        Case{"sconst_1 newarray 11 sconst_0 invokestatic 18 sreturn", kBounds},
        Case{"aconst_null sconst_0 invokestatic 18 sreturn", kNullPointer},
        Case{"sconst_1 sconst_0 invokestatic 18 sreturn",
             "fault: an argument of a native method is of another type"},
        Case{"sspush 27013 invokestatic 20 return", "exception 2.7"}));

TEST(Interpreter, PassesArgumentsAndResultsThroughCalls) {
    TestMachine machine(TestProgram()
                            .main(6, 0, 0, "sconst_3 iipush 70000 invokestatic 14 ireturn")
                            .helper(6, 3, 2, "iload_1 sload_0 s2i imul ireturn"));
    EXPECT_EQ(describe(machine.run(), machine), "int 210000");
}

TEST(Interpreter, EndsEndlessRecursion) {
    TestMachine machine(TestProgram().main(6, 0, 0, "invokestatic 19 return"));
    EXPECT_EQ(describe(machine.run(), machine), "exception 2.13");
}

TEST(Interpreter, CatchesWhatACalleeThrows) {
    //  0 invokestatic helper; 3 sconst_1; 4 sreturn; 5 pop; 6 sconst_2; 7 sreturn
    auto program = [](unsigned type) {
        return TestProgram()
            .main(6, 0, 0, "invokestatic 14 sconst_1 sreturn pop sconst_2 sreturn")
            .helper(6, 0, 0, "sconst_1 sconst_0 sdiv pop return")
            .handler(0, 3, 5, type);
    };
    TestMachine caught(program(TestProgram::kArithmetic));
    EXPECT_EQ(describe(caught.run(), caught), "short 2");
    TestMachine finally(program(0));
    EXPECT_EQ(describe(finally.run(), finally), "short 2");
    TestMachine missed(program(TestProgram::kNullPointer));
    EXPECT_EQ(describe(missed.run(), missed), kArithmetic);
}

TEST(Interpreter, RefusesForeignObjects) {
    // getstatic gives a reference to an array that another context owns.
    TestMachine machine(TestProgram().main(6, 1, 0, "aload_0 sconst_0 baload sreturn"));
    auto foreign = machine.heap.make_array(ObjectKind::kBytes, 1, {99, 9});
    auto result = machine.run({Value::of_ref(*foreign)});
    EXPECT_EQ(describe(result, machine), "exception 1.10");
    machine.heap.mark_global(*foreign);
    EXPECT_EQ(describe(machine.run({Value::of_ref(*foreign)}), machine), "short 0");
}

TEST(Interpreter, DoesNotStoreGlobalArrays) {
    for (const auto* source : {"aload_0 putstatic_a 10 return", "new 1 aload_0 putfield_a 4 return",
                               "sconst_1 anewarray 3 sconst_0 aload_0 aastore return"}) {
        TestMachine machine(TestProgram().main(6, 1, 0, source));
        auto global = machine.heap.make_array(ObjectKind::kBytes, 1, {});
        machine.heap.mark_global(*global);
        EXPECT_EQ(describe(machine.run({Value::of_ref(*global)}), machine), "exception 1.10") << source;
    }
}

TEST(Interpreter, ReportsFullMemory) {
    TestMachine machine(TestProgram().main(6, 0, 0, "again: new 1 pop goto again"));
    machine.memory.limit = 0;
    EXPECT_EQ(describe(machine.run(), machine), "exception 2.13");
}

TEST(Interpreter, IsUsableAfterAFault) {
    TestMachine machine(TestProgram().main(6, 1, 0, "sload_0 sreturn"));
    EXPECT_FALSE(machine.run({Value::of_ref(kNull)}));
    EXPECT_EQ(describe(machine.run({Value::of_short(7)}), machine), "short 7");
}

}  // namespace
}  // namespace oti::javacard
