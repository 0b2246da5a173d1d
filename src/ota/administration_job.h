// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "ota/administration_work.h"

namespace oti::ota {

/// What a card takes of a script at once.
inline constexpr std::size_t kMaxAdministrationScript = 8192;

/// Work on one card in scripts, over as many connections as it takes. Of the server's end of Amendment B it
/// is what outlasts a connection.
class AdministrationJob {
  public:
    /// Scripts have at most `max_script` bytes. The work has to outlive this.
    explicit AdministrationJob(AdministrationWork& work, std::size_t max_script = kMaxAdministrationScript)
        : work_(&work), max_script_(max_script) {}

    /// The next script, which is then awaited; nothing when the work is done, or has failed.
    std::optional<Bytes> next();
    /// The response script to it.
    void answer(BytesView response_script);
    /// The card could not take it, for this reason (X-Admin-Script-Status).
    void refused(const std::string& status);
    /// The card begins anew, or goes on without having said what became of the script that is awaited.
    void interrupted();

    bool is_awaiting() const { return awaiting_; }
    bool is_over() const { return done_ || error_; }
    /// Why the work has failed.
    const std::optional<Error>& error() const { return error_; }
    /// Counts the scripts that were sent.
    unsigned sent() const { return sent_; }
    std::size_t interruptions() const { return interruptions_; }
    /// Octets of its connections, from the card and to it.
    void carried(std::uint64_t up, std::uint64_t down) { up_ += up, down_ += down; }
    std::uint64_t octets_up() const { return up_; }
    std::uint64_t octets_down() const { return down_; }

  private:
    Status prepare();
    Status read(BytesView response_script);
    void fail_with(Error error);

    AdministrationWork* work_;
    std::size_t max_script_;
    std::vector<RemoteCommand> commands_;
    std::vector<Script> scripts_;
    std::size_t at_ = 0;
    bool awaiting_ = false, done_ = false;
    unsigned sent_ = 0;
    std::size_t interruptions_ = 0;
    std::uint64_t up_ = 0, down_ = 0;
    std::optional<Error> error_;
};

}  // namespace oti::ota
