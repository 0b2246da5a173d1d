// SPDX-License-Identifier: Apache-2.0
#include "javacard/verifier.h"

#include <algorithm>
#include <string>

#include "base/byte_reader.h"
#include "javacard/instruction.h"
#include "javacard/opcodes.h"

namespace oti::javacard {
namespace {

std::unexpected<Error> wrong(std::size_t offset, std::string_view why) {
    return fail(ErrorKind::kUsage, "javacard.verify",
                "Method component, offset " + std::to_string(offset) + ": " + std::string(why));
}

class MethodVerifier {
  public:
    MethodVerifier(LinkedPackage& package, const Method& method)
        : package_(package),
          method_(method),
          is_covered_(std::size_t{method.end} - method.begin),
          locals_(std::size_t{method.argument_words} + method.max_locals) {}

    Status run() {
        OTI_CHECK(reach(method_.begin, method_.begin));
        do {
            while (!to_visit_.empty()) {
                auto offset = to_visit_.back();
                to_visit_.pop_back();
                OTI_CHECK(visit(offset));
            }
            OTI_CHECK(reach_handlers());
        } while (!to_visit_.empty());
        return {};
    }

  private:
    /// An instruction begins at `target`; `from` leads there.
    Status reach(std::size_t from, std::int64_t target) {
        if (target < method_.begin || target >= method_.end) return wrong(from, "it leads out of the method");
        auto place = static_cast<std::size_t>(target);
        if (package_.instructions[place]) return {};
        if (is_covered_[place - method_.begin]) return wrong(from, "it leads into an instruction");
        package_.instructions[place] = true;
        to_visit_.push_back(place);
        return {};
    }

    /// A handler whose range was reached is reached, too.
    Status reach_handlers() {
        for (const auto& handler : package_.handlers) {
            if (handler.begin < method_.begin || handler.begin >= method_.end) continue;
            if (handler.end > method_.end || handler.begin >= handler.end) {
                return wrong(handler.begin, "an exception handler that protects more than a method");
            }
            OTI_CHECK(reach(handler.begin, handler.handler));
        }
        return {};
    }

    Status visit(std::size_t offset) {
        OTI_TRY(auto instruction, decode(package_.code.subspan(0, method_.end), offset));
        for (std::size_t i = 0; i < instruction.size; ++i) {
            auto place = offset - method_.begin + i;
            if (is_covered_[place] || (i > 0 && package_.instructions[offset + i])) {
                return wrong(offset, "it overlaps with another instruction");
            }
            is_covered_[place] = true;
        }
        OTI_CHECK(check_operands(instruction, offset));
        for (auto target : instruction.targets) {
            OTI_CHECK(reach(offset, static_cast<std::int64_t>(offset) + target));
        }
        if (!kOpcodes[instruction.opcode].falls_through) return {};
        return reach(offset, static_cast<std::int64_t>(offset + instruction.size));
    }

    Status check_operands(const Instruction& instruction, std::size_t offset) const {
        const auto& opcode = kOpcodes[instruction.opcode];
        auto words = opcode.type == Type::kInt ? 2U : 1U;
        if (instruction.local && *instruction.local + words > locals_) {
            return wrong(offset, "no such local variable");
        }
        // getfield_…_this takes its object from there (7.5.28).
        if (instruction.takes_this && locals_ == 0) return wrong(offset, "no such local variable");
        if (opcode.operands == Operands::kArrayType &&
            (instruction.array_type < kTypeBoolean || instruction.array_type > kTypeInt)) {
            return wrong(offset, "no such array type");
        }
        if (opcode.operands == Operands::kWords) return check_words(instruction, offset);
        if (opcode.operands == Operands::kTypeCheck) return check_type(instruction, offset);
        if (!instruction.constant) return {};
        if (*instruction.constant >= package_.constants.size()) return wrong(offset, "no such constant");
        return check_constant(instruction.opcode, package_.constants[*instruction.constant], offset);
    }

