// SPDX-License-Identifier: Apache-2.0
// The data fields of INSTALL and what stands in their parameters (GPCS 2.3.1, 11.5.2.3).
#pragma once

#include <array>
#include <expected>
#include <optional>

#include "base/tlv.h"
#include "iso7816/aid.h"
#include "iso7816/apdu.h"

namespace oti::card {

/// Control Reference Template for Digital Signature, B6: for whom a token is, and its number.
struct TokenReference {
    std::optional<BytesView> identification_number;  ///< 42
    std::optional<BytesView> image_number;           ///< 45
    std::optional<BytesView> provider;               ///< 5F20
    std::optional<BytesView> token_identifier;       ///< 93
};

/// The parameters of all forms of INSTALL (tables 11-48 to 11-52), absent ones empty; each form takes those
/// that it has. What the tables do not name is skipped.
struct ContentParameters {
    std::optional<BytesView> application;  ///< C9
    // Of EF, in bytes.
    std::optional<std::uint32_t> code_minimum;          ///< C6
    std::optional<std::uint32_t> volatile_quota;        ///< C7; INSTALL [for load]: what must be free
    std::optional<std::uint32_t> nonvolatile_quota;     ///< C8; likewise
    std::optional<std::uint32_t> volatile_reserved;     ///< D7
    std::optional<std::uint32_t> nonvolatile_reserved;  ///< D8
    std::optional<BytesView> services;                  ///< CB
    std::optional<std::uint8_t> restrictions;           ///< D9
    Bytes implicit_selections;                          ///< of each CF
    Bytes uicc_parameters;                              ///< CA and EA, as objects
    TokenReference reference;

    /// 6A80 unless the objects are whole and have the lengths of the tables.
    static std::expected<ContentParameters, iso7816::StatusWord> parse(BytesView field);
};

/// The data field of an INSTALL; views into the command.
struct InstallFields {
    /// AIDs, hash, privileges in the order of the form; the last one is absent in INSTALL [for load].
    std::array<BytesView, 4> lv;
    BytesView parameters;
    BytesView token;
    Bytes signed_data;  ///< what a token is made over: P1, P2, length, and all that stands before the token
                        ///< (C.4)

    /// `count` of 3 or 4 fields before the parameters. Error 6A80.
    static std::expected<InstallFields, iso7816::StatusWord> parse(const iso7816::CommandApdu& command,
                                                                   std::size_t count);
};

/// P1, P2, and the data with its length as Lc (one byte, or three from 256 on): the beginning of what a token
/// signs.
Bytes token_input(const iso7816::CommandApdu& command, BytesView data);
/// Of the value of B6. Error 6A80.
std::expected<TokenReference, iso7816::StatusWord> parse_token_reference(BytesView value);

/// An AID in a field. Error 6A80.
std::expected<iso7816::Aid, iso7816::StatusWord> aid_of(BytesView field);

}  // namespace oti::card
