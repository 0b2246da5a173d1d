// SPDX-License-Identifier: Apache-2.0
// For tests only: bytecode from source text, one instruction a line, with the mnemonics of JCVM 3.0.5,
// chapter 7: numbers are decimal, `label:` stands before an instruction, branches name labels.
#pragma once

#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/byte_writer.h"
#include "javacard/opcodes.h"

namespace oti::javacard {

class Assembler {
  public:
    static Bytes assemble(const std::string& source) {
        Assembler assembler(source);
        assembler.pass();  // finds the labels
        assembler.code_ = {};
        assembler.pass();
        return assembler.code_.take();
    }

  private:
    explicit Assembler(const std::string& source) : source_(source) {}

    void pass() {
        std::istringstream lines(source_);
        for (std::string line; std::getline(lines, line);) {
            std::istringstream words(line);
            std::string word;
            while (words >> word) {
                if (word.back() == ':') {
                    labels_[word.substr(0, word.size() - 1)] = static_cast<long>(code_.size());
                } else {
                    instruction(word, words);
                }
            }
        }
    }

    long number(std::istringstream& words) {
        std::string word;
        words >> word;
        return std::stol(word);
    }
    unsigned distance(std::istringstream& words) {
        std::string label;
        words >> label;
        return static_cast<unsigned>((labels_.contains(label) ? labels_[label] : begin_) - begin_);
    }
    void u8(long value) { code_.u8(static_cast<unsigned>(value)); }
    void u16(long value) { code_.u16(static_cast<unsigned>(value) & 0xFFFF); }
    void u32(long value) { code_.u32(static_cast<std::uint32_t>(value)); }

    void instruction(const std::string& mnemonic, std::istringstream& words) {
        std::size_t opcode = 0;
        while (opcode < kOpcodes.size() && kOpcodes[opcode].mnemonic != mnemonic) ++opcode;
        if (opcode == kOpcodes.size()) throw std::invalid_argument("no instruction " + mnemonic);
        begin_ = static_cast<long>(code_.size());
        code_.u8(static_cast<unsigned>(opcode));
        switch (kOpcodes[opcode].operands) {
            case Operands::kNone:
                break;
            case Operands::kByte:
            case Operands::kLocal:
            case Operands::kConstant8:
            case Operands::kArrayType:
            case Operands::kWords:
                u8(number(words));
                break;
            case Operands::kShort:
            case Operands::kConstant16:
                u16(number(words));
                break;
            case Operands::kInt:
                u32(number(words));
                break;
            case Operands::kLocalByte:
                u8(number(words));
                u8(number(words));
                break;
            case Operands::kLocalShort:
            case Operands::kTypeCheck:
                u8(number(words));
                u16(number(words));
                break;
            case Operands::kBranch:
                code_.u8(distance(words) & 0xFF);
                break;
            case Operands::kWideBranch:
                code_.u16(distance(words) & 0xFFFF);
                break;
            case Operands::kInterface:
                u8(number(words));
                u16(number(words));
                u8(number(words));
                break;
            case Operands::kTableShort:
            case Operands::kTableInt:
                table(words, opcode);
                break;
            case Operands::kLookupShort:
            case Operands::kLookupInt:
                lookup(words, opcode);
                break;
        }
    }

    void match(std::size_t opcode, long value) {
        auto operands = kOpcodes[opcode].operands;
        bool is_int = operands == Operands::kTableInt || operands == Operands::kLookupInt;
        is_int ? u32(value) : u16(value);
    }
    /// default low high label…
    void table(std::istringstream& words, std::size_t opcode) {
        code_.u16(distance(words) & 0xFFFF);
        auto low = number(words);
        auto high = number(words);
        match(opcode, low);
        match(opcode, high);
        for (auto i = low; i <= high; ++i) code_.u16(distance(words) & 0xFFFF);
    }
    /// default count { match label }…
    void lookup(std::istringstream& words, std::size_t opcode) {
        code_.u16(distance(words) & 0xFFFF);
        auto count = number(words);
        u16(count);
        for (long i = 0; i < count; ++i) {
            match(opcode, number(words));
            code_.u16(distance(words) & 0xFFFF);
        }
    }

    std::string source_;
    ByteWriter code_;
    std::map<std::string, long> labels_;
    long begin_ = 0;
};

}  // namespace oti::javacard
