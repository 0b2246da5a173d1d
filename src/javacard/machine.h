// SPDX-License-Identifier: Apache-2.0
// The state of the virtual machine while it runs, and how it is entered.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "javacard/linked.h"
#include "javacard/native.h"
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

class Machine {
  public:
    Machine(Heap& heap, const PackageTable& packages, Runtime* runtime, Limits limits = {});

    /// Runs a method in a context until it returns. Traps: an exception that it does not catch (as
    /// Trap::Kind::kObject), a fault.
    Guest<Value> invoke(const Method& method, std::span<const Value> arguments, Owner context);
    /// A virtual method of an object, in its owner's context. NullPointerException for null.
    Guest<Value> invoke_virtual(Ref object, ClassId declaring, std::uint8_t token,
                                std::span<const Value> arguments);

    /// The whole budget again; at the beginning of a command.
    void refill();
    /// Takes from the budget; a fault if it is used up.
    Guest<void> charge(std::uint64_t bytecodes);
    std::uint64_t budget_left() const { return budget_; }

    Heap& heap() { return heap_; }
    const PackageTable& packages() const { return packages_; }
    Runtime* runtime() { return runtime_; }
    /// The currently active context (JCRE specification 3.0.5, 6.1.2), and which applet's.
    Owner context() const { return frame_.context; }
    /// The context that was active before the last switch (JCSystem.getPreviousContextAID); that of the
    /// runtime environment if there was none.
    Owner previous_context() const;

    /// The runtime environment's own instance of an exception class (8.8 in the API's words: "the JCRE-owned
    /// instance"): a temporary entry point object, made at first use.
    Guest<Ref> system_exception(ClassId type, std::uint16_t reason);
    /// The object of a Trap that is no fault.
    Guest<Ref> thrown_object(const Trap& trap);
    /// References to objects that vanished with a transaction become null, wherever a method still has them.
    void forget_vanished();

    /// Firewall (6.2.8): whether the active context may use an array, or the fields of an instance.
    bool may_access(const Object& object) const {
        return object.owner.context == frame_.context.context || frame_.context.context == kRuntimeContext ||
               object.global;
    }
    /// Whether a reference to it may be stored in a field or an array (6.2.8.1 to 6.2.8.3).
    bool may_store(Ref ref) const;

  private:
    friend struct Instructions;

    Heap& heap_;
    const PackageTable& packages_;
    Runtime* runtime_;
    Limits limits_;
    std::unique_ptr<Slot[]> stack_;
    std::vector<Frame> frames_;  ///< the callers, the outermost first
    Frame frame_;                ///< what runs now
    Slot* top_ = nullptr;        ///< the last word in use, while native code runs
    std::size_t entered_ = 0;    ///< how often `invoke` is on the C++ stack
    std::uint64_t budget_ = 0;
    Trap trap_;
    Value result_;
    std::vector<std::pair<ClassId, Ref>> system_exceptions_;
};

}  // namespace oti::javacard
