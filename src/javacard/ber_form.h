// SPDX-License-Identifier: Apache-2.0
// BER tags and lengths as javacardx.framework.tlv takes them apart (ISO/IEC 8825-1): tags of up to three
// bytes, lengths in definite form.
#pragma once

#include "javacard/native.h"

namespace oti::javacard {

inline constexpr ClassId kTlvException{10, 6};
namespace tlv_reason {
inline constexpr std::uint16_t kInvalidParam = 1, kIllegalSize = 2, kEmptyTag = 3, kEmptyTlv = 4,
                               kMalformedTag = 5, kMalformedTlv = 6, kInsufficientStorage = 7,
                               kTlvTooLong = 10, kLengthTooLong = 11;
}  // namespace tlv_reason

/// The largest TLV, and the largest length, that a short can name.
inline constexpr std::size_t kMaxTlv = 32767;

/// One TLV among bytes: where its parts are.
struct BerPlace {
    std::size_t tag_size = 0;
    std::size_t header_size = 0;  ///< tag and length
    std::size_t value_size = 0;
    std::size_t size() const { return header_size + value_size; }
};

/// The bytes of the tag that begins here. ArrayIndexOutOfBoundsException if it goes on behind the end;
/// TLVException ILLEGAL_SIZE, MALFORMED_TAG.
Guest<std::size_t> ber_tag_size(BytesView bytes);
/// The TLV that begins here. The same, but MALFORMED_TLV, and TLV_LENGTH_GREATER_THAN_32767; of a constructed
/// one, its content is not looked at.
Guest<BerPlace> ber_place(BytesView bytes);
/// Whether these bytes are one TLV, and that of others if it is constructed, all the way down.
bool is_ber_tlv(BytesView bytes);
/// Whether they are TLVs, one after another.
bool are_ber_tlvs(BytesView bytes, unsigned depth = 0);

inline bool is_constructed_tag(BytesView tag) {
    return (tag[0] & 0x20) != 0;
}
inline unsigned class_of_tag(BytesView tag) {
    return tag[0] >> 6;
}
unsigned number_of_tag(BytesView tag);
/// ILLEGAL_SIZE if the number needs more than three bytes.
Guest<Bytes> make_ber_tag(unsigned tag_class, bool constructed, unsigned number);
/// TLV_SIZE_GREATER_THAN_32767.
Guest<Bytes> make_ber_tlv(BytesView tag, BytesView value);

}  // namespace oti::javacard
