// SPDX-License-Identifier: Apache-2.0
#include "javacard/verifier.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "javacard/test_program.h"

namespace oti::javacard {
namespace {

/// What is wrong with a main method of two locals; empty if nothing is.
std::string refusal(const std::string& source) {
    try {
        TestMachine machine(TestProgram().main(4, 0, 2, source));
        return "";
    } catch (const std::invalid_argument& error) {
        std::string text = error.what();
        EXPECT_TRUE(text.starts_with("Method component, offset ")) << text;
        return text.substr(text.find(": ") + 2);
    }
}

struct Case {
    const char* source;
    const char* expected;
};

class Verifier : public testing::TestWithParam<Case> {};

TEST_P(Verifier, Refuses) {
    EXPECT_EQ(refusal(GetParam().source), GetParam().expected) << GetParam().source;
}

INSTANTIATE_TEST_SUITE_P(
    Code, Verifier,
    testing::Values(
        Case{"return", ""}, Case{"nop", "it leads out of the method"},
        Case{"sload_2 sreturn", "no such local variable"},
        Case{"iload_1 ireturn", "no such local variable"},  // its second word is not there
        Case{"sinc 2 1 return", "no such local variable"}, Case{"ret 2", "no such local variable"},
        Case{"newarray 14 return", "no such array type"}, Case{"checkcast 9 0 return", "no such type"},
        Case{"checkcast 0 4 return", "a constant that is no class"},
        Case{"new 99 return", "no such constant"},
        Case{"new 2 return", "a constant of another kind than the instruction takes"},  // an interface
        Case{"new 4 return", "a constant of another kind than the instruction takes"},
        Case{"getfield_a 5 return", "a constant of another kind than the instruction takes"},  // a short
        Case{"getfield_s 4 return", "a constant of another kind than the instruction takes"},  // a reference
        Case{"getfield_i 7 return",
             "a constant of another kind than the instruction takes"},  // the last cell
        Case{"getstatic_s 10 return", "a constant of another kind than the instruction takes"},
        Case{"getstatic_a 11 return", "a constant of another kind than the instruction takes"},
        Case{"invokestatic 8 return", "a constant of another kind than the instruction takes"},
        Case{"invokestatic 17 return",
             "a constant of another kind than the instruction takes"},  // a constructor
        Case{"invokespecial 18 return", "a constant of another kind than the instruction takes"},
        Case{"invokespecial 14 return",
             "a constant of another kind than the instruction takes"},  // no object
        Case{"invokevirtual 14 return", "a constant of another kind than the instruction takes"},
        Case{"invokeinterface 1 1 0 return", "a constant of another kind than the instruction takes"},
        Case{"dup_x 80 return", "a number of words that is not permitted"},
        Case{"dup_x 33 return", "a number of words that is not permitted"},
        Case{"swap_x 49 return", "a number of words that is not permitted"}));

/// As bytes: what the assembler does not write.
std::string refusal_of_code(const char* hex) {
    auto program = TestProgram();
    auto block = program.main(4, 0, 2, "nop nop nop nop nop nop nop nop return").block();
    auto code = from_hex("000000000000000000 7A");
    code.erase(code.begin());
    auto place = std::search(block.begin(), block.end(), code.begin(), code.end());
    std::ranges::copy(from_hex(hex), place);
    PackageTable packages;
    for (const auto* native : api_packages()) packages.add(link_native(*native, packages).value());
    auto linked =
        link(cap::Package::parse_load_file_data_block(block).value(), kFirstLoadedPackage, packages).value();
    auto status = verify(*linked);
    return status ? "" : status.error().message.substr(status.error().message.find(": ") + 2);
}

TEST(VerifierOfBytes, Refuses) {
    EXPECT_EQ(refusal_of_code("B9"), "no instruction");  // 185
    EXPECT_EQ(refusal_of_code("FE"), "no instruction");  // impdep1
    EXPECT_EQ(refusal_of_code("70 7F"), "it leads out of the method");
    EXPECT_EQ(refusal_of_code("70 80"), "it leads out of the method");
    EXPECT_EQ(refusal_of_code("11 70 00 70 FE"), "it leads into an instruction");
    EXPECT_NE(refusal_of_code("73 0000 0001 0000"), "");  // from high to low
    EXPECT_NE(refusal_of_code("74 0000 80000000 "), "");  // a table that does not end
    EXPECT_NE(refusal_of_code("75 0000 FFFF"), "");
}

TEST(VerifierOfHandlers, RefusesThoseThatLeadOutOfTheMethod) {
    auto with = [](unsigned begin, unsigned end, unsigned to) {
        try {
            TestMachine machine(TestProgram().main(4, 0, 2, "nop nop return").handler(begin, end, to, 0));
            return true;
        } catch (const std::invalid_argument&) {
            return false;
        }
    };
    EXPECT_TRUE(with(0, 2, 2));
    EXPECT_FALSE(with(0, 2, 100));
    EXPECT_FALSE(with(0, 100, 2));
    EXPECT_FALSE(with(1, 1, 2));
}

}  // namespace
}  // namespace oti::javacard
