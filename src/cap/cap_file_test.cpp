// SPDX-License-Identifier: Apache-2.0
#include "cap/cap_file.h"

#include <gmock/gmock.h>
#include <zip.h>

#include <fstream>

#include "base/hex.h"
#include "cap/load_file.h"
#include "cap/test_package.h"

namespace oti::cap {
namespace {

using ::testing::HasSubstr;

using Files = std::map<std::string, Bytes>;

/// The archive's bytes.
Bytes zip(const Files& files) {
    zip_source_t* source = zip_source_buffer_create(nullptr, 0, 0, nullptr);
    zip_source_keep(source);
    zip_t* archive = zip_open_from_source(source, ZIP_TRUNCATE, nullptr);
    for (const auto& [path, content] : files) {
        zip_file_add(archive, path.c_str(), zip_source_buffer(archive, content.data(), content.size(), 0), 0);
    }
    EXPECT_EQ(zip_close(archive), 0);
    zip_source_open(source);
    zip_source_seek(source, 0, SEEK_END);
    Bytes bytes(static_cast<std::size_t>(zip_source_tell(source)));
    zip_source_seek(source, 0, SEEK_SET);
    zip_source_read(source, bytes.data(), bytes.size());
    zip_source_close(source);
    zip_source_free(source);
    return bytes;
}

/// The package's component files in `folder`, with a manifest beside them.
Files files_of(const TestPackage& package, const std::string& folder = "a/b/javacard/") {
    Files files{{"META-INF/MANIFEST.MF", to_bytes(as_bytes("Manifest-Version: 1.0\n"))}};
    for (auto tag : kLoadOrder) {
        auto component = package.component(tag);
        auto extension = tag == ComponentTag::StaticResources ? ".capx" : ".cap";
        if (!component.empty()) files[folder + std::string(name(tag)) + extension] = component;
    }
    return files;
}

std::string code(const Result<CapFile>& cap) {
    return cap ? "" : cap.error().code;
}

struct Known {
    const char* file;
    const char* package;
    Version version;
    const char* module;
    std::size_t load_file;
    std::size_t with_descriptor;
};

/// The sizes in applets/README.md, which the script that built the files computed with a shell.
TEST(CapFile, ReadsOurApplets) {
    const Known known[] = {
        {"hello.cap", "F04F544901", {1, 0}, "F04F54490101", 399, 536},
        {"transit-1.0.cap", "F04F544902", {1, 0}, "F04F54490201", 9325, 12776},
        {"transit-1.1.cap", "F04F544902", {1, 1}, "F04F54490201", 10119, 13803},
    };
    for (const auto& expected : known) {
        auto cap = CapFile::read(std::string(OTI_SOURCE_DIR "/applets/") + expected.file);
        ASSERT_TRUE(cap) << cap.error().message;
        EXPECT_EQ(cap->package().aid().hex(), expected.package);
        EXPECT_EQ(cap->package().version(), expected.version);
        EXPECT_EQ(cap->package().format(), (Version{2, 1}));
        ASSERT_EQ(cap->package().applets().size(), 1U);
        EXPECT_EQ(cap->package().applets()[0].hex(), expected.module);
        EXPECT_EQ(load_file(cap->load_file_data_block()).size(), expected.load_file);
        EXPECT_EQ(load_file(cap->load_file_data_block(true)).size(), expected.with_descriptor);
    }
}

TEST(CapFile, LoadFilesOfOurAppletsCannotBeCutAnywhere) {
    for (auto file : {"hello.cap", "transit-1.0.cap", "transit-1.1.cap"}) {
        auto cap = CapFile::read(std::string(OTI_SOURCE_DIR "/applets/") + file);
        ASSERT_TRUE(cap);
        auto block = cap->load_file_data_block();
        for (std::size_t size = 0; size < block.size(); ++size) {
            auto package = Package::parse_load_file_data_block(BytesView(block).first(size));
            ASSERT_FALSE(package) << file << " " << size;
            ASSERT_EQ(package.error().code, "cap.damaged");
        }
    }
}

TEST(CapFile, GivesTheComponentsInLoadOrder) {
    for (auto minor : std::to_array<std::uint8_t>({1, 2, 3})) {
        auto package = TestPackage::make(minor);
        if (minor == 3) package.info[ComponentTag::StaticResources] = from_hex("0001 0007 00000003 AABBCC");
        auto cap = CapFile::parse(zip(files_of(package)));
        ASSERT_TRUE(cap) << cap.error().message;
        EXPECT_EQ(cap->load_file_data_block(true), package.block());
        auto without = package.block();
        without.resize(without.size() - package.component(ComponentTag::Descriptor).size());
        EXPECT_EQ(cap->load_file_data_block(), without);
    }
}

TEST(CapFile, TakesAnyCaseAnyFolderAndOtherFiles) {
    auto package = TestPackage::make(1);
    Files files;
    for (const auto& [path, content] : files_of(package, "javacard/")) {
        auto upper = path;
        for (auto& c : upper) c = static_cast<char>(std::toupper(c));
        files[upper] = content;
    }
    files["APPLET-INF/applet.xml"] = Bytes(100);
    files["other/Header.cap"] = Bytes(5);
    files["other/javacard/other.cap"] = Bytes(5);
    EXPECT_EQ(code(CapFile::parse(zip(files))), "");
}

TEST(CapFile, NamesTheComponentThatIsMissing) {
    auto package = TestPackage::make(1);
    package.info[ComponentTag::Directory] = package.directory();
    for (auto tag : kLoadOrder) {
        auto files = files_of(package);
        if (files.erase("a/b/javacard/" + std::string(name(tag)) + ".cap") == 0) continue;
        auto cap = CapFile::parse(zip(files));
        if (tag == ComponentTag::Descriptor) {
            EXPECT_TRUE(cap);
        } else if (tag == ComponentTag::Header) {
            EXPECT_EQ(code(cap), "cap.no_package");
        } else {
            ASSERT_EQ(code(cap), "cap.damaged");
            EXPECT_THAT(cap.error().message, HasSubstr(std::string(name(tag))));
        }
    }
}

TEST(CapFile, NamesTheComponentWhoseFileIsCutOrTooLong) {
    auto package = TestPackage::make(1);
    for (auto tag : kLoadOrder) {
        auto path = "a/b/javacard/" + std::string(name(tag)) + ".cap";
        auto files = files_of(package);
        if (!files.contains(path)) continue;
        for (std::size_t size = 0; size < files[path].size(); ++size) {
            auto cut = files;
            cut[path].resize(size);
            auto cap = CapFile::parse(zip(cut));
            ASSERT_EQ(code(cap), "cap.damaged");
            if (size > 0) EXPECT_THAT(cap.error().message, HasSubstr(std::string(name(tag))));
        }
        files[path].push_back(0);
        auto cap = CapFile::parse(zip(files));
        ASSERT_EQ(code(cap), "cap.damaged");
        EXPECT_THAT(cap.error().message, HasSubstr(std::string(name(tag))));
    }
    auto files = files_of(package);
    std::swap(files["a/b/javacard/Import.cap"], files["a/b/javacard/Method.cap"]);
    EXPECT_EQ(code(CapFile::parse(zip(files))), "cap.damaged");
}

TEST(CapFile, RefusesArchivesWithoutOrWithSeveralPackages) {
    EXPECT_EQ(code(CapFile::parse({})), "cap.archive");
    EXPECT_EQ(code(CapFile::parse(as_bytes("no archive at all"))), "cap.archive");
    EXPECT_EQ(code(CapFile::parse(zip({{"a/B.class", Bytes(10)}}))), "cap.no_package");
    auto files = files_of(TestPackage::make(1));
    files.merge(files_of(TestPackage::make(2), "c/javacard/"));
    EXPECT_EQ(code(CapFile::parse(zip(files))), "cap.many_packages");
    auto twice = files_of(TestPackage::make(1));
    twice["A/B/javacard/header.cap"] = twice["a/b/javacard/Header.cap"];
    EXPECT_EQ(code(CapFile::parse(zip(twice))), "cap.archive");
}

TEST(CapFile, RefusesWhatIsTooLarge) {
    auto files = files_of(TestPackage::make(1));
    files["a/b/javacard/Debug.cap"] = Bytes(2U << 20);  // a few kilobytes when packed
    auto packed = zip(files);
    ASSERT_LT(packed.size(), 10'000U);
    EXPECT_EQ(code(CapFile::parse(packed)), "cap.too_large");

    Files many;
    for (int i = 0; i < 5000; ++i) many[std::to_string(i)] = {};
    EXPECT_EQ(code(CapFile::parse(zip(many))), "cap.too_large");
    EXPECT_EQ(code(CapFile::parse(Bytes(5U << 20))), "cap.too_large");
}

TEST(CapFile, SurvivesEveryTruncationAndChangedByteOfAnArchive) {
    const auto whole = zip(files_of(TestPackage::make(2)));
    for (std::size_t at = 0; at < whole.size(); ++at) {
        EXPECT_FALSE(CapFile::parse(BytesView(whole).first(at))) << at;
        auto changed = whole;
        changed[at] ^= 0xFF;
        auto cap = CapFile::parse(changed);
        if (!cap) EXPECT_THAT(cap.error().code, testing::StartsWith("cap."));
    }
}

TEST(CapFile, SaysWhichFileCannotBeRead) {
    auto none = CapFile::read("/nonexistent/x.cap");
    ASSERT_EQ(code(none), "cap.unreadable");
    EXPECT_EQ(none.error().kind, ErrorKind::kIo);
    EXPECT_THAT(none.error().message, HasSubstr("/nonexistent/x.cap"));
    EXPECT_EQ(code(CapFile::read(OTI_SOURCE_DIR "/applets")), "cap.unreadable");
    auto other = CapFile::read(OTI_SOURCE_DIR "/applets/README.md");
    ASSERT_EQ(code(other), "cap.archive");
    EXPECT_THAT(other.error().message, HasSubstr("README.md"));
}

TEST(LoadFile, IsC4LengthAndBlock) {
    EXPECT_EQ(load_file(from_hex("AABB")), from_hex("C402AABB"));
    auto long_file = load_file(Bytes(300, 0x11));
    EXPECT_EQ(to_hex(BytesView(long_file).first(4)), "C482012C");
    auto block = data_block_of(long_file);
    ASSERT_TRUE(block);
    EXPECT_TRUE(same(*block, Bytes(300, 0x11)));
}

TEST(LoadFile, RefusesAnythingElse) {
    for (auto wrong : {"", "C4", "C402AA", "C401AABB", "D401AA", "E203010203"}) {
        auto block = data_block_of(from_hex(wrong));
        ASSERT_FALSE(block) << wrong;
        EXPECT_EQ(block.error().code, "cap.load_file");
    }
}

}  // namespace
}  // namespace oti::cap
