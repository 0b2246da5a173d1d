// SPDX-License-Identifier: Apache-2.0
// The state of the virtual machine while it runs, and how it is entered.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "crypto/random.h"
#include "javacard/linked.h"
#include "javacard/native.h"
#include "javacard/native_state.h"
#include "javacard/one_shot.h"
#include "javacard/slot.h"

namespace oti::javacard {

class Runtime;

struct Limits {
    std::size_t stack_words = 4096;
    std::size_t call_depth = 128;
    /// Native methods that call applets that call native methods that…
    std::size_t nesting = 8;
    /// Bytecodes that one command may run. Native methods charge for what they do beside.
    std::uint64_t budget = 200'000'000;
};

/// What a method that called another one goes on with.
struct Frame {
    const Method* method = nullptr;
    const std::uint8_t* pc = nullptr;  ///< of the instruction that called
    Slot* locals = nullptr;
    Slot* bottom = nullptr;  ///< the guard below its operand stack
    Slot* limit = nullptr;   ///< its operand stack's last word
    Owner context;           ///< in which it runs
};

/// What the instructions share while they run.
struct Running {
    Heap& heap;
    const PackageTable& packages;
    Machine& machine;
    const Limits limits;

    Frame frame = {};                 ///< what runs now
    std::vector<Frame> callers = {};  ///< the outermost first
    std::size_t base = 0;             ///< how many of them were there when this run began
    Slot* stack_end = nullptr;        ///< behind the last word of the stack
    Slot* top = nullptr;              ///< the last word in use, while native code runs
    std::uint64_t budget = 0;         ///< while native code runs

    /// What an instruction hands to the one that goes on in its place.
    const Method* callee = nullptr;
    Owner callee_context = {};
    Trap trap = {};
    Value result = {};
};

class Machine {
  public:
    /// All three outlive the machine; natives that need no runtime environment can do without.
    Machine(Heap& heap, const PackageTable& packages, Runtime* runtime, Limits limits = {});
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;
    ~Machine();

    /// Runs a method in a context until it returns. Traps: an exception that it does not catch (as
    /// Trap::Kind::kObject), a fault.
    Guest<Value> invoke(const Method& method, std::span<const Value> arguments, Owner context);
    /// A virtual method of an object, in its owner's context. NullPointerException for null.
    Guest<Value> invoke_virtual(Ref object, ClassId declaring, std::uint8_t token,
                                std::span<const Value> arguments);
    /// A method of an interface, in the same way; a fault if the object does not implement it.
    Guest<Value> invoke_interface(Ref object, ClassId interface, std::uint8_t token,
                                  std::span<const Value> arguments);

    /// The whole budget again, and nothing temporary of the last command; at the beginning of one.
    void refill() {
        running_.budget = running_.limits.budget;
        one_shots_.close_all(running_.heap);
    }
    /// Takes from the budget; a fault if it is used up.
    Guest<void> charge(std::uint64_t bytecodes);
    std::uint64_t budget_left() const { return running_.budget; }

    Heap& heap() { return running_.heap; }
    const PackageTable& packages() const { return running_.packages; }
    Runtime* runtime() { return runtime_; }
    NativeStates& native_states() { return native_states_; }
    OneShots& one_shots() { return one_shots_; }
    /// The system's, unless another one is given; it outlives the machine.
    crypto::Random& random() { return *random_; }
    void use_random(crypto::Random& random) { random_ = &random; }
    /// The currently active context (JCRE specification 3.0.5, 6.1.2), and which applet's.
    Owner context() const { return running_.frame.context; }
    /// The context that was active before the last switch (JCSystem.getPreviousContextAID); that of the
    /// runtime environment if there was none.
    Owner previous_context() const;

    /// The class of an object; that of arrays is Object.
    const LinkedClass* class_of(const Object& object) const;
    /// The runtime environment's own instance of an exception class, a temporary entry point object made at
    /// first use, with this reason.
    Guest<Ref> system_exception(ClassId type, std::uint16_t reason);
    /// The object of a Trap that is no fault.
    Guest<Ref> thrown_object(const Trap& trap);
    /// References to objects that vanished with a transaction become null, wherever a method still has them.
    void forget_vanished();

    /// Firewall (6.2.8): whether the active context may use an array, or the fields of an instance.
    bool may_access(const Object& object) const {
        auto context = running_.frame.context.context;
        if (object.persistence == Persistence::kClearOnDeselect && !may_use_deselect_memory(object.owner))
            return false;
        return object.owner.context == context || context == kRuntimeContext || object.global;
    }
    /// API, JCSystem: CLEAR_ON_DESELECT memory is made and accessed while an applet of its context is the
    /// selected one.
    bool may_use_deselect_memory(Owner owner) const { return owner.context == selected_context_; }
    /// Whether others cannot call this applet now (4.3): it is not multiselectable, active on another channel
    /// than that of the command, and of another context than the applet that is selected on this one.
    bool is_out_of_reach(Owner owner) const {
        return !out_of_reach_.empty() &&
               std::ranges::find(out_of_reach_, owner.applet) != out_of_reach_.end();
    }
    /// The context of the applet that is selected on the channel of the command, and whom nobody reaches.
    void set_selection(ContextId selected, std::vector<AppletId> out_of_reach) {
        selected_context_ = selected;
        out_of_reach_ = std::move(out_of_reach);
    }
    /// Whether a reference to it may be stored in a field or an array (6.2.8.1 to 6.2.8.3).
    bool may_store(Ref ref) const {
        const auto* object = running_.heap.find(ref);
        return object == nullptr || !object->temporary || running_.frame.context.context == kRuntimeContext;
    }

  private:
    Guest<Value> run(const Method& method, std::span<const Value> arguments);

    Runtime* runtime_;
    ContextId selected_context_ = kRuntimeContext;
    std::vector<AppletId> out_of_reach_;
    crypto::SystemRandom system_random_;
    crypto::Random* random_ = &system_random_;
    NativeStates native_states_;
    OneShots one_shots_;
    std::unique_ptr<Slot[]> stack_;
    Running running_;
    std::size_t nesting_ = 0;  ///< how often `invoke` is on the C++ stack
    std::vector<std::pair<ClassId, Ref>> system_exceptions_;
};

}  // namespace oti::javacard
