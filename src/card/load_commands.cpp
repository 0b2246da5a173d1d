// SPDX-License-Identifier: Apache-2.0
#include "card/load_commands.h"

#include "base/byte_writer.h"
#include "cap/well_known.h"
#include "card/applets.h"
#include "card/authorization.h"
#include "card/load_verification.h"

namespace oti::card {
namespace {

constexpr std::uint8_t kLastBlock = 0x80;

/// The registry's entry of a load file whose data block this is.
std::expected<LoadFile, StatusWord> linked(const Environment& environment, const Loading& loading,
                                           BytesView block) {
    auto package = cap::Package::parse_load_file_data_block(block);
    if (!package || package->aid() != loading.load_file) return refuse(StatusWord::kWrongData);
    // Another channel may have been quicker.
    if (environment.registry.contains(loading.load_file)) return refuse(StatusWord::kConditionsNotSatisfied);
    std::vector<cap::AvailablePackage> available;
    for (const auto& file : environment.registry.load_files()) available.push_back({file.aid, file.version});
    // The linker finds a name that nothing resolves.
    if (!cap::missing_imports(package->imports(), available).empty()) return refuse(StatusWord::kWrongData);
    return LoadFile{loading.load_file,  package->version(), loading.security_domain,
                    package->applets(), package->imports(), false,
                    loading.provider};
}

}  // namespace

std::expected<void, StatusWord> register_load_file(Environment& environment, const Loading& loading) {
    OTI_TRY(auto block, verified_data_block(environment, loading));
    OTI_TRY(auto entry, linked(environment, loading, block));
    environment.registry.put(entry);
    environment.registry.put_code(loading.load_file, std::move(block));
    environment.applets.plan_load(loading.load_file);
    return {};
}

Answer load(Environment& environment, Channel& channel, const Application& domain,
            const CommandApdu& command) {
    if (!channel.loading || channel.loading->complete || channel.loading->authorization.domain != domain.aid)
        return refuse(StatusWord::kConditionsNotSatisfied);
    auto& loading = *channel.loading;
    if (command.p2 != (loading.next_block & 0xFF)) return refuse(StatusWord::kIncorrectP1P2);
    append(loading.data, command.data);
    ++loading.next_block;
    if (loading.data.size() > loading.room) return refuse(StatusWord::kNoSpace);
    if ((command.p1 & kLastBlock) == 0) return confirmation();
    if (loading.combined) {
        // What is wrong with the file shall show now (9.3.8); it is registered by the last INSTALL.
        OTI_TRY(auto block, verified_data_block(environment, loading));
        OTI_CHECK(linked(environment, loading, block));
        loading.complete = true;
        return confirmation();
    }
    auto complete = std::move(loading);
    channel.loading.reset();
    OTI_CHECK(register_load_file(environment, complete));
    ByteWriter subject;
    subject.lv(complete.load_file.bytes()).lv(complete.security_domain.bytes());
    return confirm(environment, complete.authorization, subject.view());
}

}  // namespace oti::card
