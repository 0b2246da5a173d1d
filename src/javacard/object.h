// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "javacard/types.h"

namespace oti::javacard {

/// One object. Whoever has it may read it; it is changed through the heap only, which keeps track.
/// The cells of an instance and the elements of an array lie in `data` one after another, big-endian; an int
/// field has two cells. A boolean is 0 or 1.
struct Object {
    ObjectKind kind = ObjectKind::kFree;
    Persistence persistence = Persistence::kPersistent;
    bool entry_point = false;  ///< a JCRE entry point object (JCRE specification 3.0.5, 6.2.1)
    bool temporary = false;    ///< a temporary entry point or a global array: may not be stored
    bool global = false;       ///< a global array (6.2.2)
    bool dirty = false;        ///< changed since it was stored last
    bool vanished = false;     ///< made in a transaction that was aborted: null to whoever still has it
    Owner owner;
    ClassId type;  ///< of an instance; of a reference array the element's; of static fields the package
    Bytes data;

    std::size_t size() const { return data.size() / element_size(kind); }
    std::uint16_t u16(std::size_t index) const {
        return static_cast<std::uint16_t>(data[2 * index] << 8 | data[2 * index + 1]);
    }
    /// Two bytes at this offset; whoever changes an object has told the heap before.
    void put_u16(std::size_t offset, std::uint16_t value) {
        data[offset] = static_cast<std::uint8_t>(value >> 8);
        data[offset + 1] = static_cast<std::uint8_t>(value);
    }
    std::int32_t i32(std::size_t index) const {
        return static_cast<std::int32_t>(std::uint32_t{data[4 * index]} << 24 |
                                         std::uint32_t{data[4 * index + 1]} << 16 |
                                         std::uint32_t{data[4 * index + 2]} << 8 | data[4 * index + 3]);
    }
};

/// As it is stored: kind, persistence, flags, context, applet, class (2), size in bytes (4), and the content
/// of a persistent object. Integers are big-endian.
Bytes encode(const Object& object);
/// Error `heap.damaged`.
Result<Object> decode_object(BytesView record);

/// Where the objects are between two sessions of the card. One command's puts and erases are one transaction
/// of whoever implements it.
class ObjectStore {
  public:
    virtual ~ObjectStore() = default;
    /// All records, each once.
    virtual Result<std::vector<std::pair<Ref, Bytes>>> records() const = 0;
    virtual void put(Ref ref, Bytes record) = 0;
    virtual void erase(Ref ref) = 0;
};

}  // namespace oti::javacard
