// SPDX-License-Identifier: Apache-2.0
#include "card/install_commands.h"

#include <algorithm>

#include "base/byte_reader.h"
#include "base/tlv.h"

namespace oti::card {
namespace {

// P1 of INSTALL (table 11-41).
constexpr std::uint8_t kForLoad = 0x02, kForInstall = 0x04, kForMakeSelectable = 0x08,
                       kForInstallAndMakeSelectable = 0x0C, kForPersonalization = 0x20;
constexpr std::uint8_t kScp03 = 0x03;
/// Options of SCP03 that every profile can do, and with them S16 (b1).
constexpr std::uint8_t kOptionsS8 = 0x70, kOptionsS16 = 0x71;
constexpr std::string_view kSecurityDomainModule = "A000000151535041";

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
        if (entry->aid != domain.aid && !domain.is_issuer_domain())
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
    if (!domain.is_issuer_domain() && file->security_domain != domain.aid)
        return refuse(StatusWord::kReferencedDataNotFound);
    if (environment.registry.contains(*instance)) return refuse(StatusWord::kConditionsNotSatisfied);
    // Only the issuer gives privileges away.
    if (!domain.is_issuer_domain() && !privileges.none()) return refuse(StatusWord::kConditionsNotSatisfied);
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
    if (entry->security_domain != domain.aid && !domain.is_issuer_domain())
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

}  // namespace

Answer install(Environment& environment, Channel& channel, const Application& domain,
               const CommandApdu& command) {
    if (command.p2 != 0) return refuse(StatusWord::kIncorrectP1P2);
    if (command.p1 != kForPersonalization && !domain.may_manage_content()) {
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
            channel.next_data_block = 0;
            return confirmation();
        }
        default:
            return refuse(StatusWord::kIncorrectP1P2);
    }
}

}  // namespace oti::card
