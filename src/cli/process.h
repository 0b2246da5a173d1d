// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/network_namespace.h"

namespace oti::cli {

/// A run of a program, mostly of `oti`, which ends with this object and with this process, whatever happens
/// to it.
class Process {
  public:
    /// What it writes to standard error is added to `log`. It runs in the network given, or in the calling
    /// thread's. Error `process.start`.
    static Result<Process> start(const std::filesystem::path& program,
                                 const std::vector<std::string>& arguments, const std::filesystem::path& log,
                                 const NetworkNamespace* network = nullptr);

    ~Process();
    Process(Process&& other) noexcept;
    Process& operator=(Process&& other) noexcept;

    /// The next line of its standard output, without the line break. Error `process.ended`.
    Result<std::string> read_line();
    /// Waits for its end; nothing if a signal ended it.
    std::optional<int> exit_status();
    /// Waits for its end. Error `process.failed` unless its exit status is 0.
    Status wait();
    /// Asks it to end, waits, and insists after 5 seconds.
    void stop();
    /// Asks it to end by a signal and waits. Error `process.failed` unless its exit status is 0.
    Status terminate(int signal);
    /// Ends it at once, as a crash would.
    void kill();
    /// Processor time that it has used.
    std::chrono::nanoseconds processor_time() const;

  private:
    Process(int pid, int output) : pid_(pid), output_(output) {}
    int pid_ = -1;
    int output_ = -1;
    std::string buffered_;
};

}  // namespace oti::cli
