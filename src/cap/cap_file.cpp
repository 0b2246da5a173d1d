// SPDX-License-Identifier: Apache-2.0
#include "cap/cap_file.h"

#include <fmt/format.h>

#include <fstream>
#include <map>

#include "cap/archive.h"
#include "cap/component_reader.h"
#include "cap/frame.h"

namespace oti::cap {
namespace {

constexpr std::string_view kFolder = "javacard/";
constexpr std::streamoff kMaxFile = 4 << 20;

/// What an entry is in the package: the folder that it stands in, and the component's file name.
struct Place {
    std::string folder;
    std::string file;
};

/// Nothing unless the entry stands in a folder named `javacard`.
std::optional<Place> place_of(std::string_view path) {
    auto lower = lower_case(path);
    auto slash = lower.rfind('/');
    if (slash == std::string::npos) return std::nullopt;
    Place place{lower.substr(0, slash + 1), lower.substr(slash + 1)};
    bool right = place.folder == kFolder || place.folder.ends_with(fmt::format("/{}", kFolder));
    return right ? std::optional(place) : std::nullopt;
}

std::string file_name(ComponentTag tag) {
    auto extension = tag == ComponentTag::StaticResources ? "capx" : "cap";
    return lower_case(fmt::format("{}.{}", name(tag), extension));
}

using Folder = std::map<std::string, Bytes>;  ///< component files by lower-case name

/// The one folder with a Header.
Result<Folder> package_folder(std::vector<ArchiveEntry> entries) {
    std::map<std::string, Folder> folders;
    for (auto& entry : entries) {
        auto place = place_of(entry.path);
        if (!place) continue;
        auto [at, inserted] = folders[place->folder].try_emplace(place->file, std::move(entry.content));
        if (!inserted) {
            return fail(ErrorKind::kUsage, "cap.archive",
                        fmt::format("the CAP file has {} twice", entry.path));
        }
    }
    std::erase_if(folders, [](const auto& folder) { return !folder.second.contains("header.cap"); });
    if (folders.empty()) {
        return fail(ErrorKind::kUsage, "cap.no_package", "the archive has no javacard/Header.cap",
                    "give the CAP file that the Java Card converter writes, not the classes");
    }
    if (folders.size() > 1) {
        return fail(ErrorKind::kUsage, "cap.many_packages",
                    fmt::format("the archive has {} packages", folders.size()),
                    "give a CAP file with one package");
    }
    return std::move(folders.begin()->second);
}

/// A component's file is the component as it is loaded. One that is cut or has something behind it would move
/// the blame to the next, so it is looked at by itself.
Status check_file(ComponentTag tag, BytesView file) {
    ByteReader reader(file, name(tag));
    OTI_TRY(auto frame, read_frame(reader, true));
    if (frame.tag == static_cast<std::uint8_t>(tag) && reader.empty()) return {};
    auto why = reader.empty() ? fmt::format("it begins with the tag {}", frame.tag)
                              : fmt::format("{} bytes too many", reader.remaining());
    return damaged(tag, frame.info.size(), why);
}

}  // namespace

Result<CapFile> CapFile::parse(BytesView zip) {
    OTI_TRY(auto entries, unpack(zip, {".cap", ".capx"}));
    OTI_TRY(auto folder, package_folder(std::move(entries)));
    Bytes block;
    for (auto tag : kLoadOrder) {
        auto file = folder.find(file_name(tag));
        if (file == folder.end()) continue;
        OTI_CHECK(check_file(tag, file->second));
        append(block, file->second);
    }
    OTI_TRY(auto package, Package::parse_load_file_data_block(block));
    return CapFile(std::move(package));
}

Result<CapFile> CapFile::read(const std::filesystem::path& path) {
    auto unreadable = [&] {
        return fail(ErrorKind::kIo, "cap.unreadable", fmt::format("cannot read {}", path.string()),
                    "check the name and the permissions");
    };
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) return unreadable();
    auto size = std::filesystem::file_size(path, error);
    if (error) return unreadable();
    if (size > kMaxFile) {
        return fail(ErrorKind::kUsage, "cap.too_large", fmt::format("{} has more than 4 MiB", path.string()));
    }
    std::ifstream file(path, std::ios::binary);
    Bytes bytes(size);
    if (!file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size)))
        return unreadable();
    auto cap = parse(bytes);
    if (!cap) return during(path.string(), std::move(cap).error());
    return cap;
}

Bytes CapFile::load_file_data_block(bool with_descriptor) const {
    ByteWriter block;
    for (auto tag : kLoadOrder) {
        if (tag == ComponentTag::Descriptor && !with_descriptor) continue;
        if (auto info = package_.component(tag)) write_frame(block, tag, *info);
    }
    return block.take();
}

}  // namespace oti::cap
