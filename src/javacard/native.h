// SPDX-License-Identifier: Apache-2.0
// How a class of the API is written in C++: a table for each package, which names tokens as the package's
// export file assigns them (JCVM specification 3.0.5, chapter 5), and one function for each method.
#pragma once

#include <cstdint>
#include <span>

#include "cap/package.h"
#include "javacard/heap.h"

namespace oti::javacard {

class Machine;
class Runtime;
class NativeCall;

/// What a method returns; nothing, if it is void.
struct Value {
    enum class Kind : std::uint8_t { kVoid, kShort, kInt, kReference };
    Kind kind = Kind::kVoid;
    std::int32_t number = 0;

    /// boolean, byte and short: one word.
    static Value of_short(int value) { return {Kind::kShort, static_cast<std::int16_t>(value)}; }
    static Value of_bool(bool value) { return {Kind::kShort, value ? 1 : 0}; }
    static Value of_int(std::int32_t value) { return {Kind::kInt, value}; }
    static Value of_ref(Ref ref) { return {Kind::kReference, ref}; }

    std::int16_t as_short() const { return static_cast<std::int16_t>(number); }
    Ref as_ref() const { return static_cast<Ref>(number); }
};

using NativeFunction = Guest<Value> (*)(NativeCall& call);

/// Static methods and constructors share one sequence of tokens, virtual methods (and those of an interface)
/// have another (4.3.7).
enum class MethodSort : std::uint8_t { kStatic, kConstructor, kVirtual };

struct NativeMethod {
    MethodSort sort = MethodSort::kStatic;
    std::uint8_t token = 0;
    const char* name = "";
    /// As in a class file: `([BS[BSS)S`. The machine checks arguments and results against it.
    const char* signature = "()V";
    NativeFunction function = nullptr;  ///< none: abstract, or of an interface
};

struct NativeClass {
    std::uint8_t token = 0;
    const char* name = "";
    ClassId super = {};  ///< none for Object and for interfaces
    bool is_interface = false;
    bool is_shareable = false;  ///< Shareable, or an interface that extends it
    /// All of them, also those that are extended by others of the list. A method of an interface is found in
    /// the class by name and signature.
    std::span<const ClassId> interfaces = {};
    /// Cells of 16 bits that the class adds to its superclass's: state of its own that is stored with the
    /// object. Those that hold references stand together.
    std::uint8_t cells = 0;
    std::uint8_t first_reference = 0;
    std::uint8_t references = 0;
    std::span<const NativeMethod> methods = {};
};

struct NativePackage {
    PackageId id = kNoPackage;
    const char* name = "";
    const char* aid = "";  ///< hexadecimal
    cap::Version version;
    /// By token: the first has token 0, and none is left out.
    std::span<const NativeClass> classes;
};

/// An array of bytes that the caller may use, of which `length` bytes at `offset` exist.
struct ByteRange {
    Ref ref = kNull;
    Object* object = nullptr;
    std::size_t offset = 0;
    std::size_t length = 0;

    BytesView view() const { return BytesView(object->data).subspan(offset, length); }
};

/// Bytes that native code handles in the time of one bytecode, for the budget.
inline constexpr std::size_t kBytesPerBytecode = 16;

/// The most arguments that a native method has, the object itself included.
inline constexpr std::size_t kMaxNativeArguments = 12;

/// One call of a native method. Arguments are counted from 0, an int as one; the object of a virtual method
/// or constructor is argument 0. Their kinds have been checked against the signature; whether a reference is
/// null, of what class, and whether the caller may use it, the function asks here.
class NativeCall {
  public:
    NativeCall(Machine& machine, std::span<const std::int32_t> arguments)
        : machine_(machine), arguments_(arguments) {}

    std::int16_t short_at(std::size_t index) const { return static_cast<std::int16_t>(arguments_[index]); }
    std::int8_t byte_at(std::size_t index) const { return static_cast<std::int8_t>(arguments_[index]); }
    bool bool_at(std::size_t index) const { return arguments_[index] != 0; }
    std::int32_t int_at(std::size_t index) const { return arguments_[index]; }
    Ref ref_at(std::size_t index) const { return static_cast<Ref>(arguments_[index]); }

    /// The object of a virtual method or constructor.
    Ref self() const { return ref_at(0); }
    /// A cell of the object, counted within the class that declares it (`NativeClass::cells`).
    std::uint16_t cell(ClassId declaring, std::size_t index) const;
    Guest<void> set_cell(ClassId declaring, std::size_t index, std::uint16_t value);
    /// The same, not undone by an abort.
    void set_cell_non_atomic(ClassId declaring, std::size_t index, std::uint16_t value);

    /// NullPointerException, SecurityException (the caller's context may not use it); a fault if the object
    /// is not of this kind, which no verified code does.
    Guest<Object*> array_at(std::size_t index, ObjectKind kind) const;
    Guest<Object*> instance_at(std::size_t index, ClassId type) const;
    /// The same with `length` bytes at `offset`, as arguments of the call say: ArrayIndexOutOfBoundsException
    /// unless they are there. Charges the budget for them.
    Guest<ByteRange> bytes_at(std::size_t index, std::int32_t offset, std::int32_t length);
    /// Changes bytes of such a range; `bytes` may be part of the same array.
    Guest<void> write(const ByteRange& range, BytesView bytes);
    /// Not part of a transaction (Util.arrayCopyNonAtomic).
    void write_non_atomic(const ByteRange& range, BytesView bytes);

    /// Who called: the owner of what the method makes for the caller, and the context that it acts for.
    Owner caller() const;
    Heap& heap();
    Machine& machine() { return machine_; }
    /// Selection, applets, the current APDU: what only the runtime environment knows.
    Runtime& runtime();

    /// Calls a method of an applet, by its virtual token in `declaring`, in the context of the object's
    /// owner; `arguments` without the object. NullPointerException for null.
    Guest<Value> invoke_virtual(Ref object, ClassId declaring, std::uint8_t token,
                                std::span<const Value> arguments);

  private:
    Machine& machine_;
    std::span<const std::int32_t> arguments_;
};

}  // namespace oti::javacard
