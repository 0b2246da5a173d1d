// SPDX-License-Identifier: Apache-2.0
// The table of instructions, exceptions, and the ways into the machine.
#include <algorithm>

#include "javacard/execution.h"
#include "javacard/native_invocation.h"
#include "javacard/type_check.h"

namespace oti::javacard {
namespace {

constexpr std::uint64_t kHandlersPerBytecode = 8;

Exit no_instruction(OTI_REGISTERS) {
    OTI_STOP("no instruction");
}

const ExceptionHandler* find_handler(const Running& x, const Object& thrown, const std::uint8_t* pc) {
    const auto& package = *x.frame.method->package;
    auto offset = pc - package.code.data();
    for (const auto& handler : package.handlers) {
        if (offset < handler.begin || offset >= handler.end) continue;
        if (handler.type == nullptr || is_instance(x.packages, thrown, *handler.type)) return &handler;
    }
    return nullptr;
}

}  // namespace

const InstructionTable kInstructions = [] {
    InstructionTable table;
    table.fill(no_instruction);
    add_stack_instructions(table);
    add_short_instructions(table);
    add_int_instructions(table);
    add_branch_instructions(table);
    add_switch_instructions(table);
    add_array_instructions(table);
    add_field_instructions(table);
    add_object_instructions(table);
    add_call_instructions(table);
    return table;
}();

Exit stop(Running& x, const std::uint8_t* /*pc*/, Slot* /*sp*/, Slot* /*locals*/, std::uint64_t budget,
          const char* why) {
    x.trap = fault(why).error();
    x.budget = budget;
    return Exit::kTrapped;
}

Exit out_of_budget(OTI_REGISTERS) {
    OTI_STOP("the budget of bytecodes is used up");
}

Exit raise(OTI_REGISTERS) {
    x.budget = budget;
    if (x.trap.kind == Trap::Kind::kFault) return Exit::kTrapped;
    auto thrown = x.machine.thrown_object(x.trap);
    const auto* object = thrown ? x.heap.find(*thrown) : nullptr;
    if (object == nullptr) {
        if (!thrown) x.trap = thrown.error();
        OTI_STOP("there is no room for an exception");
    }
    x.trap = throw_object(*thrown).error();
    while (true) {
        budget -= std::min(budget - 1, x.frame.method->package->handlers.size() / kHandlersPerBytecode);
        if (const auto* handler = find_handler(x, *object, pc)) {
            sp = x.frame.bottom;
            OTI_NEEDS_ROOM(1);
            *++sp = Slot::of_reference(*thrown);
            OTI_NEXT(x.frame.method->package->code.data() + handler->handler - pc);
        }
        if (x.callers.size() == x.base) {
            x.budget = budget;
            return Exit::kTrapped;
        }
        x.frame = x.callers.back();
        x.callers.pop_back();
        pc = x.frame.pc;
        locals = x.frame.locals;
    }
}

Machine::Machine(Heap& heap, const PackageTable& packages, Runtime* runtime, Limits limits)
    : runtime_(runtime),
      stack_(std::make_unique<Slot[]>(limits.stack_words)),
      running_{.heap = heap, .packages = packages, .machine = *this, .limits = limits} {
    running_.stack_end = stack_.get() + limits.stack_words;
    running_.top = stack_.get();
    running_.callers.reserve(limits.call_depth + limits.nesting);
    heap.on_release([this](Ref ref) { native_states_.drop(ref); });
    refill();
}

Machine::~Machine() {
    running_.heap.on_release({});
}

Guest<Value> Machine::run(const Method& method, std::span<const Value> arguments) {
    auto& x = running_;
    auto* locals = x.top + 1;
    if (x.stack_end - locals <= 2 * static_cast<std::ptrdiff_t>(arguments.size())) {
        return throw_(exception::kSystem, reason::kNoResource);
    }
    auto* word = locals;
    for (const auto& argument : arguments) {
        switch (argument.kind) {
            case Value::Kind::kVoid:
                break;
            case Value::Kind::kShort:
                *word++ = Slot::of_short(argument.number);
                break;
            case Value::Kind::kReference:
                *word++ = Slot::of_reference(argument.as_ref());
                break;
            case Value::Kind::kInt:
                *word++ = Slot::high_of(argument.number);
                *word++ = Slot::low_of(argument.number);
                break;
        }
    }
    if (word - locals != method.argument_words) return fault("a method takes other arguments");
    if (method.is_abstract) return fault("a method without code");
    if (method.native != nullptr) {
        x.top = word - 1;
        return call_native(x, method, locals);
    }
    auto* bottom = word + method.max_locals;
    if (x.stack_end - bottom <= method.max_stack) return throw_(exception::kSystem, reason::kNoResource);
    std::fill(word, bottom, Slot{});
    *bottom = {0, Tag::kBottom};
    x.frame.method = &method;
    x.frame.locals = locals;
    x.frame.bottom = bottom;
    x.frame.limit = bottom + method.max_stack;
    if (x.budget <= 1) return fault("the budget of bytecodes is used up");
    const auto* pc = method.package->code.data() + method.begin;
    auto exit = kInstructions[*pc](x, pc, bottom, locals, x.budget);
    if (exit == Exit::kTrapped) return std::unexpected(x.trap);
    return x.result;
}

Guest<Value> Machine::invoke(const Method& method, std::span<const Value> arguments, Owner context) {
    auto& x = running_;
    if (nesting_ >= x.limits.nesting) return throw_(exception::kSystem, reason::kNoResource);
    auto caller = x.frame;
    auto* top = x.top;
    auto base = x.base;
    x.callers.push_back(caller);
    x.base = x.callers.size();
    x.frame = {};
    x.frame.context = context;
    ++nesting_;
    auto result = run(method, arguments);
    --nesting_;
    x.callers.resize(x.base - 1);
    x.base = base;
    x.top = top;
    x.frame = caller;
    return result;
}

Guest<Value> Machine::invoke_virtual(Ref object, ClassId declaring, std::uint8_t token,
                                     std::span<const Value> arguments) {
    OTI_TRY(const auto* found, running_.heap.get(object));
    const auto* type = class_of(*found);
    const auto* as = packages().find(declaring);
    if (type == nullptr || as == nullptr || !type->is_assignable_to(*as)) {
        return fault("an object is of another class");
    }
    const auto* method = type->virtual_method(token);
    if (method == nullptr) return fault("an object has no such method");
    std::vector<Value> all{Value::of_ref(object)};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return invoke(*method, all, found->owner);
}

Guest<Value> Machine::invoke_interface(Ref object, ClassId interface, std::uint8_t token,
                                       std::span<const Value> arguments) {
    OTI_TRY(const auto* found, running_.heap.get(object));
    const auto* type = class_of(*found);
    const auto* as = packages().find(interface);
    const auto* implementation = type == nullptr || as == nullptr ? nullptr : type->implementation_of(*as);
    if (implementation == nullptr || token >= implementation->virtual_tokens.size()) {
        return fault("an object does not implement an interface");
    }
    return invoke_virtual(object, type->id, implementation->virtual_tokens[token], arguments);
}

}  // namespace oti::javacard
