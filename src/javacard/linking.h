// SPDX-License-Identifier: Apache-2.0
// The steps of linking a loaded package, of use inside this module only.
#pragma once

#include <map>
#include <string>

#include "base/byte_reader.h"
#include "cap/component.h"
#include "javacard/linked.h"

namespace oti::javacard {

/// `javacard.link` at this offset of the component's info item.
std::unexpected<Error> link_error(cap::ComponentTag component, std::size_t offset, std::string_view why);

/// A package while it is being linked. Its components' structure has been checked (cap::Package), so readers
/// do not fail; what tokens and offsets mean is found out here.
class Linking {
  public:
    Linking(LinkedPackage& package, const PackageTable& packages) : package_(package), packages_(packages) {}

    /// In this order.
    Status imports();
    Status classes();
    Status static_fields();
    Status constants();
    Status handlers();
    Status exports();
    Status applets();
    /// Where each method may end at most: where the next one begins.
    void method_ends();

  private:
    ByteReader reader(cap::ComponentTag tag) const;
    std::size_t offset_of(cap::ComponentTag tag, const ByteReader& reader) const;

    /// A class_ref (6.8.1); null if there is no such class.
    const LinkedClass* class_of(std::uint16_t ref) const;
    const LinkedPackage::Exports* exported(std::uint8_t package_token, std::uint8_t class_token) const;
    /// The method whose header stands there.
    Result<const Method*> method_at(std::uint16_t offset);

    Status interface(LinkedClass& type, ByteReader& reader, std::uint8_t bits);
    Status class_info(LinkedClass& type, ByteReader& reader, std::uint8_t bits);
    Status method_table(ByteReader& reader, std::vector<const Method*>& methods, std::uint8_t base,
                        std::uint8_t count);
    Status implementations(LinkedClass& type, ByteReader& reader, std::size_t count);
    Status remote_interfaces(ByteReader& reader);

    Status instance_field(Constant& constant, std::uint16_t ref, std::uint8_t token, std::size_t offset);
    Status virtual_method(Constant& constant, std::uint16_t ref, std::uint8_t token, std::size_t offset,
                          bool of_super);
    Status static_field(Constant& constant, std::array<std::uint8_t, 3> info, std::size_t offset);
    Status static_method(Constant& constant, std::array<std::uint8_t, 3> info, std::size_t offset);

    LinkedPackage& package_;
    const PackageTable& packages_;
    std::map<std::uint16_t, std::uint8_t> class_by_offset_;
    std::map<std::uint16_t, Method*> method_by_offset_;
    std::size_t first_method_ = 0;
};

}  // namespace oti::javacard
