// SPDX-License-Identifier: Apache-2.0
// Of use inside this module only.
#pragma once

#include <string_view>

#include "base/byte_reader.h"
#include "base/result.h"
#include "cap/component.h"
#include "iso7816/aid.h"

namespace oti::cap {

/// `cap.damaged` at this offset of the component's info item.
std::unexpected<Error> damaged(ComponentTag component, std::size_t offset, std::string_view why);

/// Reads one component's info item. Every failure is `cap.damaged` with the component's name and the offset
/// of the item that was being read.
class ComponentReader {
  public:
    ComponentReader(ComponentTag component, BytesView info)
        : info_(info), reader_(info, name(component)), component_(component) {}

    Result<std::uint8_t> u8();
    Result<std::uint16_t> u16();
    Result<std::uint32_t> u32();
    Result<BytesView> take(std::size_t count);
    Status skip(std::size_t count);
    /// One length octet, then an AID.
    Result<iso7816::Aid> aid();
    Status expect_end() const;

    /// All of the component.
    BytesView info() const { return info_; }
    bool empty() const { return reader_.empty(); }
    std::size_t remaining() const { return reader_.remaining(); }
    std::size_t offset() const { return reader_.offset(); }
    /// What was read last is wrong.
    std::unexpected<Error> wrong(std::string_view why) const { return damaged(component_, item_, why); }

  private:
    template <typename T>
    Result<T> checked(Result<T> item, std::size_t offset);

    BytesView info_;
    ByteReader reader_;
    ComponentTag component_;
    std::size_t item_ = 0;  ///< offset of what was read last
};

}  // namespace oti::cap
