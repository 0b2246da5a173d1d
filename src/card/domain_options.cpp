// SPDX-License-Identifier: Apache-2.0
#include "card/domain_options.h"

#include "base/tlv.h"
#include "card/channel_options.h"

namespace oti::card {
namespace {

constexpr Tag kProtocol = 0x81, kExtraditionTo = 0x82, kDeletion = 0x83, kExplicitlyPersonalized = 0x84,
              kExtraditionFrom = 0x87;
/// Options of SCP03 that every profile can do, and with them S16 (b1).
constexpr std::uint8_t kOptionsS8 = 0x70, kOptionsS16 = 0x71;

bool agrees(const Application& domain, Tag tag, Content content) {
    // The issuer's domain has no C9.
    auto objects = read_all_tlv(domain.parameters, "C9");
    auto option = objects ? find(*objects, tag) : std::nullopt;
    if (!option) return true;
    return (content == Content::kApplication ? option->front() : option->back()) != 0;
}

/// Tags whose use GlobalPlatform left to proprietary use (11.5.2.3.7).
bool is_proprietary(Tag tag) {
    return (tag >= 0x70 && tag <= 0x7E) || (tag >= 0xF0 && tag <= 0xFE);
}

}  // namespace

std::expected<std::uint8_t, StatusWord> check_domain_parameters(const Environment& environment,
                                                                BytesView c9) {
    auto objects = read_all_tlv(c9, "C9");
    if (!objects) return refuse(StatusWord::kWrongData);
    auto possible = (environment.profile.scp03_i & 0x01) != 0 ? kOptionsS16 : kOptionsS8;
    auto i = environment.profile.scp03_i;
    for (const auto& object : *objects) {
        if (object.tag == kProtocol) {
            if (object.value.size() != 2) return refuse(StatusWord::kWrongData);
            if (object.value[0] != kScp03) {
                if (!is_offered(environment.profile, object.value)) return refuse(StatusWord::kWrongData);
                continue;
            }
            i = object.value[1];
            bool r_encryption_without_r_mac = (i & 0x60) == 0x40;
            if ((i & ~possible) != 0 || r_encryption_without_r_mac) return refuse(StatusWord::kWrongData);
        } else if (object.tag == kExtraditionTo || object.tag == kDeletion ||
                   object.tag == kExtraditionFrom) {
            if (object.value.empty() || object.value.size() > 2) return refuse(StatusWord::kWrongData);
        } else if ((object.tag < kExtraditionTo || object.tag > kExtraditionFrom) &&
                   !is_proprietary(object.tag)) {
            return refuse(StatusWord::kWrongData);
        }
    }
    return i;
}

bool accepts_extradition_to(const Application& domain, Content content) {
    return domain.is_personalized() && agrees(domain, kExtraditionTo, content);
}

bool accepts_extradition_from(const Application& domain, Content content) {
    return domain.is_personalized() && agrees(domain, kExtraditionFrom, content);
}

bool accepts_deletion(const Application& domain, Content content) {
    return domain.is_personalized() && agrees(domain, kDeletion, content);
}

bool is_personalized_by_keys(const Application& domain) {
    auto objects = read_all_tlv(domain.parameters, "C9");
    return !objects || !find(*objects, kExplicitlyPersonalized);
}

}  // namespace oti::card
