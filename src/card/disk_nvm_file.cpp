// SPDX-License-Identifier: Apache-2.0
#include "card/disk_nvm_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/descriptor.h"

namespace oti::card {
namespace {

std::unexpected<Error> io_error(std::string_view what, const std::filesystem::path& path) {
    return fail(ErrorKind::kIo, "se.io", fmt::format("{} {}: {}", what, path.string(), std::strerror(errno)));
}

std::unexpected<Error> busy(const std::filesystem::path& path) {
    return fail(ErrorKind::kIo, "se.busy",
                fmt::format("the secure element {} is in use by another program", path.string()),
                "end the other program (`oti se serve`?) or use another file");
}

bool write_all(int fd, BytesView bytes) {
    while (!bytes.empty()) {
        auto written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return true;
}

Status sync_directory_of(const std::filesystem::path& path) {
    auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.get() < 0 || ::fsync(directory.get()) != 0) return io_error("sync of the folder of", path);
    return {};
}

/// Whether the name still stands for the file that is open: its owner may have replaced it meanwhile.
bool is_still(int fd, const std::filesystem::path& path) {
    struct stat opened{};
    struct stat named{};
    return ::fstat(fd, &opened) == 0 && ::stat(path.c_str(), &named) == 0 && opened.st_ino == named.st_ino &&
           opened.st_dev == named.st_dev;
}

}  // namespace

Result<std::unique_ptr<DiskNvmFile>> DiskNvmFile::create(const std::filesystem::path& path) {
    Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600));
    if (file.get() < 0 && errno == EEXIST) {
        return fail(ErrorKind::kUsage, "se.exists", fmt::format("{} exists already", path.string()),
                    "choose another name, or remove the file if the secure element may go");
    }
    if (file.get() < 0) return io_error("creation of", path);
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) return busy(path);
    OTI_CHECK(sync_directory_of(path));
    return std::unique_ptr<DiskNvmFile>(new DiskNvmFile(path, file.release()));
}

Result<std::unique_ptr<DiskNvmFile>> DiskNvmFile::open(const std::filesystem::path& path) {
    Descriptor file(::open(path.c_str(), O_RDWR | O_APPEND | O_CLOEXEC));
    if (file.get() < 0 && errno == ENOENT) {
        return fail(ErrorKind::kUsage, "se.missing",
                    fmt::format("there is no secure element {}", path.string()),
                    "make one with `oti se new`");
    }
    if (file.get() < 0) return io_error("opening of", path);
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) return busy(path);
        return io_error("locking of", path);
    }
    // Locked, but a file that its owner has just replaced: the owner is still at work with the new one.
    if (!is_still(file.get(), path)) return busy(path);
    return std::unique_ptr<DiskNvmFile>(new DiskNvmFile(path, file.release()));
}

DiskNvmFile::~DiskNvmFile() {
    ::close(fd_);
}

Result<Bytes> DiskNvmFile::read_all() {
    struct stat status{};
    if (::fstat(fd_, &status) != 0) return io_error("reading of", path_);
    Bytes content(static_cast<std::size_t>(status.st_size));
    std::size_t done = 0;
    while (done < content.size()) {
        auto count = ::pread(fd_, content.data() + done, content.size() - done, static_cast<off_t>(done));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return io_error("reading of", path_);
        if (count == 0) break;
        done += static_cast<std::size_t>(count);
    }
    content.resize(done);
    return content;
}

Status DiskNvmFile::append(BytesView bytes) {
    if (!write_all(fd_, bytes) || ::fdatasync(fd_) != 0) return io_error("writing of", path_);
    return {};
}

Status DiskNvmFile::replace(BytesView bytes) {
    auto fresh_path = path_;
    fresh_path += ".new";
    // Left over from a power cut at worst: nobody else writes it, since this object holds the lock.
    Descriptor fresh(::open(fresh_path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600));
    if (fresh.get() < 0) return io_error("creation of", fresh_path);
    // Locked before it takes the name, so that there is no moment at which the name is free.
    if (::flock(fresh.get(), LOCK_EX | LOCK_NB) != 0) return busy(fresh_path);
    if (!write_all(fresh.get(), bytes) || ::fsync(fresh.get()) != 0)
        return io_error("writing of", fresh_path);
    if (::rename(fresh_path.c_str(), path_.c_str()) != 0) return io_error("renaming to", path_);
    ::close(std::exchange(fd_, fresh.release()));
    return sync_directory_of(path_);
}

}  // namespace oti::card
