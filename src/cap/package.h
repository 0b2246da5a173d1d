// SPDX-License-Identifier: Apache-2.0
// A Java Card package as a card is sent it (JCVM specification 3.1, chapter 6).
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
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
};

/// A package that another one needs, with the version that it was converted against.
struct Import {
    iso7816::Aid aid;
    Version version;
    bool operator==(const Import&) const = default;
};

/// A package as a load file carries it: its components, checked against each other. Holds its own copy of the
/// bytes. What can be said without running or verifying bytecode is true of one that exists: all required
/// components are there, sizes and counts agree with the Directory, and every offset or index from one
/// component into another (and into the Import table) is within bounds.
class Package {
  public:
    /// From the load file data block: the components one after another (tag, size, content), Header first,
    /// the rest in any order and each once; Descriptor may be absent; Debug, reserved and custom components
    /// are skipped. CAP formats 2.1, 2.2 and 2.3 (compact). Errors `cap.damaged`, naming the component and
    /// the offset in its info item; `cap.format` for a version or an extended format that is not supported.
    static Result<Package> parse_load_file_data_block(BytesView block);

    const iso7816::Aid& aid() const { return aid_; }
    Version version() const { return version_; }
    /// The version of the CAP format, 2.1 to 2.3.
    Version format() const { return format_; }
    /// In the order of the Import component: the index is the package token.
    const std::vector<Import>& imports() const { return imports_; }
    /// The AIDs of the executable modules, in the order of the Applet component; empty for a library.
    const std::vector<iso7816::Aid>& applets() const { return applets_; }
    /// Whether a class implements javacard.framework.MultiSelectable; all applets of a package do, or none
    /// does (JCRE specification 3.0.5, 4.3).
    bool is_multiselectable() const { return is_multiselectable_; }
    /// The component's info item: what follows tag and size. Valid as long as this package is.
    std::optional<BytesView> component(ComponentTag tag) const;

  private:
    struct Extent {
        std::size_t offset = 0;
        std::size_t size = 0;
    };

    explicit Package(iso7816::Aid aid) : aid_(aid) {}

    Bytes block_;
    std::array<std::optional<Extent>, kLastComponentTag + 1> components_;  ///< by tag
    iso7816::Aid aid_;
    Version version_;
    Version format_;
    std::vector<Import> imports_;
    std::vector<iso7816::Aid> applets_;
    bool is_multiselectable_ = false;
};

}  // namespace oti::cap
