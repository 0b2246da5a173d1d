// SPDX-License-Identifier: Apache-2.0
// Calls and returns.
#include <algorithm>

#include "javacard/execution.h"
#include "javacard/native_invocation.h"
#include "javacard/opcodes.h"
#include "javacard/type_check.h"

namespace oti::javacard {
namespace {

/// Zeroed words for one bytecode of the budget.
constexpr std::uint64_t kWordsPerBytecode = 8;

int size_of_call(const std::uint8_t* pc) {
    return *pc == kInvokeinterface ? 5 : 3;
}

#define OTI_ARGUMENTS(words)                                                                  \
    if (sp - x.frame.bottom < (words)) OTI_STOP("the operand stack underflows");              \
    auto object_word = sp[1 - (words)];                                                       \
    if (object_word.tag != Tag::kReference) OTI_STOP("the object of a call is no reference"); \
    const auto* object = x.heap.find(object_word.value);                                      \
    if (object == nullptr) OTI_RAISE(exception::kNullPointer)

Exit invokestatic(OTI_REGISTERS) {
    x.callee = constant_at(x, u16_at(pc + 1)).method;
    x.callee_context = x.frame.context;
    OTI_JUMP(enter);
}

Exit invokespecial(OTI_REGISTERS) {
    const auto& method = *constant_at(x, u16_at(pc + 1)).method;
    OTI_ARGUMENTS(method.argument_words);
    // Of the fields that loaded code uses, each access makes sure; what native code relies on, this does.
    if (method.native != nullptr) {
        if (!is_instance(x.packages, *object, *method.owner)) OTI_STOP("an object is of another class");
        if (!x.machine.may_access(*object) && !object->entry_point) OTI_RAISE(exception::kSecurity);
    }
    x.callee = &method;
    x.callee_context = x.frame.context;
    OTI_JUMP(enter);
}

Exit invokevirtual(OTI_REGISTERS) {
    const auto& constant = constant_at(x, u16_at(pc + 1));
    OTI_ARGUMENTS(constant.method->argument_words);
    const auto* type = x.machine.class_of(*object);
    if (type == nullptr || (type != constant.type && !type->is_assignable_to(*constant.type))) {
        OTI_STOP("an object is of another class");
    }
    // JCRE specification 3.0.5, 6.2.8.4 and 6.2.8.11.
    bool from_runtime = x.frame.context.context == kRuntimeContext;
    bool own = object->owner.context == x.frame.context.context;
    if (!own && !object->entry_point && !object->global && !from_runtime) OTI_RAISE(exception::kSecurity);
    // Package-visible methods are those of the nearest class of the package that calls.
    if ((constant.token & 0x80) != 0) {
        while (type->package != constant.type->package) type = type->super;
    }
    const auto* method = type->virtual_method(constant.token);
    if (method == nullptr || method->is_abstract ||
        method->argument_words != constant.method->argument_words) {
        OTI_STOP("an object has no such method");
    }
    x.callee = method;
    x.callee_context = own ? x.frame.context : object->owner;
    OTI_JUMP(enter);
}

Exit invokeinterface(OTI_REGISTERS) {
    const auto& interface = *constant_at(x, u16_at(pc + 2)).type;
    OTI_ARGUMENTS(pc[1]);
    const auto* type = x.machine.class_of(*object);
    const auto* implementation = type == nullptr ? nullptr : type->implementation_of(interface);
    if (implementation == nullptr || pc[4] >= implementation->virtual_tokens.size()) {
        OTI_STOP("an object does not implement an interface");
    }
    // 6.2.8.5 and 6.2.8.6; what is_shareable says of a class includes that it implements `interface`.
    bool from_runtime = x.frame.context.context == kRuntimeContext;
    bool own = object->owner.context == x.frame.context.context;
    bool shared = interface.is_shareable && type->is_shareable;
    bool reached = own || from_runtime || (shared && !x.machine.is_out_of_reach(object->owner));
    if (!reached && !object->entry_point) OTI_RAISE(exception::kSecurity);
    const auto* method = type->virtual_method(implementation->virtual_tokens[pc[4]]);
    if (method == nullptr || method->is_abstract || method->argument_words != pc[1]) {
        OTI_STOP("an object has no such method");
    }
    x.callee = method;
    x.callee_context = own ? x.frame.context : object->owner;
    OTI_JUMP(enter);
}

Exit enter_native(OTI_REGISTERS) {
    const auto& method = *x.callee;
    auto words = method.argument_words;
    x.frame.pc = pc;
    x.frame.locals = locals;
    x.top = sp;
    x.budget = budget;
    auto result = call_native(x, method, sp + 1 - words);
    budget = x.budget;
    sp -= words;
    if (!result) {
        x.trap = result.error();
        OTI_JUMP(raise);
    }
    switch (result->kind) {
        case Value::Kind::kVoid:
            break;
        case Value::Kind::kInt:
            OTI_NEEDS_ROOM(2);
            *++sp = Slot::high_of(result->number);
            *++sp = Slot::low_of(result->number);
            break;
        case Value::Kind::kShort:
            OTI_NEEDS_ROOM(1);
            *++sp = Slot::of_short(result->number);
            break;
        case Value::Kind::kReference:
            OTI_NEEDS_ROOM(1);
            *++sp = Slot::of_reference(result->as_ref());
            break;
    }
    OTI_NEXT(size_of_call(pc));
}

/// Back to the caller, with `words` words that follow its stack.
template <int words>
Exit leave(OTI_REGISTERS) {
    Slot result[2] = {words > 0 ? sp[1 - words] : Slot{}, words > 1 ? sp[0] : Slot{}};
    if (x.callers.size() == x.base) {
        if constexpr (words == 0) x.result = Value{};
        if constexpr (words == 1) {
            x.result = result[0].tag == Tag::kShort ? Value::of_short(result[0].as_short())
                                                    : Value::of_ref(result[0].value);
        }
        if constexpr (words == 2) x.result = Value::of_int(int_of(result[0], result[1]));
        x.budget = budget;
        return Exit::kReturned;
    }
    sp = locals - 1;
    x.frame = x.callers.back();
    x.callers.pop_back();
    pc = x.frame.pc;
    locals = x.frame.locals;
    OTI_NEEDS_ROOM(words);
    for (int i = 0; i < words; ++i) *++sp = result[i];
    OTI_NEXT(size_of_call(pc));
}

Exit areturn(OTI_REGISTERS) {
    OTI_NEEDS(0, kReference);
    OTI_JUMP(leave<1>);
}

Exit sreturn(OTI_REGISTERS) {
    OTI_NEEDS(0, kShort);
    OTI_JUMP(leave<1>);
}

Exit ireturn(OTI_REGISTERS) {
    OTI_NEEDS(0, kIntLow);
    OTI_NEEDS(1, kIntHigh);
    OTI_JUMP(leave<2>);
}

}  // namespace

Exit enter(OTI_REGISTERS) {
    const auto& method = *x.callee;
    std::ptrdiff_t words = method.argument_words;
    if (sp - x.frame.bottom < words) OTI_STOP("the operand stack underflows");
    if (method.native != nullptr) OTI_JUMP(enter_native);
    auto* callee_locals = sp + 1 - words;
    auto* bottom = sp + 1 + method.max_locals;
    if (x.callers.size() >= x.limits.call_depth || x.stack_end - bottom <= method.max_stack) {
        OTI_RAISE(exception::kSystem, reason::kNoResource);
    }
    x.frame.pc = pc;
    x.frame.locals = locals;
    x.callers.push_back(x.frame);
    std::fill(sp + 1, bottom, Slot{});
    *bottom = {0, Tag::kBottom};
    locals = callee_locals;
    sp = bottom;
    x.frame = {&method, nullptr, locals, bottom, bottom + method.max_stack, x.callee_context};
    budget -= std::min(budget - 1, method.max_locals / kWordsPerBytecode);
    OTI_NEXT(method.package->code.data() + method.begin - pc);
}

void add_call_instructions(InstructionTable& table) {
    table[119] = areturn;
    table[120] = sreturn;
    table[121] = ireturn;
    table[122] = leave<0>;
    table[139] = invokevirtual;
    table[140] = invokespecial;
    table[141] = invokestatic;
    table[142] = invokeinterface;
}

}  // namespace oti::javacard
