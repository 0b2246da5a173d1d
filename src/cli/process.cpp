// SPDX-License-Identifier: Apache-2.0
#include "cli/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>
#include <utility>

namespace oti::cli {
namespace {

constexpr std::chrono::seconds kPatience{5};

}  // namespace

Result<Process> Process::start(const std::filesystem::path& program,
                               const std::vector<std::string>& arguments, const std::filesystem::path& log,
                               const NetworkNamespace* network) {
    std::vector<std::string> all{program.filename()};
    all.insert(all.end(), arguments.begin(), arguments.end());
    std::vector<char*> pointers;
    pointers.reserve(all.size() + 1);
    for (auto& argument : all) pointers.push_back(argument.data());
    pointers.push_back(nullptr);

    std::array<int, 2> output{};
    int log_file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (log_file < 0 || ::pipe2(output.data(), O_CLOEXEC) != 0) {
        return fail(ErrorKind::kIo, "process.start", "cannot start another process");
    }
    auto parent = ::getpid();
    auto pid = ::fork();
    if (pid == 0) {
        // From here to exec only calls that are safe between fork and exec.
        ::prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (::getppid() != parent) ::_exit(1);
        if (network != nullptr && ::setns(network->descriptor(), CLONE_NEWNET) != 0) ::_exit(1);
        ::dup2(output[1], STDOUT_FILENO);
        ::dup2(log_file, STDERR_FILENO);
        ::execv(program.c_str(), pointers.data());
        ::_exit(1);
    }
    ::close(output[1]);
    ::close(log_file);
    if (pid < 0) {
        ::close(output[0]);
        return fail(ErrorKind::kIo, "process.start", "cannot start another process");
    }
    return Process(pid, output[0]);
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      output_(std::exchange(other.output_, -1)),
      buffered_(std::move(other.buffered_)) {}

Process& Process::operator=(Process&& other) noexcept {
    if (this == &other) return *this;
    stop();
    pid_ = std::exchange(other.pid_, -1);
    output_ = std::exchange(other.output_, -1);
    buffered_ = std::move(other.buffered_);
    return *this;
}

Process::~Process() {
    stop();
}

Result<std::string> Process::read_line() {
    while (true) {
        if (auto end = buffered_.find('\n'); end != std::string::npos) {
            auto line = buffered_.substr(0, end);
            buffered_.erase(0, end + 1);
            return line;
        }
        std::array<char, 4096> chunk{};
        auto count = ::read(output_, chunk.data(), chunk.size());
        if (count <= 0) return fail(ErrorKind::kIo, "process.ended", "a process of ours has ended too early");
        buffered_.append(chunk.data(), static_cast<std::size_t>(count));
    }
}

std::optional<int> Process::exit_status() {
    int status = 0;
    ::waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? std::optional(WEXITSTATUS(status)) : std::nullopt;
}

Status Process::wait() {
    auto status = exit_status();
    if (status == 0) return {};
    return fail(ErrorKind::kIo, "process.failed",
                status ? fmt::format("a process of ours has failed with status {}", *status)
                       : "a process of ours was ended by a signal");
}

Status Process::terminate(int signal) {
    ::kill(pid_, signal);
    return wait();
}

void Process::stop() {
    if (output_ >= 0) ::close(std::exchange(output_, -1));
    if (pid_ < 0) return;
    ::kill(pid_, SIGTERM);
    auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (std::chrono::steady_clock::now() < deadline) {
        if (::waitpid(pid_, nullptr, WNOHANG) != 0) {
            pid_ = -1;
            return;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    kill();
}

void Process::kill() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(std::exchange(pid_, -1), nullptr, 0);
}

std::chrono::nanoseconds Process::processor_time() const {
    // The first number of schedstat is the time on a processor, in nanoseconds, of one thread.
    std::chrono::nanoseconds sum{};
    std::error_code error;
    for (const auto& thread :
         std::filesystem::directory_iterator(fmt::format("/proc/{}/task", pid_), error)) {
        std::ifstream stream(thread.path() / "schedstat");
        std::int64_t nanoseconds = 0;
        if (stream >> nanoseconds) sum += std::chrono::nanoseconds(nanoseconds);
    }
    return sum;
}

}  // namespace oti::cli
