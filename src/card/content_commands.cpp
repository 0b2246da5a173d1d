// SPDX-License-Identifier: Apache-2.0
#include "card/content_commands.h"

#include <algorithm>

#include "base/byte_reader.h"
#include "base/tlv.h"
#include "cap/cap_file.h"

namespace oti::card {
namespace {

// P1 of INSTALL (table 11-41).
constexpr std::uint8_t kForLoad = 0x02, kForInstall = 0x04, kForMakeSelectable = 0x08,
                       kForInstallAndMakeSelectable = 0x0C, kForPersonalization = 0x20;
constexpr std::uint8_t kLastBlock = 0x80, kRelatedToo = 0x80;
constexpr std::uint8_t kScp03 = 0x03;
/// Options of SCP03 that every profile can do, and with them S16 (b1).
constexpr std::uint8_t kOptionsS8 = 0x70, kOptionsS16 = 0x71;
constexpr std::string_view kSecurityDomainModule = "A000000151535041";

/// Most answers of content management: an empty confirmation (11.2.3.1, 11.5.3.1, 11.6.3.1).
ResponseApdu confirmation() {
    return {{0x00}};
}

/// The fields of an INSTALL command; errors of any of them are 6A80.
class Fields {
  public:
    explicit Fields(BytesView data) : reader_(data, "INSTALL") {}

    std::expected<BytesView, StatusWord> lv() {
        auto field = reader_.take_lv();
        if (!field) return refuse(StatusWord::kWrongData);
        return *field;
    }
    /// Parameters and tokens, whose length is BER coded.
    std::expected<BytesView, StatusWord> ber_lv() {
        // `80` alone is 128 here, as an exception to BER (11.1.5).
        auto size =
            !reader_.empty() && peek() == 0x80 ? Result<std::size_t>(reader_.u8()) : read_length(reader_);
        auto field = size ? reader_.take(*size) : std::unexpected(size.error());
        if (!field) return refuse(StatusWord::kWrongData);
        return *field;
    }
    std::expected<Aid, StatusWord> aid() {
        OTI_TRY(auto bytes, lv());
        auto aid = Aid::create(bytes);
        if (!aid) return refuse(StatusWord::kWrongData);
        return *aid;
    }
    /// No token: nobody but the issuer could check one, and no domain has delegated management here.
    std::expected<void, StatusWord> no_token_and_end() {
        OTI_TRY(auto token, ber_lv());
        if (!token.empty() || !reader_.empty()) return refuse(StatusWord::kWrongData);
        return {};
    }

