// SPDX-License-Identifier: Apache-2.0
// Keys: what all classes behind the key interfaces of javacard.security share.
#pragma once

#include <optional>

#include "crypto/secret_bytes.h"
#include "javacard/crypto.h"

namespace oti::javacard {

enum class KeyFamily : std::uint8_t {
    kNone,
    kDes,
    kAes,
    kHmac,
    kRsaPublic,
    kRsaPrivate,
    kRsaCrt,
    kEcPublic,
    kEcPrivate,
    kEcParameters,
    kDhPublic,
    kDhPrivate,
    kDhParameters,
};

/// What a key is made of; which of them, its family says.
enum class KeyPart : std::uint8_t {
    kSecret,
    kModulus,
    kExponent,
    kP,  ///< of RSA and of DH
    kQ,
    kPq,
    kDp1,
    kDq1,
    kField,
    kA,
    kB,
    kG,  ///< a point of the curve, a number of DH
    kR,
    kK,       ///< two bytes
    kPublic,  ///< W, Y
    kPrivate  ///< S, X
};

/// A view of a key. All parts lie in one byte array of the key's persistence, each with its length before it,
/// so that what clears a transient array clears the key.
class KeyObject {
  public:
    /// A new key with nothing set: CryptoException NO_SUCH_ALGORITHM where there are no keys of that length,
    /// SystemException as JCSystem.makeTransientByteArray has it. `type` is what getType returns. `domain` is
    /// a key whose domain parameters are this one's too.
    static Guest<Ref> make(NativeCall& call, KeyFamily family, std::uint8_t type, Persistence persistence,
                           std::int16_t bits, Ref domain = kNull);
    /// Nothing where the object is not one of ours: an applet may implement the interfaces itself.
    static std::optional<KeyObject> find(Machine& machine, Ref ref);
    /// As an argument of a call: NullPointerException, SecurityException, CryptoException ILLEGAL_VALUE.
    static Guest<KeyObject> argument(NativeCall& call, std::size_t index);

    KeyFamily family() const;
    std::uint8_t type() const;
    std::size_t bits() const;
    /// In bytes, rounded up.
    std::size_t size() const { return (bits() + 7) / 8; }
    /// Everything that it needs is set.
    bool is_initialized() const;
    bool has(KeyPart part) const { return !get(part).empty(); }
    /// Empty if it is not set, or if this family has no such part.
    BytesView get(KeyPart part) const;
    crypto::SecretBytes secret(KeyPart part) const { return crypto::SecretBytes::copy_of(get(part)); }
    /// CryptoException ILLEGAL_VALUE if it is empty or longer than it may be.
    Guest<void> set(KeyPart part, BytesView value);
    Guest<void> clear();
    std::size_t max_size(KeyPart part) const;
    /// Its domain parameters are those of another key: the same object, where they are its own.
    KeyObject domain() const;

    Ref cipher() const { return cell(kCipherCell); }
    Guest<void> set_cipher(Ref cipher);
    Ref ref() const { return ref_; }

  private:
    // Cells of the class; the references stand first.
    static constexpr std::size_t kDataCell = 0, kCipherCell = 1, kDomainCell = 2, kKindCell = 3,
                                 kBitsCell = 4;

    KeyObject(Machine& machine, Ref ref, std::size_t first_cell)
        : machine_(&machine), ref_(ref), first_cell_(first_cell) {}
    std::uint16_t cell(std::size_t index) const;
    struct Place {
        std::size_t offset = 0;
        std::size_t max_size = 0;
    };
    std::optional<Place> place_of(KeyPart part) const;

    Machine* machine_;
    Ref ref_;
    std::size_t first_cell_;

    friend const NativePackage& crypto_package();
};

/// Parts that make up the domain of EC and DH keys, in the order in which they are stored.
std::span<const KeyPart> domain_parts(KeyFamily family);

}  // namespace oti::javacard
