// SPDX-License-Identifier: Apache-2.0
// What the objects of javacard.security and javacardx.crypto that work with keys and streams share.
#pragma once

#include <optional>

#include "crypto/hasher.h"
#include "javacard/key_object.h"
#include "javacard/machine.h"
#include "javacard/security.h"

namespace oti::javacard {

/// The cells that a class declares, of any object of it; they are changed outside of transactions, since what
/// such objects are initialized with takes no part in those (API 3.0.5, Cipher, Signature).
class Cells {
  public:
    Cells(Machine& machine, Ref ref, ClassId declaring)
        : machine_(machine), ref_(ref), first_(machine.packages().find(declaring)->first_cell) {}

    std::uint16_t get(std::size_t index) const { return machine_.heap().find(ref_)->u16(first_ + index); }
    /// Nothing is stored where nothing changes.
    void set(std::size_t index, std::uint16_t value);

  private:
    Machine& machine_;
    Ref ref_;
    std::size_t first_;
};

/// An object that is initialized with a key and a mode: KeyAgreement, Signature, Cipher. Its cells survive a
/// reset, and hold what it is set back to by one.
struct InitializedObject {
    static constexpr std::size_t kKey = 0, kMode = 1, kAlgorithm = 2, kComposition = 3, kCells = 4;

    InitializedObject(NativeCall& call, Ref object, ClassId declaring)
        : cells(call.machine(), object, declaring) {}

    std::uint8_t mode() const { return static_cast<std::uint8_t>(cells.get(kMode)); }
    std::uint8_t algorithm() const { return static_cast<std::uint8_t>(cells.get(kAlgorithm)); }

    void initialize(Ref key, std::uint8_t mode) {
        cells.set(kKey, key);
        cells.set(kMode, mode);
    }
    /// CryptoException INVALID_INIT if it was not initialized, UNINITIALIZED_KEY if its key no more is.
    Guest<KeyObject> key(Machine& machine) const;

    Cells cells;
};

/// An instance of a class whose first cell is what it does. `type` is the class itself or one below it.
Guest<Ref> make_with_algorithm(NativeCall& call, ClassId type, ClassId declaring, std::size_t cell,
                               std::uint16_t value);

/// What a OneShot may not do while it is closed: CryptoException ILLEGAL_USE.
Guest<void> check_open(NativeCall& call);
/// The same, and for each OneShot: an operation in parts is not for it (update).
Guest<void> check_streams(NativeCall& call);
/// OneShot.close.
Guest<Value> close_one_shot(NativeCall& call);
/// A constructor: everything that counts is set by getInstance.
Guest<Value> construct_nothing(NativeCall& call);

/// The digest that goes on from what the arguments of setInitialDigest say: (initialDigestBuf,
/// initialDigestOffset, initialDigestLength, digestedMsgLenBuf, digestedMsgLenOffset, digestedMsgLenLength),
/// the last of them a big-endian number of bytes. ILLEGAL_VALUE for what is none.
Guest<crypto::Hasher> resumed_digest(NativeCall& call, crypto::Hash hash);

/// Writes a result at an offset of an array that arguments name: ArrayIndexOutOfBoundsException if it does
/// not fit. Returns its length.
Guest<Value> put_result(NativeCall& call, std::size_t array, std::size_t offset, BytesView result);

}  // namespace oti::javacard
