// SPDX-License-Identifier: Apache-2.0
#include "cap/package.h"

#include <gmock/gmock.h>

#include "cap/test_package.h"

namespace oti::cap {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using enum ComponentTag;

constexpr std::array kAll = {Header, Directory,   Applet, Import,      ConstantPool, Class,
                             Method, StaticField, Export, RefLocation, Descriptor};

Result<Package> parse(const TestPackage& package) {
    return Package::parse_load_file_data_block(package.block());
}

/// The error's text, empty where there is none; every error must be `cap.damaged`.
std::string damage(const Result<Package>& package) {
    if (package) return {};
    EXPECT_EQ(package.error().code, "cap.damaged") << package.error().message;
    return package.error().message;
}

std::string of(ComponentTag tag) {
    return "the " + std::string(name(tag)) + " component is damaged at offset ";
}

class PackageFormat : public testing::TestWithParam<std::uint8_t> {};
INSTANTIATE_TEST_SUITE_P(Minor, PackageFormat, testing::Values(1, 2, 3));

TEST_P(PackageFormat, ReadsAnAppletPackage) {
    auto package = parse(TestPackage::make(GetParam()));
    ASSERT_TRUE(package) << package.error().message;
    EXPECT_EQ(package->aid().hex(), "A00000000101");
    EXPECT_EQ(package->version(), (Version{1, 3}));
    EXPECT_EQ(package->format(), (Version{2, GetParam()}));
    ASSERT_EQ(package->imports().size(), 2U);
    EXPECT_EQ(package->imports()[0].aid.hex(), "A0000000620001");
    EXPECT_EQ(package->imports()[0].version, (Version{1, 0}));
    EXPECT_EQ(package->imports()[1].version, (Version{1, 3}));
    EXPECT_THAT(package->applets(), ElementsAre(iso7816::Aid::constant("A0000000010101")));
}

TEST_P(PackageFormat, ReadsALibrary) {
    auto package = parse(TestPackage::make_library(GetParam()));
    ASSERT_TRUE(package) << package.error().message;
    EXPECT_THAT(package->applets(), IsEmpty());
    EXPECT_FALSE(package->component(Applet));
}

TEST_P(PackageFormat, GivesComponentsWithoutTagAndSizeAlsoFromACopy) {
    auto source = TestPackage::make(GetParam());
    auto package = parse(source);
    ASSERT_TRUE(package);
    Package copy = *package;
    package = fail(ErrorKind::kUsage, "gone", "gone");
    ASSERT_TRUE(copy.component(Method));
    EXPECT_TRUE(same(*copy.component(Method), source.info[Method]));
    EXPECT_TRUE(same(*copy.component(Directory), source.directory()));
    EXPECT_FALSE(copy.component(Debug));
}

TEST_P(PackageFormat, NeedsNoDescriptorAndNoFixedOrderAfterTheHeader) {
    auto source = TestPackage::make(GetParam());
    Bytes block = source.component(Header);
    for (auto tag : kAll) {
        if (tag != Header && tag != Descriptor) append(block, source.component(tag));
    }
    EXPECT_EQ(damage(Package::parse_load_file_data_block(block)), "");
}

TEST_P(PackageFormat, SkipsDebugReservedAndCustomComponents) {
    auto block = TestPackage::make(GetParam()).block();
    append(block, from_hex("0C0003000000 0E000100 800002AABB"));
    auto package = Package::parse_load_file_data_block(block);
    ASSERT_TRUE(package) << package.error().message;
    EXPECT_FALSE(package->component(Debug));
}

TEST_P(PackageFormat, RefusesEveryTruncationOfTheBlock) {
    auto source = TestPackage::make(GetParam());
    auto block = source.block();
    auto without_descriptor = block.size() - source.component(Descriptor).size();
    for (std::size_t size = 0; size < block.size(); ++size) {
        auto message = damage(Package::parse_load_file_data_block(BytesView(block).first(size)));
        EXPECT_EQ(message.empty(), size == without_descriptor) << size;
    }
}

TEST_P(PackageFormat, RefusesAComponentThatIsCutAndNamesIt) {
    for (auto tag : kAll) {
        auto whole = TestPackage::make(GetParam());
        if (tag == Directory) whole.info[Directory] = whole.directory();
        for (std::size_t size = 0; size < whole.info[tag].size(); ++size) {
            auto cut = whole;
            cut.info[tag].resize(size);
            auto message = damage(parse(cut));
            // Where a class or the last instruction is cut off neatly, others notice that something is gone.
            bool found_by_others = tag == Class || tag == Method;
            EXPECT_THAT(message, HasSubstr(found_by_others ? "damaged at offset" : of(tag))) << size;
        }
    }
}

TEST_P(PackageFormat, RefusesAComponentWithSomethingBehindIt) {
    for (auto tag : kAll) {
        if (tag == Method) continue;  // the byte could be an instruction
        auto longer = TestPackage::make(GetParam());
        if (tag == Directory) longer.info[Directory] = longer.directory();
        longer.info[tag].push_back(0x01);
        EXPECT_THAT(damage(parse(longer)), HasSubstr(of(tag)));
    }
}

TEST_P(PackageFormat, RefusesASizeThatTheDirectoryDoesNotSay) {
    for (auto tag : kAll) {
        auto package = TestPackage::make(GetParam());
        package.info[Directory] = package.directory();
        package.info[Directory][2 * static_cast<std::size_t>(tag) - 1] ^= 1;
        EXPECT_THAT(damage(parse(package)), AllOf(HasSubstr(of(tag)), HasSubstr("the Directory says")));
    }
}

TEST_P(PackageFormat, RefusesAMissingOrRepeatedComponent) {
    auto whole = TestPackage::make(GetParam());
    whole.info[Directory] = whole.directory();
    for (auto tag : kAll) {
        auto without = whole;
        without.info.erase(tag);
        Bytes block;
        for (auto other : kLoadOrder) {
            if (other != tag) append(block, whole.component(other));
        }
        if (tag != Descriptor) {
            EXPECT_THAT(damage(Package::parse_load_file_data_block(block)), HasSubstr(of(tag)));
        }
        auto twice = concat(whole.block(), whole.component(tag));
        EXPECT_THAT(damage(Package::parse_load_file_data_block(twice)),
                    AllOf(HasSubstr(of(tag)), HasSubstr("occurs twice")));
    }
}

TEST_P(PackageFormat, SurvivesEveryChangedByte) {
    const auto block = TestPackage::make(GetParam()).block();
    for (std::size_t at = 0; at < block.size(); ++at) {
        for (unsigned value : {0x00U, 0x01U, 0x7FU, 0x80U, 0xFFU, block[at] ^ 0x01U}) {
            auto changed = block;
            changed[at] = static_cast<std::uint8_t>(value);
            auto package = Package::parse_load_file_data_block(changed);
            if (!package) EXPECT_THAT(package.error().code, testing::AnyOf("cap.damaged", "cap.format"));
        }
    }
}

TEST(Package, RefusesOtherFormats) {
    for (auto version : {"0002", "0402", "0203", "0201"}) {
        auto package = TestPackage::make(1);
        std::ranges::copy(from_hex(version), package.info[Header].begin() + 4);
        auto result = parse(package);
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().code, "cap.format");
    }
    auto extended = TestPackage::make(3);
    extended.info[Header][6] |= 0x08;
    EXPECT_EQ(parse(extended).error().code, "cap.format");
}

