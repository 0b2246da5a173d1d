// SPDX-License-Identifier: Apache-2.0
#include "cap/cap_file.h"

#include <fmt/format.h>
#include <zip.h>

#include <fstream>
#include <memory>

#include "base/byte_writer.h"
#include "base/tlv.h"

namespace oti::cap {
namespace {

constexpr std::size_t kMaxFile = 4 << 20;
constexpr std::size_t kMaxComponents = 2 << 20;
constexpr zip_int64_t kMaxEntries = 1024;
constexpr Tag kLoadFileDataBlock = 0xC4;

std::unexpected<Error> damaged(std::string why) {
    return fail(ErrorKind::kUsage, "cap.damaged", "the CAP file is damaged: " + std::move(why));
}

struct CloseZip {
    void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct CloseEntry {
    void operator()(zip_file_t* entry) const { zip_fclose(entry); }
};
using Archive = std::unique_ptr<zip_t, CloseZip>;

Result<Archive> open_archive(BytesView file) {
    zip_error_t error;
    zip_error_init(&error);
    auto* source = zip_source_buffer_create(file.data(), file.size(), 0, &error);
    if (source == nullptr) throw std::bad_alloc();
    Archive archive(zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error));
    if (!archive) {
        zip_source_free(source);
        auto why = std::string(zip_error_strerror(&error));
        zip_error_fini(&error);
        return damaged("no ZIP archive (" + why + ")");
    }
    return archive;
}

/// "org/oti/javacard/Header.cap" is Header; anything else that a JAR holds is nothing.
std::optional<ComponentTag> component_of(std::string_view path, std::string& folder) {
    constexpr std::string_view kFolder = "javacard/", kSuffix = ".cap";
    auto at = path.rfind(kFolder);
    if (at == std::string_view::npos || !path.ends_with(kSuffix)) return std::nullopt;
    auto file = path.substr(at + kFolder.size());
    file.remove_suffix(kSuffix.size());
    for (int tag = 1; tag <= static_cast<int>(ComponentTag::kDebug); ++tag) {
        if (name(static_cast<ComponentTag>(tag)) == file) {
            folder = path.substr(0, at);
            return static_cast<ComponentTag>(tag);
        }
    }
    return std::nullopt;
}

Result<Bytes> read_entry(zip_t* archive, zip_uint64_t index, std::string_view path, std::size_t room) {
    zip_stat_t status;
    if (zip_stat_index(archive, index, 0, &status) != 0 || (status.valid & ZIP_STAT_SIZE) == 0) {
        return damaged(fmt::format("{} has no size", path));
    }
    if (status.size > room) {
        return fail(ErrorKind::kUsage, "cap.too_large", "the CAP file's components have more than 2 MiB");
    }
    std::unique_ptr<zip_file_t, CloseEntry> entry(zip_fopen_index(archive, index, 0));
    Bytes content(status.size);
    if (!entry ||
        zip_fread(entry.get(), content.data(), content.size()) != static_cast<zip_int64_t>(content.size())) {
        return damaged(fmt::format("{} cannot be unpacked", path));
    }
    // Only reading to the end checks the entry's CRC.
    std::uint8_t beyond = 0;
    if (zip_fread(entry.get(), &beyond, 1) != 0)
        return damaged(fmt::format("{} has a wrong checksum or size", path));
    return content;
}

}  // namespace

Result<CapFile> CapFile::parse(BytesView file) {
    if (file.size() > kMaxFile) {
        return fail(ErrorKind::kUsage, "cap.too_large", "the CAP file has more than 4 MiB");
    }
    OTI_TRY(auto archive, open_archive(file));
    auto entries = zip_get_num_entries(archive.get(), 0);
    if (entries > kMaxEntries) return damaged("too many files in the archive");
    Bytes block;
    std::string folder_of_all;
    for (zip_uint64_t index = 0; index < static_cast<zip_uint64_t>(entries); ++index) {
        const char* path = zip_get_name(archive.get(), index, 0);
        std::string folder;
        if (path == nullptr || !component_of(path, folder)) continue;
        if (!block.empty() && folder != folder_of_all)
            return damaged("it has components of more than one package");
        folder_of_all = folder;
        OTI_TRY(auto component, read_entry(archive.get(), index, path, kMaxComponents - block.size()));
        append(block, component);
    }
    if (block.empty()) return damaged("it has no components");
    OTI_TRY(auto package, Package::parse_load_file_data_block(block));
    return CapFile(std::move(package));
}

Result<CapFile> CapFile::read(const std::filesystem::path& path) {
    std::ifstream stream(path, std::ios::binary);
    if (!stream || std::filesystem::is_directory(path)) {
        return fail(ErrorKind::kIo, "cap.missing", "cannot read the CAP file " + path.string());
    }
    Bytes content;
    content.resize(kMaxFile + 1);
    stream.read(reinterpret_cast<char*>(content.data()), static_cast<std::streamsize>(content.size()));
    content.resize(static_cast<std::size_t>(stream.gcount()));
    auto parsed = parse(content);
    if (!parsed) return during(path.string(), parsed.error());
    return parsed;
}

Bytes CapFile::load_file(bool with_descriptor) const {
    return encode_tlv(kLoadFileDataBlock, package_.load_file_data_block(with_descriptor));
}

Result<BytesView> data_block_of(BytesView load_file) {
    ByteReader reader(load_file, "load file");
    auto object = read_tlv(reader);
    if (!object || object->tag != kLoadFileDataBlock || !reader.empty()) {
        return fail(ErrorKind::kUsage, "cap.damaged", "the load file is not one load file data block");
    }
    return object->value;
}

}  // namespace oti::cap
