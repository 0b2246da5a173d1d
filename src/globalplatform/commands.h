// SPDX-License-Identifier: Apache-2.0
// The commands of GPCS 2.3.1, section 11, as an off-card entity sends them; plain, before the secure channel.
#pragma once

#include <optional>
#include <vector>

#include "base/tlv.h"
#include "globalplatform/registry.h"
#include "iso7816/aid.h"
#include "iso7816/apdu.h"
#include "scp/key_version.h"

namespace oti::globalplatform {

/// SELECT by name, first occurrence, on logical channel 0.
iso7816::CommandApdu select(const iso7816::Aid& aid);

/// Data cut into blocks of at most that many bytes.
std::vector<Bytes> cut_into_blocks(BytesView data, std::size_t block_size);

/// LOAD blocks of at most `block_size` bytes of the load file (`C4`, length, components). P2 wraps after FF
/// (11.6.2.2).
std::vector<iso7816::CommandApdu> load(BytesView load_file, std::size_t block_size);

/// DELETE (11.2); `related`: of a load file also its applications, of a domain also its content.
iso7816::CommandApdu delete_object(const iso7816::Aid& aid, bool related);

/// DELETE of keys (11.2.2.3.2): of one version, of one identifier, or of both. One of the two must be there.
iso7816::CommandApdu delete_key(std::optional<scp::KeyVersion> version,
                                std::optional<std::uint8_t> identifier);

/// Of whom SET STATUS changes the life cycle (11.10.2.1).
enum class StatusOf : std::uint8_t {
    kCard = 0x80,
    kApplication = 0x40,       ///< application or supplementary security domain
    kDomainAndContent = 0x60,  ///< a security domain and all that is associated with it
};
/// SET STATUS; `aid` is ignored by the card where `of` is the card.
iso7816::CommandApdu set_status(StatusOf of, std::uint8_t life_cycle, const iso7816::Aid& aid);

/// GET DATA, with the tag's value or the whole object as the class byte says; no data field.
iso7816::CommandApdu get_data(Tag tag);
/// GET DATA 2F00 with its tag list `5C00` (11.3.2.2).
iso7816::CommandApdu get_data_applications();

/// Structure of the data of STORE DATA, P1 b5 b4 (11.11.2.1).
enum class DataStructure : std::uint8_t { kUnknown = 0x00, kDgi = 0x08, kBerTlv = 0x10 };
/// STORE DATA, one command for each block; the last one says so, P2 counts and wraps. `flags` are
/// P1 without b8: encryption and structure (`DataStructure`).
std::vector<iso7816::CommandApdu> store_data(const std::vector<Bytes>& blocks, std::uint8_t flags);

/// Largest command data field that an application announces in its FCI (9F65 in A5 in 6F); 255 if it says
/// nothing.
std::size_t max_command_data(BytesView fci);

}  // namespace oti::globalplatform
