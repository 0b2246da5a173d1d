// SPDX-License-Identifier: Apache-2.0
#include "card/load_commands.h"

#include "cap/load_file.h"
#include "cap/well_known.h"
#include "card/status_commands.h"

namespace oti::card {
namespace {

constexpr std::uint8_t kLastBlock = 0x80;

Answer register_load_file(Environment& environment, const Loading& loading) {
    auto block = cap::data_block_of(loading.data);
    auto package = block ? cap::Package::parse_load_file_data_block(*block) : std::unexpected(block.error());
    if (!package || package->aid() != loading.load_file) return refuse(StatusWord::kWrongData);
    // Another channel may have been quicker.
    if (environment.registry.contains(loading.load_file) ||
        !environment.registry.application(loading.security_domain)) {
        return refuse(StatusWord::kConditionsNotSatisfied);
    }
    std::vector<cap::AvailablePackage> available;
    for (const auto& file : environment.registry.load_files()) available.push_back({file.aid, file.version});
    // The linker finds a name that nothing resolves.
    if (!cap::missing_imports(*package, available).empty()) return refuse(StatusWord::kWrongData);
    LoadFile entry{loading.load_file,  package->version(), loading.security_domain,
                   package->applets(), package->imports(), false};
    // A load file with more modules than GET STATUS can list could not be managed.
    if (!fits_in_get_status(entry)) return refuse(StatusWord::kWrongData);
    environment.registry.put(entry);
    environment.registry.put_code(loading.load_file, to_bytes(*block));
    return confirmation();
}

}  // namespace

Answer load(Environment& environment, Channel& channel, const Application& /*domain*/,
            const CommandApdu& command) {
    if (!channel.loading) return refuse(StatusWord::kConditionsNotSatisfied);
    auto& loading = *channel.loading;
    if (command.p2 != (loading.next_block & 0xFF) || (command.p1 & ~kLastBlock) != 0) {
        return refuse(StatusWord::kIncorrectP1P2);
    }
    append(loading.data, command.data);
    ++loading.next_block;
    if (environment.nvm.bytes_used() + loading.data.size() > environment.profile.capacity) {
        return refuse(StatusWord::kNoSpace);
    }
    if ((command.p1 & kLastBlock) == 0) return confirmation();
    auto complete = std::move(loading);
    channel.loading.reset();
    return register_load_file(environment, complete);
}

}  // namespace oti::card
