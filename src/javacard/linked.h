// SPDX-License-Identifier: Apache-2.0
// Packages as the machine runs them: every token and offset resolved.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cap/package.h"
#include "javacard/heap.h"
#include "javacard/native.h"

namespace oti::javacard {

struct LinkedClass;
struct LinkedPackage;

struct Method {
    const LinkedPackage* package = nullptr;
    /// Offsets into the Method component: of the first instruction, and behind the last possible one.
    std::uint16_t begin = 0;
    std::uint16_t end = 0;
    std::uint8_t argument_words = 0;  ///< the object included
    std::uint8_t max_locals = 0;      ///< beside the arguments
    std::uint8_t max_stack = 0;
    bool is_abstract = false;
    const NativeMethod* native = nullptr;
    const LinkedClass* owner = nullptr;  ///< of a native method: the class that has it
};

/// Which virtual methods of a class are those of an interface that it implements (JCVM 6.9.2.4).
struct Implementation {
    const LinkedClass* interface = nullptr;
    std::vector<std::uint8_t> virtual_tokens;  ///< by the interface's tokens
};

struct LinkedClass {
    ClassId id;
    const LinkedPackage* package = nullptr;
    const LinkedClass* super = nullptr;
    bool is_interface = false;
    bool is_shareable =
        false;  ///< Shareable, or extends it; of a class, that it implements such an interface
    std::uint16_t first_cell = 0;  ///< of the fields that it declares
    std::uint16_t cells = 0;       ///< of an instance, inherited ones included
    std::vector<std::uint16_t> reference_cells;
    std::vector<const Method*> public_methods;  ///< by token; null where there is none
    std::vector<const Method*> package_methods;
    std::vector<Implementation> implementations;  ///< declared here, not by superclasses
    /// Of a class, all interfaces that it can be assigned to, in the order of their addresses, each with how
    /// it is implemented; null if that is not said.
    std::vector<std::pair<const LinkedClass*, const Implementation*>> interfaces;
    std::vector<const LinkedClass*> super_interfaces;  ///< of an interface, each once
    std::vector<const LinkedClass*> ancestry;          ///< from Object to this class itself

    /// Whether a value of this class may be assigned to `other` (JCVM 7.5, instanceof): a class, or an
    /// interface.
    bool is_assignable_to(const LinkedClass& other) const;
    const Method* virtual_method(std::uint8_t token) const;
    const Implementation* implementation_of(const LinkedClass& interface) const;
    /// Fills `interfaces` and `is_shareable`, when `implementations` and the superclass are complete.
    void collect_interfaces();
    void add_super_interface(const LinkedClass& interface);
};

/// A constant pool entry (6.8), resolved.
struct Constant {
    enum class Kind : std::uint8_t {
        kClass,
        kInstanceField,
        kVirtualMethod,
        kSuperMethod,
        kStaticField,
        kStaticMethod,
    };
    Kind kind = Kind::kClass;
    bool is_reference = false;  ///< the cell of a field holds a reference
    std::uint8_t token = 0;     ///< of a virtual method; of an interface's method in invokeinterface
    std::uint16_t place = 0;    ///< the cell of an instance field; the offset of a static one
    const LinkedClass* type = nullptr;
    const Method* method = nullptr;          ///< to be called; for a virtual one, as `type` has it
    const LinkedPackage* package = nullptr;  ///< whose static field it is
};

struct ExceptionHandler {
    std::uint16_t begin = 0;
    std::uint16_t end = 0;
    std::uint16_t handler = 0;
    const LinkedClass* type = nullptr;  ///< none: finally
};

/// An array that static initialization makes (6.11).
struct ArrayInit {
    ObjectKind kind = ObjectKind::kBytes;
    Bytes values;  ///< big-endian
};

struct LinkedPackage {
    PackageId id = kNoPackage;
    std::optional<cap::Package> source;  ///< none of a native package; holds the code's bytes
    std::optional<iso7816::Aid> aid;
    cap::Version version;
    BytesView code;  ///< the Method component's info item
    std::vector<std::unique_ptr<LinkedClass>> classes;
    std::vector<std::unique_ptr<Method>> methods;
    std::vector<Constant> constants;
    std::vector<ExceptionHandler> handlers;
    std::vector<const LinkedPackage*> imports;
    /// Instructions that the verifier has reached.
    std::vector<bool> instructions;

    std::uint16_t statics_size = 0;
    std::vector<std::uint16_t> static_reference_cells;
    std::vector<ArrayInit> array_inits;
    Bytes non_default_values;
    /// The object with the static fields; there is none before the runtime makes or finds it.
    mutable Ref statics = kNull;

    /// By static token, of a native class: its constructors and static methods. Of a loaded one: what it
    /// exports (6.13).
    struct Exports {
        const LinkedClass* type = nullptr;
        std::vector<std::uint16_t> static_fields;
        std::vector<const Method*> static_methods;
    };
    std::vector<Exports> exports;  ///< by class token

    struct AppletModule {
        std::optional<iso7816::Aid> aid;
        const Method* install = nullptr;
    };
    std::vector<AppletModule> modules;

    const LinkedClass* class_at(std::uint8_t index) const {
        return index < classes.size() ? classes[index].get() : nullptr;
    }
};

/// The packages of a card, by number.
class PackageTable : public ReferenceMap {
  public:
    const LinkedPackage* find(PackageId id) const { return packages_[id].get(); }
    const LinkedPackage* find(const iso7816::Aid& aid) const;
    const LinkedClass* find(ClassId id) const {
        const auto* package = packages_[id.package].get();
        return package == nullptr ? nullptr : package->class_at(id.index);
    }
    void add(std::unique_ptr<LinkedPackage> package);
    void remove(PackageId id) { packages_[id].reset(); }
    /// The lowest number that no loaded package has, if there is one.
    std::optional<PackageId> unused_id() const;

    std::span<const std::uint16_t> reference_cells(ClassId type) const override;

  private:
    std::array<std::unique_ptr<LinkedPackage>, 256> packages_;
};

}  // namespace oti::javacard
