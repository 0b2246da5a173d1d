// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/hex.h"
#include "cap/cap_file.h"

namespace oti::cap {
namespace {

using testing::HasSubstr;

CapFile applet(const std::string& name) {
    auto file = CapFile::read(OTI_SOURCE_DIR "/applets/" + name);
    if (!file) throw std::runtime_error(file.error().message);
    return std::move(*file);
}

Bytes content_of(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(CapFile, ReadsTheApplets) {
    auto transit = applet("transit-1.0.cap");
    EXPECT_EQ(transit.package().aid().hex(), "F04F544902");
    EXPECT_EQ(transit.package().version(), (Version{1, 0}));
    EXPECT_EQ(transit.package().format(), (Version{2, 1}));
    ASSERT_EQ(transit.package().applets().size(), 1U);
    EXPECT_EQ(transit.package().applets()[0].hex(), "F04F54490201");
    EXPECT_EQ(applet("transit-1.1.cap").package().version(), (Version{1, 1}));
    EXPECT_EQ(applet("hello.cap").package().applets()[0].hex(), "F04F54490101");
}

// The sizes that the kit's own tools report: applets/README.md.
TEST(CapFile, MakesLoadFilesOfTheKnownSizes) {
    EXPECT_EQ(applet("hello.cap").load_file().size(), 399U);
    EXPECT_EQ(applet("hello.cap").load_file(true).size(), 536U);
    EXPECT_EQ(applet("transit-1.0.cap").load_file().size(), 9325U);
    EXPECT_EQ(applet("transit-1.0.cap").load_file(true).size(), 12776U);
    EXPECT_EQ(applet("transit-1.1.cap").load_file().size(), 10119U);
    EXPECT_EQ(applet("transit-1.1.cap").load_file(true).size(), 13803U);
}

TEST(CapFile, RefusesEveryTruncationAndWhatIsNoArchive) {
    auto file = content_of(OTI_SOURCE_DIR "/applets/hello.cap");
    for (std::size_t size = 0; size < file.size(); ++size) {
        ASSERT_FALSE(CapFile::parse(BytesView(file).first(size))) << size;
    }
    EXPECT_EQ(CapFile::parse(as_bytes("hello")).error().code, "cap.damaged");
    EXPECT_EQ(CapFile::read("no/such.cap").error().code, "cap.missing");
}

TEST(CapFile, EveryChangedByteOfAComponentIsSeen) {
    auto file = content_of(OTI_SOURCE_DIR "/applets/hello.cap");
    std::size_t refused = 0;
    for (std::size_t at = 0; at < file.size(); ++at) {
        auto changed = file;
        changed[at] ^= 0x55;
        auto parsed = CapFile::parse(changed);
        if (!parsed) {
            ++refused;
            continue;
        }
        // What is accepted is the same package: the change was in a date, a comment or another file of the
        // archive.
        EXPECT_EQ(to_hex(parsed->load_file()), to_hex(applet("hello.cap").load_file())) << at;
    }
    EXPECT_GT(refused, 399U);
}

TEST(CapFile, TakesTheDataBlockOutOfALoadFile) {
    auto load_file = applet("hello.cap").load_file();
    auto block = data_block_of(load_file);
    ASSERT_TRUE(block);
    EXPECT_TRUE(Package::parse_load_file_data_block(*block));
    load_file.push_back(0);
    EXPECT_FALSE(data_block_of(load_file));
    EXPECT_FALSE(data_block_of({}));
}

class PackageTest : public testing::Test {
  protected:
    Bytes block_ = applet("hello.cap").package().load_file_data_block(true);

    /// The block with the content of one component replaced.
    Bytes with(ComponentTag tag, const Bytes& content) const {
        ByteReader reader(block_, "block");
        ByteWriter out;
        while (!reader.empty()) {
            auto t = *reader.u8();
            auto old = *reader.take(*reader.u16());
            auto now = t == static_cast<std::uint8_t>(tag) ? BytesView(content) : old;
            out.u8(t).u16(static_cast<unsigned>(now.size())).put(now);
        }
        return out.take();
    }
    Bytes component(ComponentTag tag) const {
        return to_bytes(*Package::parse_load_file_data_block(block_)->component(tag));
    }
};

TEST_F(PackageTest, RefusesEveryTruncation) {
    for (std::size_t size = 0; size + 1 < block_.size(); ++size) {
        auto package = Package::parse_load_file_data_block(BytesView(block_).first(size));
        // Without Descriptor, which is the last one, the package is whole.
        auto without_descriptor = applet("hello.cap").package().load_file_data_block(false).size();
        if (size == without_descriptor) continue;
        ASSERT_FALSE(package) << size;
        EXPECT_EQ(package.error().code, "cap.damaged");
    }
}

TEST_F(PackageTest, NamesTheDamagedComponentAndTheOffset) {
    auto error = [](const Bytes& block) { return Package::parse_load_file_data_block(block).error(); };
    auto header = component(ComponentTag::kHeader);
    header[0] = 0;
    EXPECT_THAT(error(with(ComponentTag::kHeader, header)).message,
                HasSubstr("component Header is damaged at byte 4"));
    auto import = component(ComponentTag::kImport);
    import[3] = 4;  // length of the first AID
    EXPECT_THAT(error(with(ComponentTag::kImport, import)).message, HasSubstr("component Import"));
    auto pool = component(ComponentTag::kConstantPool);
    pool[2] = 9;
    EXPECT_THAT(error(with(ComponentTag::kConstantPool, pool)).message,
                HasSubstr("component ConstantPool is damaged at byte 3"));
    auto applet_component = component(ComponentTag::kApplet);
    applet_component[applet_component.size() - 2] = 0x7F;
    EXPECT_THAT(error(with(ComponentTag::kApplet, applet_component)).message, HasSubstr("component Applet"));
    EXPECT_THAT(error(with(ComponentTag::kMethod, {0x00})).message,
                HasSubstr("Method has 1 bytes and is listed with"));
}

TEST_F(PackageTest, RefusesAFormatThatItDoesNotKnow) {
    auto header = component(ComponentTag::kHeader);
    for (auto [minor, major] : {std::pair{0, 2}, {4, 2}, {1, 1}, {3, 3}}) {
        header[4] = static_cast<std::uint8_t>(minor);
        header[5] = static_cast<std::uint8_t>(major);
        EXPECT_EQ(Package::parse_load_file_data_block(with(ComponentTag::kHeader, header)).error().code,
                  "cap.format");
    }
}

/// The smallest library package, as the formats have it: no applets, nothing exported.
Bytes library(std::uint8_t minor) {
    Bytes header = from_hex("DECAFFED 01 02 00 03 01 05 F000000001");
    header[4] = minor;
    if (minor >= 2) header.push_back(0);
    Bytes import = from_hex("01 00 01 07 A0000000620001");
    Bytes klass = minor >= 2 ? from_hex("0000") : Bytes{};
    Bytes method = from_hex("00"), fields = from_hex("0000 0000 0000 0000 0000"), pool = from_hex("0000");
    Bytes locations = from_hex("0000 0000");
    unsigned sizes[13] = {0,
                          static_cast<unsigned>(header.size()),
                          0,
                          0,
                          static_cast<unsigned>(import.size()),
                          2,
                          static_cast<unsigned>(klass.size()),
                          1,
                          10,
                          4,
                          0,
                          0,
                          0};
    unsigned last = minor == 1 ? 11 : 12;
    sizes[2] = 2 * last + 6 + 3;
    ByteWriter directory;
    for (unsigned tag = 1; tag <= last; ++tag) directory.u16(sizes[tag]);
    directory.put(Bytes(6)).u8(1).u8(0).u8(0);
    ByteWriter block;
    auto put = [&](ComponentTag tag, BytesView content) {
        block.u8(static_cast<unsigned>(tag)).u16(static_cast<unsigned>(content.size())).put(content);
    };
    put(ComponentTag::kHeader, header);
    put(ComponentTag::kDirectory, directory.view());
    put(ComponentTag::kImport, import);
    put(ComponentTag::kClass, klass);
    put(ComponentTag::kMethod, method);
    put(ComponentTag::kStaticField, fields);
    put(ComponentTag::kConstantPool, pool);
    put(ComponentTag::kReferenceLocation, locations);
    return block.take();
}

TEST(Package, ReadsAllThreeFormats) {
    for (std::uint8_t minor = 1; minor <= 3; ++minor) {
        auto package = Package::parse_load_file_data_block(library(minor));
        ASSERT_TRUE(package) << package.error().message;
        EXPECT_EQ(package->format(), (Version{2, minor}));
        EXPECT_EQ(package->version(), (Version{1, 3}));
        EXPECT_TRUE(package->applets().empty());
        EXPECT_EQ(to_hex(package->load_file_data_block(true)), to_hex(library(minor)));
    }
}

TEST(Package, SkipsDebugAndCustomComponents) {
    auto block = library(3);
    append(block, from_hex("0C 0002 0000  80 0003 010203"));
    // Debug is not loaded, so what Directory lists of it does not count.
    EXPECT_TRUE(Package::parse_load_file_data_block(block));
}

TEST(Imports, AreMetByTheSameMajorAndAtLeastTheMinorVersion) {
    auto package = applet("transit-1.0.cap").package();
    auto aid = [](std::string_view hex) { return iso7816::Aid::constant(hex); };
    std::vector<Import> enough{{aid("A0000000620001"), {1, 9}},
                               {aid("A0000000620101"), {1, 9}},
                               {aid("A0000000620102"), {1, 9}},
                               {aid("A0000000620201"), {1, 9}}};
    EXPECT_TRUE(check_imports(package, enough));
    auto too_old = enough;
    too_old[1].version = {1, 0};
    auto error = check_imports(package, too_old).error();
    EXPECT_EQ(error.code, "cap.missing_import");
    EXPECT_THAT(error.message, HasSubstr("javacard.framework 1.3"));
    auto other_major = enough;
    other_major[0].version = {2, 0};
    EXPECT_EQ(missing_imports(package, other_major).size(), 1U);
    EXPECT_EQ(missing_imports(package, {}).size(), package.imports().size());
}

}  // namespace
}  // namespace oti::cap
