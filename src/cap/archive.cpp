// SPDX-License-Identifier: Apache-2.0
#include "cap/archive.h"

#include <fmt/format.h>
#include <zip.h>

#include <memory>

namespace oti::cap {
namespace {

constexpr std::size_t kMaxArchive = 4U << 20;
constexpr std::size_t kMaxUnpacked = 1U << 20;
constexpr zip_int64_t kMaxEntries = 4096;

struct Discard {
    void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct CloseFile {
    void operator()(zip_file_t* file) const { zip_fclose(file); }
};
using Archive = std::unique_ptr<zip_t, Discard>;
using File = std::unique_ptr<zip_file_t, CloseFile>;

std::unexpected<Error> broken(std::string_view why) {
    return fail(ErrorKind::kUsage, "cap.archive", fmt::format("the CAP file is no usable archive: {}", why),
                "a CAP file is the archive that the Java Card converter writes");
}

std::unexpected<Error> too_large(std::string_view what) {
    return fail(ErrorKind::kUsage, "cap.too_large", fmt::format("the CAP file has {}", what));
}

Result<Archive> open(BytesView zip) {
    zip_error_t error;
    zip_error_init(&error);
    auto explain = [&] {
        std::string text = zip_error_strerror(&error);
        zip_error_fini(&error);
        return text;
    };
    auto* source = zip_source_buffer_create(zip.data(), zip.size(), 0, &error);
    if (source == nullptr) return broken(explain());
    Archive archive(zip_open_from_source(source, ZIP_RDONLY, &error));
    if (!archive) {
        zip_source_free(source);
        return broken(explain());
    }
    zip_error_fini(&error);
    return archive;
}

/// What an entry says of its size may be a lie: no more than `limit` is ever unpacked.
Result<Bytes> unpack_entry(zip_t* archive, zip_uint64_t index, std::string_view path, std::size_t limit) {
    File file(zip_fopen_index(archive, index, 0));
    if (!file) return broken(fmt::format("{}: {}", path, zip_strerror(archive)));
    Bytes content;
    std::array<std::uint8_t, 4096> buffer;
    while (true) {
        auto got = zip_fread(file.get(), buffer.data(), buffer.size());
        if (got < 0) return broken(fmt::format("{}: {}", path, zip_file_strerror(file.get())));
        if (got == 0) return content;
        append(content, BytesView(buffer).first(static_cast<std::size_t>(got)));
        if (content.size() > limit) return too_large("more than 1 MiB of components");
    }
}

}  // namespace

std::string lower_case(std::string_view text) {
    std::string lower(text);
    for (auto& c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return lower;
}

Result<std::vector<ArchiveEntry>> unpack(BytesView zip, const std::vector<std::string_view>& suffixes) {
    if (zip.empty()) return broken("it is empty");  // libzip would take it for a new archive
    if (zip.size() > kMaxArchive) return too_large("more than 4 MiB");
    OTI_TRY(auto archive, open(zip));
    auto count = zip_get_num_entries(archive.get(), 0);
    if (count > kMaxEntries) return too_large(fmt::format("{} entries", count));
    std::vector<ArchiveEntry> entries;
    std::size_t total = 0;
    for (zip_uint64_t i = 0; i < static_cast<zip_uint64_t>(count); ++i) {
        const char* name = zip_get_name(archive.get(), i, 0);
        if (name == nullptr) return broken("an entry without a name");
        std::string path(name);
        auto lower = lower_case(path);
        if (std::ranges::none_of(suffixes, [&](auto suffix) { return lower.ends_with(suffix); })) continue;
        OTI_TRY(auto content, unpack_entry(archive.get(), i, path, kMaxUnpacked - total));
        total += content.size();
        entries.push_back({std::move(path), std::move(content)});
    }
    return entries;
}

}  // namespace oti::cap