    /// 7.5.18, 7.5.108
    Status check_words(const Instruction& instruction, std::size_t offset) const {
        auto m = instruction.words >> 4;
        auto n = instruction.words & 0x0F;
        bool known = instruction.opcode == kSwapX ? m >= 1 && m <= 2 && n >= 1 && n <= 2
                                                  : m >= 1 && m <= 4 && (n == 0 || (n >= m && n <= m + 4));
        if (!known) return wrong(offset, "a number of words that is not permitted");
        return {};
    }

    /// 7.5.16
    Status check_type(const Instruction& instruction, std::size_t offset) const {
        auto type = instruction.array_type;
        if (type >= kTypeBoolean && type <= kTypeInt) return {};
        if (type != 0 && type != kTypeReference) return wrong(offset, "no such type");
        bool is_class = *instruction.constant < package_.constants.size() &&
                        package_.constants[*instruction.constant].kind == Constant::Kind::kClass;
        if (!is_class) return wrong(offset, "a constant that is no class");
        return {};
    }

    Status check_constant(std::uint8_t opcode, const Constant& constant, std::size_t offset) const {
        using Kind = Constant::Kind;
        bool fits = false;
        if (is_instance_field_access(opcode)) {
            fits = constant.kind == Kind::kInstanceField && fits_instance_field(opcode, constant);
        } else if (is_static_field_access(opcode)) {
            fits = constant.kind == Kind::kStaticField && fits_static_field(opcode, constant);
        } else {
            switch (opcode) {
                case kInvokevirtual:
                    fits = constant.kind == Kind::kVirtualMethod;
                    break;
                case kInvokespecial:
                    fits = (constant.kind == Kind::kStaticMethod || constant.kind == Kind::kSuperMethod) &&
                           constant.method->argument_words > 0 && !constant.method->is_abstract &&
                           !is_native_static(constant);
                    break;
                case kInvokestatic:
                    fits = constant.kind == Kind::kStaticMethod && !takes_native_object(constant);
                    break;
                case kInvokeinterface:
                    fits = constant.kind == Kind::kClass && constant.type->is_interface;
                    break;
                case kNew:
                    fits = constant.kind == Kind::kClass && !constant.type->is_interface;
                    break;
                default:
                    fits = constant.kind == Kind::kClass;
                    break;  // anewarray
            }
        }
        if (!fits) return wrong(offset, "a constant of another kind than the instruction takes");
        return {};
    }

    static bool is_native_static(const Constant& constant) {
        const auto* native = constant.method->native;
        return native != nullptr && native->sort == MethodSort::kStatic;
    }
    static bool takes_native_object(const Constant& constant) {
        const auto* native = constant.method->native;
        return native != nullptr && native->sort != MethodSort::kStatic;
    }

    static bool fits_instance_field(std::uint8_t opcode, const Constant& constant) {
        auto type = kOpcodes[opcode].type;
        if (type == Type::kReference || constant.is_reference) {
            return type == Type::kReference && constant.is_reference;
        }
        if (type != Type::kInt) return true;
        const auto& references = constant.type->reference_cells;
        return constant.place + 1 < constant.type->cells &&
               std::find(references.begin(), references.end(), constant.place + 1) == references.end();
    }

    static bool fits_static_field(std::uint8_t opcode, const Constant& constant) {
        auto type = kOpcodes[opcode].type;
        if (type == Type::kReference || constant.is_reference) {
            return type == Type::kReference && constant.is_reference;
        }
        auto size = type == Type::kInt ? 4 : type == Type::kShort ? 2 : 1;
        return constant.place + size <= constant.package->statics_size;
    }

    LinkedPackage& package_;
    const Method& method_;
    std::vector<bool> is_covered_;  ///< by an instruction that was visited
    std::size_t locals_;
    std::vector<std::size_t> to_visit_;
};

}  // namespace

Status verify(LinkedPackage& package) {
    package.instructions.assign(package.code.size(), false);
    for (const auto& method : package.methods) {
        if (method->is_abstract) continue;
        if (method->begin >= method->end) return wrong(method->begin, "a method without code");
        OTI_CHECK(MethodVerifier(package, *method).run());
    }
    return {};
}

}  // namespace oti::javacard
