// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <map>

#include "card/applet_platform.h"
#include "card/applet_storage.h"
#include "iso7816/apdu.h"

namespace oti::card {

struct Channel;
struct Environment;

/// The applets of the card, which run in the virtual machine, as the OPEN and the commands of content
/// management see them. What becomes of them is decided like all else that a command changes: `end_command`
/// stores it in the transaction of the command.
class Applets {
  public:
    Applets() = default;
    Applets(const Applets&) = delete;
    Applets& operator=(const Applets&) = delete;

    /// With what the memory holds. The environment outlives it. Errors of the virtual machine.
    Status start(Environment& environment);
    /// Power off and on.
    void reset();

    // Content management: what the virtual machine has to do is put down, and done when nothing else can
    // refuse the command
    // ------------------------------------------------------------------------------------------
    void plan_load(const Aid& load_file);
    /// `privileges` and `parameters` (the value of C9) are for the applet's install method.
    /// 6A80: all of it is more than the 255 bytes that the method can be given.
    std::expected<void, iso7816::StatusWord> plan_installation(const Application& entry, BytesView privileges,
                                                               BytesView parameters);
    void plan_removal(std::vector<Aid> instances, std::vector<Aid> load_files);
    /// All of it or nothing, for the command on this channel: 6A80 for code that does not link, 6A84, 6985
    /// for what is in use, or what the applet threw.
    std::expected<void, iso7816::StatusWord> carry_out(const Channel& channel);
    void forget_plans();

    // Running ----------------------------------------------------------------------------------------------
    /// Whether the virtual machine runs it; security domains it does not.
    bool is_applet(const Aid& instance) const;
    /// False if it does not want to be.
    bool select(const Aid& instance, Channel& channel);
    // For whoever is selected on the channel.
    void deselect(Channel& channel);
    /// The class byte has the number of the channel.
    iso7816::ResponseApdu process(Channel& channel, const iso7816::CommandApdu& command, bool selecting);
    /// INSTALL [for personalization]: whether it takes data from its domain, and STORE DATA, which it gets.
    bool accepts_data(const Aid& instance) const;
    iso7816::ResponseApdu process_data(const Aid& instance, Channel& channel,
                                       const iso7816::CommandApdu& command);

    /// Stores what has changed since.
    void end_command();
    /// Why an applet or its code was refused or stopped since this was asked last, for who develops it.
    std::string take_diagnosis() { return std::exchange(diagnosis_, {}); }

    /// Whose an object is, by its record: an instance, or the load file whose static fields have it; nothing
    /// for the runtime environment's own.
    std::optional<Aid> owner_of(BytesView record) const;
    /// Bytes of transient arrays.
    std::uint64_t volatile_memory_used_by(const Aid& instance) const;

  private:
    /// How much there is for applets while a command runs.
    class Memory final : public javacard::MemoryPolicy {
      public:
        explicit Memory(const Applets& applets) : applets_(applets) {}
        std::size_t available(javacard::Owner owner, javacard::Persistence persistence,
                              std::size_t used) const override;
        /// At the end of a command: all is to be looked up again.
        void forget() { limits_.clear(); }

      private:
        const Applets& applets_;
        /// By owner: how much may be in use by all.
        mutable std::map<std::pair<std::optional<Aid>, bool>, std::size_t> limits_;
    };
    struct Installation {
        Aid load_file, module, instance;
        Bytes parameters;
    };

    std::expected<void, iso7816::StatusWord> load(const Aid& load_file);
    std::expected<void, iso7816::StatusWord> install(const Installation& plan, const Channel& channel);
    /// What one call into the applet gave.
    javacard::Outcome call(Channel& channel, const Aid& instance,
                           const std::function<javacard::Outcome(javacard::AppletId)>& what);
    void note(const javacard::Outcome& outcome, const Aid& instance);

    Environment* environment_ = nullptr;
    std::optional<ObjectsInNvm> objects_;
    std::optional<CodeInRegistry> code_;
    Memory memory_{*this};
    std::optional<AppletPlatform> platform_;
    std::unique_ptr<javacard::Runtime> runtime_;

    std::optional<Aid> to_load_;
    std::optional<Installation> to_install_;
    std::optional<Aid> installing_;
    std::vector<Aid> instances_to_remove_, load_files_to_remove_;
    std::string diagnosis_;
};

}  // namespace oti::card
