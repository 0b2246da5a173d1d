// SPDX-License-Identifier: Apache-2.0
#include "javacard/key_object.h"

#include <algorithm>
#include <vector>

#include "javacard/machine.h"
#include "javacard/runtime.h"

namespace oti::javacard {
namespace {

using enum KeyPart;
using enum KeyFamily;

constexpr KeyPart kEcDomain[] = {kField, kA, kB, kG, kR, kK};
constexpr KeyPart kDhDomain[] = {kP, kQ, kG};
constexpr std::size_t kLengthSize = 2;
/// HMAC keys may be as long as a block of their hash function, whatever length they were made for.
constexpr std::size_t kHmacMaxSize = 128;

std::span<const KeyPart> parts_of(KeyFamily family) {
    static constexpr KeyPart kSymmetric[] = {kSecret};
    static constexpr KeyPart kRsa[] = {kModulus, kExponent};
    static constexpr KeyPart kCrt[] = {kP, kQ, kPq, kDp1, kDq1};
    static constexpr KeyPart kPublicOnly[] = {kPublic};
    static constexpr KeyPart kPrivateOnly[] = {kPrivate};
    switch (family) {
        case kDes:
        case kAes:
        case kHmac:
            return kSymmetric;
        case kRsaPublic:
        case kRsaPrivate:
            return kRsa;
        case kRsaCrt:
            return kCrt;
        case kEcPublic:
        case kDhPublic:
            return kPublicOnly;
        case kEcPrivate:
        case kDhPrivate:
            return kPrivateOnly;
        default:
            return {};
    }
}

bool is_ec(KeyFamily family) {
    return family == kEcPublic || family == kEcPrivate || family == kEcParameters;
}

bool is_optional(KeyFamily family, KeyPart part) {
    // The cofactor is for one key agreement only (ALG_EC_SVDP_DHC); Q of DH for none.
    return part == kK || (part == kQ && family != kRsaCrt);
}

std::size_t max_size_of(KeyFamily family, KeyPart part, std::size_t bits) {
    auto size = (bits + 7) / 8;
    if (family == kHmac) return std::max(size, kHmacMaxSize);
    if (family == kRsaCrt) return (size + 1) / 2;
    if (!is_ec(family)) return size;
    switch (part) {
        case kG:
        case kPublic:
            return 1 + 2 * size;
        case kR:
        case kPrivate:
            return size + 1;  // the order may be longer than the field's prime
        case kK:
            return 2;
        default:
            return size;
    }
}

bool is_length(KeyFamily family, std::size_t bits) {
    switch (family) {
        case kDes:
            return bits == 64 || bits == 128 || bits == 192;
        case kAes:
            return bits == 128 || bits == 192 || bits == 256;
        case kHmac:
            return bits >= 8 && bits <= 2048 && bits % 8 == 0;
        case kRsaPublic:
        case kRsaPrivate:
        case kRsaCrt:
            return bits >= 512 && bits <= 4096 && bits % 32 == 0;
        case kEcPublic:
        case kEcPrivate:
        case kEcParameters:
            return bits >= 112 && bits <= 521;
        case kDhPublic:
        case kDhPrivate:
        case kDhParameters:
            return bits >= 512 && bits <= 4096 && bits % 32 == 0;
        case kNone:
            break;
    }
    return false;
}

ClassId class_of(KeyFamily family) {
    switch (family) {
        case kDes:
            return crypto_class::kDesKey;
        case kAes:
            return crypto_class::kAesKey;
        case kHmac:
            return crypto_class::kHmacKey;
        case kRsaPublic:
            return crypto_class::kRsaPublicKey;
        case kRsaPrivate:
            return crypto_class::kRsaPrivateKey;
        case kRsaCrt:
            return crypto_class::kRsaPrivateCrtKey;
        case kEcPublic:
            return crypto_class::kEcPublicKey;
        case kEcPrivate:
            return crypto_class::kEcPrivateKey;
        case kEcParameters:
            return crypto_class::kEcParameters;
        case kDhPublic:
            return crypto_class::kDhPublicKey;
        case kDhPrivate:
            return crypto_class::kDhPrivateKey;
        default:
            return crypto_class::kDhParameters;
    }
}

bool is_domain_part(KeyFamily family, KeyPart part) {
    auto parts = domain_parts(family);
    return std::ranges::find(parts, part) != parts.end();
}

template <typename Visit>
void for_each_part(KeyFamily family, bool own_domain, const Visit& visit) {
    if (own_domain) {
        for (auto part : domain_parts(family)) visit(part);
    }
    for (auto part : parts_of(family)) visit(part);
}

}  // namespace

std::span<const KeyPart> domain_parts(KeyFamily family) {
    if (is_ec(family)) return kEcDomain;
    if (family == kDhPublic || family == kDhPrivate || family == kDhParameters) return kDhDomain;
    return {};
}

Guest<Ref> KeyObject::make(NativeCall& call, KeyFamily family, std::uint8_t type, Persistence persistence,
                           std::int16_t bits, Ref domain) {
    auto length = static_cast<std::size_t>(bits < 0 ? 0 : bits);
    if (!is_length(family, length)) return crypto_exception(CryptoReason::kNoSuchAlgorithm);
    if (persistence == Persistence::kClearOnDeselect &&
        !call.machine().may_use_deselect_memory(call.caller())) {
        return throw_(exception::kSystem, reason::kIllegalTransient);
    }
    std::size_t size = 0;
    for_each_part(family, domain == kNull,
                  [&](KeyPart part) { size += kLengthSize + max_size_of(family, part, length); });
    OTI_TRY(auto data, call.heap().make_array(ObjectKind::kBytes, static_cast<std::int32_t>(size),
                                              call.caller(), persistence));
    const auto* known = call.machine().packages().find(class_of(family));
    OTI_TRY(auto ref, call.heap().make_instance(known->id, known->cells, call.caller()));
    auto first = call.machine().packages().find(crypto_class::kKeyObject)->first_cell;
    OTI_CHECK(call.heap().write_u16(ref, first + kDataCell, data));
    OTI_CHECK(call.heap().write_u16(ref, first + kDomainCell, domain));
    OTI_CHECK(call.heap().write_u16(ref, first + kKindCell,
                                    static_cast<std::uint16_t>(type << 8U | static_cast<unsigned>(family))));
    OTI_CHECK(call.heap().write_u16(ref, first + kBitsCell, static_cast<std::uint16_t>(length)));
    return ref;
}

std::optional<KeyObject> KeyObject::find(Machine& machine, Ref ref) {
    const auto* object = machine.heap().find(ref);
    const auto* base = machine.packages().find(crypto_class::kKeyObject);
    if (object == nullptr || object->kind != ObjectKind::kInstance || base == nullptr) return std::nullopt;
    const auto* type = machine.packages().find(object->type);
    if (type == nullptr || !type->is_assignable_to(*base)) return std::nullopt;
    return KeyObject(machine, ref, base->first_cell);
}

Guest<KeyObject> KeyObject::argument(NativeCall& call, std::size_t index) {
    // As the reference card: no key at all is none that fits.
    if (call.ref_at(index) == kNull) return crypto_exception(CryptoReason::kIllegalValue);
    OTI_CHECK(call.instance_at(index, security_class::kKey));
    auto key = find(call.machine(), call.ref_at(index));
    if (!key) return crypto_exception(CryptoReason::kIllegalValue);
    return *key;
}

std::uint16_t KeyObject::cell(std::size_t index) const {
    return machine_->heap().find(ref_)->u16(first_cell_ + index);
}

KeyFamily KeyObject::family() const {
    auto family = cell(kKindCell) & 0xFFU;
    return family <= static_cast<unsigned>(kDhParameters) ? static_cast<KeyFamily>(family) : kNone;
}

std::uint8_t KeyObject::type() const {
    return static_cast<std::uint8_t>(cell(kKindCell) >> 8U);
}

std::size_t KeyObject::bits() const {
    return cell(kBitsCell);
}

KeyObject KeyObject::domain() const {
    return find(*machine_, cell(kDomainCell)).value_or(*this);
}

std::optional<KeyObject::Place> KeyObject::place_of(KeyPart wanted) const {
    std::optional<Place> found;
    std::size_t offset = 0;
    for_each_part(family(), cell(kDomainCell) == kNull, [&](KeyPart part) {
        auto size = max_size_of(family(), part, bits());
        if (part == wanted && !found) found = Place{offset, size};
        offset += kLengthSize + size;
    });
    // Of an object whose constructor has not run there is no array.
    const auto* data = machine_->heap().find(cell(kDataCell));
    if (data == nullptr || data->kind != ObjectKind::kBytes || data->data.size() < offset)
        return std::nullopt;
    return found;
}

BytesView KeyObject::get(KeyPart part) const {
    bool is_domain = is_domain_part(family(), part);
    if (is_domain && cell(kDomainCell) != kNull) {
        auto owner = domain();
        return owner.ref_ == ref_ || owner.cell(kDomainCell) != kNull ? BytesView{} : owner.get(part);
    }
    auto place = place_of(part);
    if (!place) return {};
    BytesView data = machine_->heap().find(cell(kDataCell))->data;
    auto length = std::size_t{data[place->offset]} << 8U | data[place->offset + 1];
    return data.subspan(place->offset + kLengthSize, std::min(length, place->max_size));
}

std::size_t KeyObject::max_size(KeyPart part) const {
    return max_size_of(family(), part, bits());
}

Guest<void> KeyObject::set(KeyPart part, BytesView value) {
    bool is_domain = is_domain_part(family(), part);
    if (is_domain && cell(kDomainCell) != kNull) {
        auto owner = domain();
        if (owner.ref_ == ref_ || owner.cell(kDomainCell) != kNull) {
            return crypto_exception(CryptoReason::kIllegalValue);
        }
        return owner.set(part, value);
    }
    auto place = place_of(part);
    if (!place || value.empty() || value.size() > place->max_size) {
        return crypto_exception(CryptoReason::kIllegalValue);
    }
    Bytes record{static_cast<std::uint8_t>(value.size() >> 8U), static_cast<std::uint8_t>(value.size())};
    append(record, value);
    record.resize(kLengthSize + place->max_size);
    auto secret = crypto::SecretBytes::take(std::move(record));
    return machine_->heap().write(cell(kDataCell), place->offset,
                                  secret.view(crypto::SecretAccess::granted()));
}

Guest<void> KeyObject::clear() {
    const auto* data = machine_->heap().find(cell(kDataCell));
    if (data == nullptr) return {};
    return machine_->heap().write(cell(kDataCell), 0, Bytes(data->data.size()));
}

bool KeyObject::is_initialized() const {
    bool complete = family() != kNone;
    for_each_part(family(), true,
                  [&](KeyPart part) { complete = complete && (is_optional(family(), part) || has(part)); });
    return complete;
}

Guest<void> KeyObject::set_cipher(Ref cipher) {
    return machine_->heap().write_u16(ref_, first_cell_ + kCipherCell, cipher);
}

}  // namespace oti::javacard
