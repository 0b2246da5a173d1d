// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "cap/component.h"
#include "iso7816/aid.h"

namespace oti::cap {

struct Version {
    std::uint8_t major = 0;
    std::uint8_t minor = 0;
    auto operator<=>(const Version&) const = default;
    std::string text() const { return std::to_string(major) + "." + std::to_string(minor); }
};

/// A package that another one needs, or that an SE has.
struct Import {
    iso7816::Aid aid;
    Version version;

    bool operator==(const Import&) const = default;
};

/// A Java Card package in the form in which it is loaded (JCVM 3.0.5, chapter 6; the older formats of
/// JCVM 2.1.1 and 2.2.2). What exists is whole: its components are complete, of the sizes that Directory
/// states, and well-formed as far as that can be seen without running them.
class Package {
  public:
    /// From a load file data block: components one after another, each tag (1), size (2), content. Their
    /// order is free; Debug and custom components (tags 128 to 255) are skipped. Errors: `cap.damaged`, with
    /// the component and the offset in it; `cap.format` for a format other than 2.1, 2.2, 2.3.
    static Result<Package> parse_load_file_data_block(BytesView block);

    const iso7816::Aid& aid() const { return aid_; }
    Version version() const { return version_; }
    Version format() const { return format_; }
    /// In the order of the Import component.
    const std::vector<Import>& imports() const { return imports_; }
    /// AIDs of the modules: the applets that can be instantiated.
    const std::vector<iso7816::Aid>& applets() const { return applets_; }
    /// A component's content, without tag and size.
    std::optional<BytesView> component(ComponentTag tag) const;
    /// The components in load order. Descriptor is needed by some old cards only.
    Bytes load_file_data_block(bool with_descriptor) const;

  private:
    Package() : aid_(iso7816::Aid::constant("0000000000")) {}
    Status read_header();
    Status read_directory();
    Status read_imports();
    Status read_applets();

    std::map<ComponentTag, Bytes> components_;
    iso7816::Aid aid_;
    Version version_;
    Version format_;
    std::vector<Import> imports_;
    std::vector<iso7816::Aid> applets_;
};

/// The imports that nothing in `available` satisfies: the same AID and major version with at least the minor
/// version (JCVM 3.0.5, 4.5).
std::vector<Import> missing_imports(const Package& package, std::span<const Import> available);
/// Error `cap.missing_import` that names them; nothing if there are none.
Status check_imports(const Package& package, std::span<const Import> available);
/// "javacard.framework 1.3", or the AID and version of a package that is not well known.
std::string describe(const Import& import);

}  // namespace oti::cap
