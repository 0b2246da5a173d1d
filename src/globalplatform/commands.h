// SPDX-License-Identifier: Apache-2.0
// The commands of GPCS 2.3.1, section 11, as an off-card entity sends them; plain, before the secure channel.
#pragma once

#include <vector>

#include "globalplatform/registry.h"
#include "iso7816/aid.h"
#include "iso7816/apdu.h"
#include "scp/key_set.h"
#include "scp/key_version.h"

namespace oti::globalplatform {

/// SELECT by name, first occurrence, on logical channel 0.
iso7816::CommandApdu select(const iso7816::Aid& aid);

/// INSTALL [for load] (11.5.2.3.1); no hash, no token. `size` is announced as C6 in the load parameters (EF).
iso7816::CommandApdu install_for_load(const iso7816::Aid& load_file, const iso7816::Aid& security_domain,
                                      std::size_t size);

/// LOAD blocks of at most `block_size` bytes of the load file (`C4`, length, components). P2 wraps after FF
/// (11.6.2.2).
std::vector<iso7816::CommandApdu> load(BytesView load_file, std::size_t block_size);

/// INSTALL [for install and make selectable] (11.5.2.3.2, 11.5.2.3.3); `application_parameters` go into C9.
iso7816::CommandApdu install_and_make_selectable(const iso7816::Aid& load_file, const iso7816::Aid& module,
                                                 const iso7816::Aid& instance, const Privileges& privileges,
                                                 BytesView application_parameters);

/// INSTALL [for make selectable] of an instance that is only installed.
iso7816::CommandApdu make_selectable(const iso7816::Aid& instance);

/// DELETE (11.2); `related`: of a load file also its applications, of a domain also its content.
iso7816::CommandApdu delete_object(const iso7816::Aid& aid, bool related);

/// PUT KEY of three AES keys at once (11.8), with what the card must answer.
struct PutKey {
    iso7816::CommandApdu command;
    Bytes expected_response;  ///< new key version, then three key check values
};

/// `replaced`: the version to be replaced, 0 to add. `dek`: the static Key-DEK of the key set of the open
/// session. Error `key.length` unless all are AES keys.
Result<PutKey> put_key(scp::KeyVersion replaced, scp::KeyVersion version, const scp::KeySet& keys,
                       const crypto::SecretBytes& dek);

/// Largest command data field that an application announces in its FCI (9F65 in A5 in 6F); 255 if it says
/// nothing.
std::size_t max_command_data(BytesView fci);

}  // namespace oti::globalplatform