TEST(Package, ReadsStaticResourcesOfFormat23) {
    auto package = TestPackage::make(3);
    package.info[StaticResources] = from_hex("0001 0007 00000003 AABBCC");
    auto result = parse(package);
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_TRUE(result->component(StaticResources));
    package.info[StaticResources].pop_back();
    EXPECT_THAT(damage(parse(package)), HasSubstr(of(StaticResources)));
}

TEST(Package, ComparesTheHeadersFlagsWithWhatIsThere) {
    auto applet = TestPackage::make(1);
    applet.info[Header][6] = 0x02;
    EXPECT_THAT(damage(parse(applet)), HasSubstr("the applet count and the Header's flags disagree"));
    auto exports = TestPackage::make(1);
    exports.info[Header][6] = 0x04;
    EXPECT_THAT(damage(parse(exports)), HasSubstr(of(Export)));
}

TEST(Package, AcceptsTheCustomComponentsThatTheDirectoryLists) {
    auto package = TestPackage::make(2);
    auto directory = package.directory();
    directory.back() = 1;
    append(directory, from_hex("90 0002 05A000000001"));
    directory[3] = static_cast<std::uint8_t>(directory.size());
    package.info[Directory] = directory;
    auto block = package.block();
    append(block, from_hex("90 0002 AABB"));
    EXPECT_TRUE(Package::parse_load_file_data_block(block));

    package.info[Directory][directory.size() - 9] = 0x10;
    EXPECT_THAT(damage(parse(package)), AllOf(HasSubstr(of(Directory)), HasSubstr("custom component")));
}

TEST(Package, ReadsRemoteClassesSinceFormat22) {
    auto package = TestPackage::make(2);
    auto remote = from_hex(
        "0002 0110"                           // the signature pool: void
        "A0 01 61"                            // interface "a", remote, at 4
        "21 8103 01 00 01 07 01 00 00 0009"   // class at 7
        "0004 02 0808"                        // implements it with two methods
        "01 AAAA 0000 07 00 01 62 01 0004");  // one remote method; class "b"; one remote interface
    package.info[Class] = remote;
    package.info[Export] = from_hex("01 0004 00 00");
    package.info[ConstantPool][12] = 7;  // the class of the instance field
    package.info.erase(Descriptor);
    EXPECT_EQ(damage(parse(package)), "");

    auto signature = package;
    signature.info[Class][28] = 2;
    EXPECT_THAT(damage(parse(signature)), AllOf(HasSubstr(of(Class) + "27"), HasSubstr("signature pool")));
    auto interface = package;
    interface.info[Class].back() = 5;
    EXPECT_THAT(damage(parse(interface)), AllOf(HasSubstr(of(Class)), HasSubstr("reference to no class")));
}