  private:
    std::uint8_t peek() const {
        auto copy = reader_;
        return copy.u8().value_or(0);
    }
    ByteReader reader_;
};

bool is_issuer(const Application& domain) {
    return domain.aid == domain.security_domain;
}

bool may_manage_content(const Application& domain) {
    return is_issuer(domain) || domain.privileges.has(Privilege::kAuthorizedManagement);
}

Answer install_for_load(Environment& environment, Channel& channel, const Application& domain,
                        BytesView data) {
    Fields fields(data);
    OTI_TRY(auto load_file, fields.aid());
    OTI_TRY(auto domain_field, fields.lv());
    OTI_TRY(auto hash, fields.lv());
    OTI_TRY(auto parameters, fields.ber_lv());
    OTI_CHECK(fields.no_token_and_end());
    if (!hash.empty()) return refuse(StatusWord::kWrongData);

    auto target = domain;
    if (!domain_field.empty()) {
        auto aid = Aid::create(domain_field);
        auto entry = aid ? environment.registry.application(*aid) : std::nullopt;
        if (!entry || !entry->is_security_domain()) return refuse(StatusWord::kWrongData);
        if (entry->aid != domain.aid && !is_issuer(domain))
            return refuse(StatusWord::kConditionsNotSatisfied);
        target = *entry;
    }
    if (environment.registry.contains(load_file)) return refuse(StatusWord::kConditionsNotSatisfied);

    // EF { C6: non-volatile memory that the code needs } (11.5.2.3.7).
    auto objects = read_all_tlv(parameters, "load parameters");
    if (!objects) return refuse(StatusWord::kWrongData);
    if (auto system = find(*objects, 0xEF)) {
        auto inner = read_all_tlv(*system, "system parameters");
        if (!inner) return refuse(StatusWord::kWrongData);
        std::uint64_t needed = 0;
        for (auto byte : find(*inner, 0xC6).value_or(BytesView())) needed = needed << 8 | byte;
        if (environment.nvm.bytes_used() + needed > environment.profile.capacity)
            return refuse(StatusWord::kNoSpace);
    }
    channel.loading = Loading{load_file, target.aid, {}, 0};
    return confirmation();
}

/// C9 of a security domain: which secure channel protocols with which options (11.5.2.3.7 and Amendment
/// D, 7.2).
std::expected<std::uint8_t, StatusWord> scp03_options(const Environment& environment,
                                                      BytesView application_parameters) {
    auto objects = read_all_tlv(application_parameters, "C9");
    if (!objects) return refuse(StatusWord::kWrongData);
    auto possible = (environment.profile.scp03_i & 0x01) != 0 ? kOptionsS16 : kOptionsS8;
    auto i = environment.profile.scp03_i;
    for (const auto& object : *objects) {
        if (object.tag == 0x81) {
            if (object.value.size() != 2 || object.value[0] != kScp03) return refuse(StatusWord::kWrongData);
            i = object.value[1];
            bool r_encryption_without_r_mac = (i & 0x60) == 0x40;
            if ((i & ~possible) != 0 || r_encryption_without_r_mac) return refuse(StatusWord::kWrongData);
        } else if (object.tag < 0x82 || object.tag > 0x87) {
            return refuse(StatusWord::kWrongData);
        }
    }
    return i;
}

Answer install_instance(Environment& environment, const Application& domain, BytesView data,
                        bool make_selectable) {
    Fields fields(data);
    OTI_TRY(auto load_file_aid, fields.aid());
    OTI_TRY(auto module, fields.aid());
    OTI_TRY(auto instance_field, fields.lv());
    OTI_TRY(auto privilege_bytes, fields.lv());
    OTI_TRY(auto parameters, fields.ber_lv());
    OTI_CHECK(fields.no_token_and_end());

    auto instance = instance_field.empty() ? Result<Aid>(module) : Aid::create(instance_field);
    if (!instance || (privilege_bytes.size() != 1 && privilege_bytes.size() != 3))
        return refuse(StatusWord::kWrongData);
    std::uint32_t bits = 0;
    for (std::size_t n = 0; n < 3; ++n)
        bits = bits << 8 | (n < privilege_bytes.size() ? privilege_bytes[n] : 0U);
    PrivilegeSet privileges(bits);

    auto file = environment.registry.load_file(load_file_aid);
    if (!file || std::ranges::find(file->modules, module) == file->modules.end()) {
        return refuse(StatusWord::kReferencedDataNotFound);
    }
    if (!is_issuer(domain) && file->security_domain != domain.aid)
        return refuse(StatusWord::kReferencedDataNotFound);
    if (environment.registry.contains(*instance)) return refuse(StatusWord::kConditionsNotSatisfied);
    // Only the issuer gives privileges away.
    if (!is_issuer(domain) && !privileges.none()) return refuse(StatusWord::kConditionsNotSatisfied);
    bool is_domain = module.hex() == kSecurityDomainModule;
    if (is_domain != privileges.has(Privilege::kSecurityDomain)) return refuse(StatusWord::kWrongData);

    auto objects = read_all_tlv(parameters, "install parameters");
    auto application_parameters = objects ? find(*objects, 0xC9) : std::nullopt;
    if (!application_parameters) return refuse(StatusWord::kWrongData);
    std::uint8_t i = 0;
    if (is_domain) {
        OTI_TRY(i, scp03_options(environment, *application_parameters));
    }
    auto state = make_selectable ? LifeCycle::kSelectable : LifeCycle::kInstalled;
    auto owner = file->preloaded ? domain.aid : file->security_domain;
    environment.registry.put(
        {*instance, static_cast<std::uint8_t>(state), privileges, load_file_aid, module, owner, i});
    if (environment.nvm.bytes_used() > environment.profile.capacity) return refuse(StatusWord::kNoSpace);
    return confirmation();
}

/// The instance that an INSTALL [for make selectable / personalization] names, with its other fields checked.
std::expected<Application, StatusWord> named_instance(Environment& environment, const Application& domain,
                                                      BytesView data) {
    Fields fields(data);
    OTI_CHECK(fields.lv());
    OTI_CHECK(fields.lv());
    OTI_TRY(auto aid, fields.aid());
    OTI_CHECK(fields.lv());
    OTI_CHECK(fields.ber_lv());
    OTI_CHECK(fields.no_token_and_end());
    auto entry = environment.registry.application(aid);
    if (!entry) return refuse(StatusWord::kReferencedDataNotFound);
    if (entry->security_domain != domain.aid && !is_issuer(domain))
        return refuse(StatusWord::kConditionsNotSatisfied);
    return *entry;
}

Answer make_selectable(Environment& environment, const Application& domain, BytesView data) {
    OTI_TRY(auto entry, named_instance(environment, domain, data));
    if (entry.life_cycle != static_cast<std::uint8_t>(LifeCycle::kInstalled)) {
        return refuse(StatusWord::kConditionsNotSatisfied);
    }
    entry.life_cycle = static_cast<std::uint8_t>(LifeCycle::kSelectable);
    environment.registry.put(entry);
    return confirmation();
}

Answer register_load_file(Environment& environment, const Loading& loading) {
    auto block = cap::data_block_of(loading.data);
    auto package = block ? cap::Package::parse_load_file_data_block(*block) : std::unexpected(block.error());
    if (!package || package->aid() != loading.load_file) return refuse(StatusWord::kWrongData);
    std::vector<cap::Import> available;
    for (const auto& file : environment.registry.load_files()) available.push_back({file.aid, file.version});
    // The linker finds a name that nothing resolves.
    if (!cap::check_imports(*package, available)) return refuse(StatusWord::kWrongData);
    environment.registry.put(LoadFile{loading.load_file, package->version(), loading.security_domain,
                                      package->applets(), package->imports(), false});
    environment.registry.put_code(loading.load_file, to_bytes(*block));
    if (environment.nvm.bytes_used() > environment.profile.capacity) return refuse(StatusWord::kNoSpace);
    return confirmation();
}

/// Whether something else on the card cannot do without this load file.
bool is_imported(const Environment& environment, const Aid& load_file) {
    auto files = environment.registry.load_files();
    return std::ranges::any_of(files, [&](const LoadFile& file) {
        return file.aid != load_file &&
               std::ranges::any_of(file.imports, [&](const auto& i) { return i.aid == load_file; });
    });
}

std::vector<Application> instances_of(const Environment& environment, const Aid& load_file) {
    auto all = environment.registry.applications();
    std::erase_if(all, [&](const Application& entry) { return entry.load_file != load_file; });
    return all;
}

std::expected<void, StatusWord> delete_application(Environment& environment, const Application& entry,
                                                   bool related);

std::expected<void, StatusWord> delete_load_file(Environment& environment, const LoadFile& file,
                                                 bool related) {
    auto instances = instances_of(environment, file.aid);
    if (file.preloaded || is_imported(environment, file.aid) || (!instances.empty() && !related)) {
        return refuse(StatusWord::kConditionsNotSatisfied);
    }
    for (const auto& instance : instances) OTI_CHECK(delete_application(environment, instance, true));
    environment.registry.erase_load_file(file.aid);
    return {};
}

std::expected<void, StatusWord> delete_application(Environment& environment, const Application& entry,
                                                   bool related) {
    if (is_issuer(entry)) return refuse(StatusWord::kConditionsNotSatisfied);
    environment.registry.erase_application(entry.aid);
    if (!entry.is_security_domain()) return {};
    // A domain goes with its keys and with all that is associated with it, or not at all.
    for (const auto& below : environment.registry.applications()) {
        if (below.security_domain != entry.aid) continue;
        if (!related) return refuse(StatusWord::kConditionsNotSatisfied);
        OTI_CHECK(delete_application(environment, below, true));
    }
    for (const auto& file : environment.registry.load_files()) {
        if (file.security_domain != entry.aid) continue;
        if (!related) return refuse(StatusWord::kConditionsNotSatisfied);
        OTI_CHECK(delete_load_file(environment, file, true));
    }
    environment.keys.erase_all(entry.aid);
    return {};
}

}  // namespace

Answer install(Environment& environment, Channel& channel, const Application& domain,
               const CommandApdu& command) {
    if (command.p2 != 0) return refuse(StatusWord::kIncorrectP1P2);
    if (command.p1 != kForPersonalization && !may_manage_content(domain)) {
        return refuse(StatusWord::kConditionsNotSatisfied);
    }
    switch (command.p1) {
        case kForLoad:
            return install_for_load(environment, channel, domain, command.data);
        case kForInstall:
            return install_instance(environment, domain, command.data, false);
        case kForInstallAndMakeSelectable:
            return install_instance(environment, domain, command.data, true);
        case kForMakeSelectable:
            return make_selectable(environment, domain, command.data);
        case kForPersonalization: {
            OTI_TRY(auto entry, named_instance(environment, domain, command.data));
            channel.personalized = entry.aid;
            return confirmation();
        }
        default:
            return refuse(StatusWord::kIncorrectP1P2);
    }
}

Answer load(Environment& environment, Channel& channel, const CommandApdu& command) {
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

Answer delete_content(Environment& environment, const Application& domain, const CommandApdu& command) {
    if (command.p1 != 0 || (command.p2 & ~kRelatedToo) != 0) return refuse(StatusWord::kIncorrectP1P2);
    auto objects = read_all_tlv(command.data, "DELETE");
    if (!objects || objects->size() != 1 || objects->front().tag != 0x4F)
        return refuse(StatusWord::kWrongData);
    auto aid = Aid::create(objects->front().value);
    if (!aid) return refuse(StatusWord::kWrongData);

    auto application = environment.registry.application(*aid);
    auto file = environment.registry.load_file(*aid);
    if (!application && !file) return refuse(StatusWord::kReferencedDataNotFound);
    bool global = is_issuer(domain) || domain.privileges.has(Privilege::kGlobalDelete);
    bool own = may_manage_content(domain) && environment.registry.is_below(*aid, domain.aid);
    // A domain cannot saw off the branch that it sits on.
    if ((!global && !own) || *aid == domain.aid) return refuse(StatusWord::kConditionsNotSatisfied);
    bool related = (command.p2 & kRelatedToo) != 0;
    if (application) OTI_CHECK(delete_application(environment, *application, related));
    if (file) OTI_CHECK(delete_load_file(environment, *file, related));
    return confirmation();
}

}  // namespace oti::card
