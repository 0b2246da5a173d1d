// SPDX-License-Identifier: Apache-2.0
// For tests only: a package made of source, and a machine that has it.
//
//     package  imports java.lang (0) and javacard.framework (1)
//     class    0 interface I { short get(); }
//              1 class A implements I { Object r; short s; int i; byte b; short get(); }   fields 0, 1, 2, 4
//              2 class B extends A { short get(); }
//     statics  0 Object r; 2 byte b; 3 short s; 5 int i = 0x01020304
#pragma once

#include <stdexcept>

#include "base/hex.h"
#include "cap/test_package.h"
#include "javacard/api.h"
#include "javacard/assembler.h"
#include "javacard/framework.h"
#include "javacard/java_lang.h"
#include "javacard/linker.h"
#include "javacard/machine.h"
#include "javacard/verifier.h"

namespace oti::javacard {

class TestProgram {
  public:
    /// Constants that every program has, by index; 0 is what a handler's type cannot be.
    enum Constants {
        kClassB = 0,
        kClassA,
        kClassI,
        kClassObject,
        kFieldR,
        kFieldS,
        kFieldI,
        kFieldB,
        kVirtualGet,
        kSuperGet,
        kStaticR,
        kStaticB,
        kStaticS,
        kStaticI,
        kHelper,
        kArithmetic,
        kNullPointer,
        kObjectInit,
        kUtilGetShort,
        kMain,
        kThrowIso,
    };

    /// `main` and `helper` are static; header: words on the stack, argument words, further locals.
    TestProgram& main(unsigned stack, unsigned arguments, unsigned locals, const std::string& source) {
        main_ = method(stack, arguments, locals, source);
        return *this;
    }
    TestProgram& helper(unsigned stack, unsigned arguments, unsigned locals, const std::string& source) {
        helper_ = method(stack, arguments, locals, source);
        return *this;
    }
    /// Protects [begin, end) of main; offsets from its first instruction.
    TestProgram& handler(unsigned begin, unsigned end, unsigned to, unsigned type) {
        handlers_.push_back({begin, end, to, type});
        return *this;
    }

    /// With a main method of these bytes: words on the stack, arguments, local variables, code.
    static Bytes block_of(BytesView frame_and_code) {
        TestProgram program;
        program.main_ = concat(from_hex("80"), frame_and_code);
        return program.block();
    }

    Bytes block() const {
        using enum cap::ComponentTag;
        cap::TestPackage package{1, {}};
        ByteWriter code;
        code.u8(static_cast<unsigned>(handlers_.size()));
        auto first = 1 + 8 * static_cast<unsigned>(handlers_.size());
        auto get_of_a = first;
        auto get_of_b = get_of_a + static_cast<unsigned>(get_.size());
        auto main = get_of_b + static_cast<unsigned>(get_b_.size());
        auto helper = main + static_cast<unsigned>(main_.size());
        for (const auto& handler : handlers_) {
            auto begin = main + 4;
            code.u16(begin + handler.begin).u16(0x8000 | (handler.end - handler.begin));
            code.u16(begin + handler.to).u16(handler.type);
        }
        code.put(get_).put(get_b_).put(main_).put(helper_);
        auto place = [](unsigned offset) { return to_hex(ByteWriter().u16(offset).view()); };
        package.info[Header] = from_hex("DECAFFED 01 02 01 0001 06A00000000101");
        package.info[Import] = from_hex("02 0001 07A0000000620001 0001 07A0000000620101");
        package.info[Class] = from_hex(
            "80"                              // 0000
            "01 8000 05 00 01 01 01 00 00" +  // 0001
            place(get_of_a) +
            "0000 01 01"                      //
            "00 0001 00 00 00 01 01 00 00" +  // 0011
            place(get_of_b));
        package.info[Method] = code.take();
        package.info[StaticField] = from_hex("0009 0001 0000 0003 0004 01020304");
        package.info[ConstantPool] = from_hex(
            "0015"
            "01 0011 00  01 0001 00  01 0000 00  01 8000 00"
            "02 0001 00  02 0001 01  02 0001 02  02 0001 04"
            "03 0001 01  04 0011 01"
            "05 00 0000  05 00 0002  05 00 0003  05 00 0005"
            "06 00" +
            place(helper) +
            "01 8009 00  01 8007 00  06 80 00 00  06 81 10 04"
            "06 00" +
            place(main) + "06 81 07 01");
        package.info[RefLocation] = from_hex("0000 0000");
        auto size_of = [&](cap::ComponentTag tag) {
            return package.info.contains(tag) ? static_cast<unsigned>(package.info.at(tag).size()) : 0U;
        };
        ByteWriter directory;
        for (std::uint8_t tag = 1; tag <= 11; ++tag) {
            directory.u16(tag == 2 ? 31 : size_of(cap::ComponentTag{tag}));
        }
        directory.put(from_hex("0009 0000 0000 02 00 00"));
        package.info[Directory] = directory.take();
        return package.block();
    }

  private:
    struct Protected {
        unsigned begin, end, to, type;
    };

    static Bytes method(unsigned stack, unsigned arguments, unsigned locals, const std::string& source) {
        return ByteWriter()
            .u8(0x80)
            .u8(stack)
            .u8(arguments)
            .u8(locals)
            .put(Assembler::assemble(source))
            .take();
    }

    Bytes get_ = method(2, 1, 0, "getfield_s_this 5 sreturn");
    Bytes get_b_ = method(3, 1, 0, "aload_0 invokespecial 9 sconst_1 sadd sreturn");
    Bytes main_ = method(0, 0, 0, "return");
    Bytes helper_ = method(0, 0, 0, "return");
    std::vector<Protected> handlers_;
};

/// Memory without an end.
class AmpleMemory : public MemoryPolicy {
  public:
    std::size_t available(Owner, Persistence, std::size_t) const override { return limit; }
    std::size_t limit = 1'000'000;
};

/// Objects by number.
class MapStore : public ObjectStore {
  public:
    Result<std::vector<std::pair<Ref, Bytes>>> records() const override {
        return std::vector<std::pair<Ref, Bytes>>(map.begin(), map.end());
    }
    void put(Ref ref, Bytes record) override { map[ref] = std::move(record); }
    void erase(Ref ref) override { map.erase(ref); }
    std::map<Ref, Bytes> map;
};

/// One program, linked and verified.
class TestMachine {
  public:
    static constexpr Owner kOwner{kFirstLoadedPackage, 1};

    explicit TestMachine(const TestProgram& program, Limits limits = {})
        : heap(packages, memory), machine(heap, packages, nullptr, limits) {
        for (const auto* native : api_packages()) {
            packages.add(link_native(*native, packages).value());
        }
        auto parsed = cap::Package::parse_load_file_data_block(program.block());
        if (!parsed) throw std::invalid_argument(parsed.error().message);
        auto linked = link(std::move(*parsed), kFirstLoadedPackage, packages);
        if (!linked) throw std::invalid_argument(linked.error().message);
        if (auto verified = verify(**linked); !verified)
            throw std::invalid_argument(verified.error().message);
        package = linked->get();
        package->statics = heap.make_statics(package->id, package->statics_size).value();
        packages.add(std::move(*linked));
    }

    Guest<Value> run(std::vector<Value> arguments = {}) {
        return machine.invoke(*package->constants[TestProgram::kMain].method, arguments, kOwner);
    }

    AmpleMemory memory;
    PackageTable packages;
    Heap heap;
    Machine machine;
    LinkedPackage* package = nullptr;
};

}  // namespace oti::javacard
