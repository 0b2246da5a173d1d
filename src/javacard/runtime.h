// SPDX-License-Identifier: Apache-2.0
// The runtime environment (JCRE specification 3.0.5): packages, applets, their life, and who is selected.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "iso7816/aid.h"
#include "javacard/apdu_exchange.h"
#include "javacard/linked.h"
#include "javacard/machine.h"
#include "javacard/platform.h"

namespace oti::javacard {

/// An applet instance.
struct Applet {
    AppletId id = kNoApplet;
    PackageId package = kNoPackage;
    iso7816::Aid module;
    iso7816::Aid aid;        ///< of the instance
    Ref object = kNull;      ///< the child of javacard.framework.Applet that registered
    Ref aid_object = kNull;  ///< the runtime environment's AID object for it
};

/// Where load file data blocks are kept between two sessions of the card.
class CodeStore {
  public:
    virtual ~CodeStore() = default;
    /// Of a package that was loaded. Any error makes the start fail.
    virtual Result<Bytes> load_file_data_block(const iso7816::Aid& package) const = 0;
};

/// What a runtime environment stands on; all of it outlives it.
struct Host {
    ObjectStore& objects;
    const CodeStore& code;
    const MemoryPolicy& memory;
    Platform& platform;
    Protocol protocol = Protocol::kT1;
    Limits limits = {};
    crypto::Random* random = nullptr;  ///< for applets' random numbers and keys; null: the system's
};

/// How a call into an applet ended.
struct Outcome {
    std::uint16_t sw = 0x9000;   ///< 9000, the reason of an ISOException, or 6F00 (JCRE 3.3)
    bool faulted = false;        ///< the code broke a rule or used up its budget
    bool out_of_memory = false;  ///< it ended with a SystemException for lack of memory
    std::string why = {};        ///< of 6F00, for people
    bool result = false;         ///< what select returned
    Bytes response = {};         ///< of process: what was sent, whatever the status
    bool ok() const { return sw == 0x9000; }
};

/// One card's runtime environment. All calls are one after another; what a command changed is stored by
/// `end_command`, or, if the card dies before, never.
class Runtime {
  public:
    /// With what the stores hold of earlier sessions. Errors `heap.damaged`, and those of linking what was
    /// loaded.
    static Result<std::unique_ptr<Runtime>> start(const Host& host);

    // Packages --------------------------------------------------------------------------------------------
    /// Links, verifies and initializes a package. Errors `javacard.link`, `javacard.verify`, both naming the
    /// component and the offset in it; `javacard.loaded` if there is one with its AID; `javacard.memory`.
    Result<PackageId> load(BytesView load_file_data_block);

    // Applets ---------------------------------------------------------------------------------------------
    /// Calls the module's install method with `parameters` (the whole array of JCRE 3.1: Li AID Lc control La
    /// data), as in the command that came on that channel. Succeeds if it registered, under `instance`;
    /// otherwise nothing stays of it.
    Outcome install(const iso7816::Aid& package, const iso7816::Aid& module, const iso7816::Aid& instance,
                    BytesView parameters, std::uint8_t channel = 0);
    /// Applets and packages that go together, or not at all; AppletEvent.uninstall is called first, as in the
    /// command that came on that channel. Error
    /// `javacard.referenced` while one of the applets is selected, while a package has another instance or is
    /// imported by another package, or while there is a reference to an object that would go.
    Status remove(std::span<const iso7816::Aid> instances, std::span<const iso7816::Aid> packages,
                  std::uint8_t channel = 0);

    /// `result` is whether the applet agreed. MultiSelectable's methods are called where the applet, or
    /// another of its package, is active on another channel (4.3).
    Outcome select(AppletId applet, std::uint8_t channel);
    Outcome deselect(AppletId applet, std::uint8_t channel);
    /// Has the applet process a command, which came on that channel.
    Outcome process(AppletId applet, std::uint8_t channel, iso7816::CommandApdu command, bool selecting);
    /// Whether a security domain can hand data to the applet (INSTALL [for personalization]).
    bool accepts_data(AppletId applet) const;
    /// Has it process a STORE DATA command, header first, that came for it to its security domain, on that
    /// channel. Its response, if it gives one, and its status.
    Outcome process_data(AppletId applet, std::uint8_t channel, BytesView command);
    /// Reset of the card: transient content is lost, nothing is selected.
    void reset();
    /// Object deletion where it was asked for; stores what has changed. At the end of each command.
    void end_command();