TEST(Package, IsMultiselectableIfAClassImplementsThatInterfaceOfTheFramework) {
    auto package = TestPackage::make(2);
    EXPECT_FALSE(parse(package).value().is_multiselectable());
    auto with_interface = [&](const std::string& ref) {
        package.info[Class] = from_hex("0000 80 01 8103 01 00 01 07 01 00 00 0009" + ref + "02 0707");
        return parse(package).value().is_multiselectable();
    };
    EXPECT_TRUE(with_interface("8111")) << "class 17 of package 1";
    EXPECT_FALSE(with_interface("8112"));
    EXPECT_FALSE(with_interface("8011")) << "of java.lang";
    EXPECT_FALSE(with_interface("0002")) << "the package's own";
}

struct Mutation {
    ComponentTag component;
    std::size_t offset;
    const char* bytes;
    std::size_t reported_at;
    const char* why;
};

/// Every check on the content, by a package of format 2.1 that breaks it.
TEST(Package, SaysWhatIsWrongAndWhere) {
    const Mutation mutations[] = {
        {Header, 0, "DECAFFEE", 0, "DECAFFED"},
        {Header, 6, "16", 6, "reserved flags"},
        {Header, 9, "04", 9, "AID has 5 to 16 bytes"},
        {Import, 0, "81", 0, "more than 128"},
        {Import, 0, "01", 0, "Directory disagree"},
        {Applet, 0, "02", 0, "Directory disagree"},
        {Applet, 2, "A1", 1, "RID"},
        {Applet, 9, "0008", 9, "outside Method"},
        {Applet, 9, "0010", 9, "outside Method"},
        {StaticField, 0, "0005", 0, "image size"},
        {StaticField, 2, "0000", 4, "more arrays than references"},
        {StaticField, 4, "0000", 4, "array count"},
        {StaticField, 6, "01", 6, "unknown type"},
        {StaticField, 6, "05", 7, "part of an element"},
        {StaticField, 11, "0002", 13, "do not add up"},
        {Class, 1, "10", 1, "reserved flags"},
        {Class, 1, "20", 1, "reserved flags"},
        {Class, 2, "8203", 2, "reference to no class"},
        {Class, 2, "0001", 2, "reference to no class"},
        {Class, 11, "0008", 11, "outside Method"},
        {Method, 1, "0008", 1, "range is outside"},
        {Method, 3, "8000", 3, "range is wrong"},
        {Method, 3, "8007", 3, "range is wrong"},
        {Method, 5, "0011", 5, "handler is outside"},
        {Method, 7, "0002", 7, "type is no class"},
        {Method, 7, "0004", 7, "type is no class"},
        {ConstantPool, 2, "07", 2, "unknown type"},
        {ConstantPool, 3, "01", 3, "padding"},
        {ConstantPool, 3, "82", 3, "no such import"},
        {ConstantPool, 4, "0008", 4, "no static field or method"},
        {ConstantPool, 7, "8203", 7, "reference to no class"},
        {ConstantPool, 9, "01", 9, "padding"},
        {ConstantPool, 11, "0002", 11, "reference to no class"},
        {ConstantPool, 16, "0004", 16, "no static field or method"},
        {RefLocation, 2, "11", 2, "outside Method"},
        {RefLocation, 2, "0B", 2, "no constant's index"},
        {RefLocation, 2, "FF", 2, "within a jump"},
        {RefLocation, 6, "09", 6, "outside Method"},
        {Export, 0, "00", 0, "exports nothing"},
        {Export, 1, "0002", 1, "reference to no class"},
        {Descriptor, 0, "01", 0, "Class disagree"},
        {Descriptor, 3, "0002", 3, "reference to no class"},
        {Descriptor, 28, "0008", 28, "outside Method"},
        {Descriptor, 32, "0007", 32, "ends outside Method"},
        {Descriptor, 34, "0002", 36, "no such exception handler"},
        {Descriptor, 38, "0003", 38, "constant pool disagree"},
        {Descriptor, 40, "000C", 40, "outside the types"},
    };
    for (const auto& mutation : mutations) {
        auto package = TestPackage::make(1);
        auto bytes = from_hex(mutation.bytes);
        std::ranges::copy(bytes,
                          package.info[mutation.component].begin() + static_cast<long>(mutation.offset));
        auto message = damage(parse(package));
        EXPECT_THAT(message,
                    AllOf(HasSubstr(of(mutation.component) + std::to_string(mutation.reported_at) + ":"),
                          HasSubstr(mutation.why)))
            << name(mutation.component) << " " << mutation.offset << " " << mutation.bytes;
    }
}

}  // namespace
}  // namespace oti::cap
