// SPDX-License-Identifier: Apache-2.0
#include "card/delete_commands.h"

#include <algorithm>

#include "base/byte_writer.h"
#include "base/tlv.h"
#include "card/applets.h"
#include "card/authorization.h"
#include "card/domain_options.h"
#include "card/key_commands.h"
#include "card/privileges.h"

namespace oti::card {
namespace {

constexpr std::uint8_t kRelatedToo = 0x80;
/// The bit of "Delete" among the restrictions (table 11-53).
constexpr std::uint8_t kDeletionRestricted = 0x01;
constexpr Tag kAid = 0x4F, kTokenReference = 0xB6, kToken = 0x9E;

/// One DELETE: who asks, and whether what hangs on the object goes too.
class Deletion {
  public:
    Deletion(Environment& environment, const Application& domain, bool related)
        : environment_(environment), registry_(environment.registry), domain_(domain), related_(related) {}

    std::expected<void, StatusWord> run(const Aid& aid) {
        auto application = registry_.application(aid);
        auto file = registry_.load_file(aid);
        if (!application && !file) return refuse(StatusWord::kReferencedDataNotFound);
        // A domain cannot saw off the branch that it sits on.
        if (aid == domain_.aid) return refuse(StatusWord::kConditionsNotSatisfied);
        if (application) return delete_application(*application);
        return delete_load_file(*file);
    }
    /// What the virtual machine has of all that was deleted goes as one.
    void plan_removal() { environment_.applets.plan_removal(std::move(applets_), std::move(load_files_)); }

  private:
    /// 9.5: what is associated with it; what is below it, if the domain in between agrees; all with Global
    /// Delete.
    bool may_delete(const Aid& aid, const Aid& associated, Content content) const {
        if (domain_.privileges.has(Privilege::kGlobalDelete) || associated == domain_.aid) return true;
        auto owner = registry_.application(associated);
        return registry_.is_below(aid, domain_.aid) && (!owner || accepts_deletion(*owner, content));
    }

    /// Whether something else on the card cannot do without this load file.
    bool is_imported(const Aid& load_file) const {
        auto files = registry_.load_files();
        return std::ranges::any_of(files, [&](const LoadFile& file) {
            return file.aid != load_file &&
                   std::ranges::any_of(file.imports, [&](const auto& i) { return i.aid == load_file; });
        });
    }

    std::expected<void, StatusWord> delete_load_file(const LoadFile& file) {
        auto instances = registry_.applications();
        std::erase_if(instances, [&](const Application& entry) { return entry.load_file != file.aid; });
        if (file.preloaded || is_imported(file.aid) || (!instances.empty() && !related_) ||
            !may_delete(file.aid, file.security_domain, Content::kLoadFile)) {
            return refuse(StatusWord::kConditionsNotSatisfied);
        }
        for (const auto& instance : instances) OTI_CHECK(delete_application(instance));
        registry_.erase_load_file(file.aid);
        load_files_.push_back(file.aid);
        return {};
    }

    /// All load files that are associated with a domain: those first that no other one imports.
    std::expected<void, StatusWord> delete_load_files_of(const Aid& domain) {
        for (;;) {
            auto files = registry_.load_files();
            std::erase_if(files, [&](const LoadFile& file) { return file.security_domain != domain; });
            if (files.empty()) return {};
            auto unused =
                std::ranges::find_if(files, [&](const LoadFile& file) { return !is_imported(file.aid); });
            if (!related_ || unused == files.end()) return refuse(StatusWord::kConditionsNotSatisfied);
            OTI_CHECK(delete_load_file(*unused));
        }
    }

    std::expected<void, StatusWord> delete_application(const Application& entry) {
        // An earlier step may have deleted it already.
        if (!registry_.application(entry.aid)) return {};
        bool allowed = may_delete(entry.aid, entry.security_domain, Content::kApplication);
        if (entry.is_issuer_domain() || entry.aid == domain_.aid || !allowed)
            return refuse(StatusWord::kConditionsNotSatisfied);
        if (entry.is_security_domain()) OTI_CHECK(empty_domain(entry));
        registry_.erase_application(entry.aid);
        if (!entry.is_security_domain()) applets_.push_back(entry.aid);
        return_privileges(environment_, entry.privileges);
        return {};
    }

    /// A domain goes with its keys and with all that is associated with it, or not at all.
    std::expected<void, StatusWord> empty_domain(const Application& entry) {
        for (const auto& below : registry_.applications()) {
            if (below.security_domain != entry.aid || below.aid == entry.aid) continue;
            if (!related_) return refuse(StatusWord::kConditionsNotSatisfied);
            OTI_CHECK(delete_application(below));
        }
        OTI_CHECK(delete_load_files_of(entry.aid));
        environment_.keys.erase_all(entry.aid);
        registry_.erase_data_objects(entry.aid);
        return {};
    }

    Environment& environment_;
    Registry& registry_;
    const Application& domain_;
    bool related_;
    std::vector<Aid> applets_, load_files_;
};

/// The data field of DELETE [card content] (table 11-23).
struct Fields {
    std::vector<Aid> aids;
    TokenReference reference;
    BytesView token;
    Bytes signed_data;
};

std::expected<Fields, StatusWord> parse(const CommandApdu& command) {
    Fields fields;
    ByteReader reader(command.data, "DELETE");
    std::size_t signed_size = 0;
    // AIDs, then the reference, then the token.
    Tag last = kAid;
    while (!reader.empty()) {
        auto object = read_tlv(reader);
        if (!object || last == kToken || (object->tag == kAid && last != kAid))
            return refuse(StatusWord::kWrongData);
        last = object->tag;
        if (object->tag == kAid) {
            OTI_TRY(auto aid, aid_of(object->value));
            fields.aids.push_back(aid);
        } else if (object->tag == kTokenReference) {
            OTI_TRY(fields.reference, parse_token_reference(object->value));
        } else if (object->tag == kToken) {
            fields.token = object->value;
        } else {
            return refuse(StatusWord::kWrongData);
        }
        if (object->tag != kToken) signed_size = reader.offset();
    }
    if (fields.aids.empty()) return refuse(StatusWord::kWrongData);
    fields.signed_data = token_input(command, BytesView(command.data).first(signed_size));
    return fields;
}

}  // namespace

Answer delete_command(Environment& environment, Channel& channel, const Application& domain,
                      const CommandApdu& command) {
    if (is_key_deletion(command)) return delete_keys(environment, channel, domain, command);
    if (((environment.registry.restrictions() | domain.restrictions) & kDeletionRestricted) != 0)
        return refuse(StatusWord::kConditionsNotSatisfied);
    OTI_TRY(auto fields, parse(command));
    OTI_TRY(auto authorization,
            authorize(environment, domain, fields.signed_data, fields.token, fields.reference));
    ByteWriter subject;
    Deletion deletion(environment, domain, (command.p2 & kRelatedToo) != 0);
    for (const auto& aid : fields.aids) {
        OTI_CHECK(deletion.run(aid));
        subject.lv(aid.bytes());
    }
    deletion.plan_removal();
    return confirm(environment, authorization, subject.view());
}

}  // namespace oti::card
