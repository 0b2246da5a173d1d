// SPDX-License-Identifier: Apache-2.0
#include "card/key_commands.h"

#include <algorithm>

#include "base/byte_reader.h"
#include "base/tlv.h"
#include "card/key_management.h"
#include "card/remote_keys.h"

namespace oti::card {
namespace {

constexpr std::uint8_t kSeveralKeys = 0x80;
constexpr Tag kKeyIdentifier = 0xD0, kKeyVersion = 0xD2;

}  // namespace

Answer put_key(Environment& environment, Channel& channel, const Application& domain,
               const CommandApdu& command) {
    bool several = (command.p2 & kSeveralKeys) != 0;
    auto first_id = static_cast<std::uint8_t>(command.p2 & ~kSeveralKeys);
    if (command.p1 > kMaxKeyVersion) return refuse(StatusWord::kIncorrectP1P2);
    ByteReader reader(command.data, "PUT KEY");
    auto version = reader.u8();
    if (!version || *version == 0 || *version > kMaxKeyVersion) return refuse(StatusWord::kWrongData);

    KeyDataReader fields(reader.take_rest(), *channel.session, environment.profile.is_old());
    std::vector<StoredKey> keys;
    Bytes response{*version};
    while (!fields.empty()) {
        if (first_id + keys.size() > kMaxKeyId || (!several && !keys.empty()))
            return refuse(StatusWord::kWrongData);
        bool is_kid = *version <= kLastRemoteVersion && first_id + keys.size() == kKeyMac;
        OTI_TRY(auto fresh, fields.next(is_kid));
        fresh.key.place = {*version, static_cast<std::uint8_t>(first_id + keys.size())};
        keys.push_back(std::move(fresh.key));
        append(response, fresh.check_value);
    }
    if (keys.empty()) return refuse(StatusWord::kWrongData);
    OTI_CHECK(put_keys(environment, domain, command.p1, keys));
    return ResponseApdu{std::move(response)};
}

bool is_key_deletion(const CommandApdu& command) {
    ByteReader reader(command.data, "DELETE");
    auto tag = read_tag(reader);
    return tag && (*tag == kKeyIdentifier || *tag == kKeyVersion);
}

Answer delete_keys(Environment& environment, Channel& channel, const Application& domain,
                   const CommandApdu& command) {
    // Somebody may have recorded the session, and replay it (Amendment F, 4.6).
    if (channel.replayable) return refuse(StatusWord::kConditionsNotSatisfied);
    auto objects = read_all_tlv(command.data, "DELETE");
    if (!objects) return refuse(StatusWord::kWrongData);
    std::optional<std::uint8_t> id, version;
    for (const auto& object : *objects) {
        auto& field = object.tag == kKeyIdentifier ? id : version;
        bool known = object.tag == kKeyIdentifier || object.tag == kKeyVersion;
        if (!known || field || object.value.size() != 1) return refuse(StatusWord::kWrongData);
        field = object.value.front();
    }
    auto places = environment.keys.places(domain.aid);
    std::erase_if(places, [&](KeyPlace place) {
        return place.id != id.value_or(place.id) || place.version != version.value_or(place.version);
    });
    if (places.empty()) return refuse(StatusWord::kReferencedDataNotFound);
    auto is_in_use = [&] {
        return has_channel_keys(environment, domain) || has_remote_keys(environment, domain.aid);
    };
    bool had_channel = is_in_use();
    for (auto place : places) environment.keys.erase(domain.aid, place);
    // A domain that was in use must stay so: nobody else could give it keys again.
    if (had_channel && !is_in_use()) return refuse(StatusWord::kConditionsNotSatisfied);
    return confirmation();
}

}  // namespace oti::card