    const std::map<AppletId, Applet>& applets() const { return applets_; }
    const Applet* find(const iso7816::Aid& instance) const;
    const Applet* find(AppletId id) const;
    bool is_multiselectable(AppletId applet) const;
    const PackageTable& packages() const { return packages_; }
    Heap& heap() { return *heap_; }
    Machine& machine() { return *machine_; }

    // What the API asks -----------------------------------------------------------------------------------
    /// Applet.register: SystemException ILLEGAL_AID for another AID than that of the command.
    Guest<void> register_applet(Ref applet, std::optional<BytesView> aid);
    /// The AID of an applet's instance, also while it is installed; null for the runtime environment.
    const iso7816::Aid* instance_aid(AppletId applet) const;
    /// An AID object of the runtime environment, at the expense of an applet.
    Guest<Ref> make_aid(const iso7816::Aid& aid, AppletId payer);
    /// The runtime environment's AID object of an applet; null if there is no such applet yet.
    Ref aid_object(AppletId applet) const;
    /// The applet with exactly this AID.
    Ref lookup_aid(BytesView aid) const;
    bool is_selecting() const { return selecting_; }
    std::uint8_t assigned_channel() const { return channel_; }
    bool is_active(BytesView applet) const;
    /// JCSystem.getAvailableMemory.
    std::size_t available_memory(Owner owner, Persistence sort) const;
    void request_object_deletion() { collect_ = true; }
    /// At the end of the command: those that applets have made (JCSystem.makeGlobalArray).
    void free_global_arrays() { free_global_arrays_ = true; }
    Protocol protocol() const { return host_.protocol; }
    Platform& platform() { return host_.platform; }
    ApduExchange& apdu() { return apdu_; }
    Ref apdu_object() const { return apdu_object_; }
    Ref apdu_buffer() const { return apdu_buffer_; }
    /// Whether this owner's applet is the one that processes a command now.
    bool is_processing(Owner owner) const;
    /// JCSystem.getAppletShareableInterfaceObject; null if there is no such applet or it gives none.
    Guest<Ref> shareable_interface_object(BytesView server, std::int8_t parameter);

  private:
    explicit Runtime(const Host& host) : host_(host) {}

    Status read_state();
    Result<Ref> make_global_array(std::size_t size);
    Result<Ref> make_apdu_object();
    Status check_objects();
    Bytes state() const;
    Status initialize_statics(LinkedPackage& package);
    Status check_removal(std::span<const Applet> applets, std::span<const PackageId> packages) const;
    void free_objects_of(std::span<const Applet> applets, std::span<const PackageId> packages);
    /// Ends a call into an applet: its transaction, if it left one open, is aborted.
    Outcome outcome(const Guest<Value>& result);
    /// Before an applet is called: whose CLEAR_ON_DESELECT memory can be used.
    void see_selection();
    Outcome call_selection(AppletId applet, std::uint8_t channel, bool select);
    std::string describe(const Object* thrown) const;

    Host host_;
    PackageTable packages_;
    std::unique_ptr<Heap> heap_;
    std::unique_ptr<Machine> machine_;
    std::vector<PackageId> loaded_;  ///< in the order in which they were
    std::map<AppletId, Applet> applets_;
    std::map<std::uint8_t, AppletId> selected_;  ///< by channel
    std::optional<Applet> installing_;
    Ref install_buffer_ = kNull;
    ApduExchange apdu_;
    Ref apdu_object_ = kNull;
    Ref apdu_buffer_ = kNull;
    AppletId processing_ = kNoApplet;
    bool selecting_ = false;
    bool collect_ = false;
    bool free_global_arrays_ = false;
    bool changed_ = false;  ///< packages or applets
    std::uint8_t channel_ = 0;
};

}  // namespace oti::javacard
