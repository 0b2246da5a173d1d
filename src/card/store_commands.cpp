// SPDX-License-Identifier: Apache-2.0
#include "card/store_commands.h"

#include "base/tlv.h"
#include "card/applets.h"
#include "card/stored_objects.h"

namespace oti::card {
namespace {

// P1 (table 11-89).
constexpr std::uint8_t kLastBlock = 0x80, kEncryption = 0x60, kEncrypted = 0x60, kReservedEncryption = 0x40,
                       kStructure = 0x18, kDataGroups = 0x08, kReservedStructure = 0x18;
/// An object with its tag and length.
constexpr std::size_t kMaxObject = 4096;

/// Reads one object of the structure; nothing if the rest of it is still to come. Error 6A80: it is none.
using NextObject = std::expected<std::optional<Tlv>, StatusWord>;

NextObject next_tlv(ByteReader& reader) {
    auto object = read_tlv(reader);
    if (object) return *object;
    if (object.error().code == "parse.truncated") return std::nullopt;
    return refuse(StatusWord::kWrongData);
}

/// A data grouping identifier as if it were a tag; its length is one byte, or FF and two.
NextObject next_group(ByteReader& reader) {
    auto identifier = reader.u16();
    auto first = identifier ? reader.u8() : std::unexpected(identifier.error());
    if (!first) return std::nullopt;
    std::size_t size = *first;
    if (*first == 0xFF) {
        auto two = reader.u16();
        if (!two) return std::nullopt;
        size = *two;
    }
    auto value = reader.take(size);
    if (!value) return std::nullopt;
    return Tlv{*identifier, *value};
}

std::expected<void, StatusWord> store_group(Environment& environment, Channel& channel,
                                            const Application& domain, const Tlv& group) {
    constexpr Tag kTemplate = 0x0070, kDiversificationData = 0x00CF;
    if (group.tag == kDiversificationData)
        return store_object(environment, channel, domain, {0xCF, group.value});
    if (group.tag != kTemplate) return refuse(StatusWord::kWrongData);
    auto objects = read_all_tlv(group.value, "DGI 0070");
    if (!objects) return refuse(StatusWord::kWrongData);
    for (const auto& object : *objects) OTI_CHECK(store_object(environment, channel, domain, object));
    return {};
}

/// For a domain's own objects.
Answer store(Environment& environment, Channel& channel, const Application& domain,
             const CommandApdu& command) {
    // What goes wrong ends the sequence.
    auto blocks = std::exchange(channel.data_blocks, {});
    bool last = (command.p1 & kLastBlock) != 0;
    auto structure = static_cast<std::uint8_t>(command.p1 & (kEncryption | kStructure));
    if ((structure & kEncryption) == kReservedEncryption || (structure & kStructure) == kReservedStructure ||
        command.p2 != (blocks.next & 0xFF) || (!blocks.pending.empty() && structure != blocks.structure)) {
        return refuse(StatusWord::kIncorrectP1P2);
    }
    auto data = concat(std::exchange(blocks.pending, {}), command.data);
    if (data.empty()) return refuse(StatusWord::kWrongData);
    bool groups = (structure & kStructure) == kDataGroups,
         encrypted = (structure & kEncryption) == kEncrypted;
    channel.data_blocks = {blocks.next + 1, structure, {}, blocks.key, blocks.counter};

    auto answer = [&]() -> std::expected<void, StatusWord> {
        BytesView rest = data;
        while (!rest.empty()) {
            ByteReader reader(rest, "STORE DATA");
            OTI_TRY(auto object, groups ? next_group(reader) : next_tlv(reader));
            if (!object) break;
            crypto::SecretBytes plain;
            if (encrypted) {
                OTI_TRY(plain, channel.session->decrypt_sensitive(object->value));
                object->value = plain.view(crypto::SecretAccess::granted());
            }
            OTI_CHECK(groups ? store_group(environment, channel, domain, *object)
                             : store_object(environment, channel, domain, *object));
            rest = reader.take_rest();
        }
        if (rest.size() > kMaxObject || (last && !rest.empty())) return refuse(StatusWord::kWrongData);
        channel.data_blocks.pending = to_bytes(rest);
        return {};
    }();
    // A reference without what it refers to is no data either.
    if (answer && last && channel.data_blocks.key) answer = refuse(StatusWord::kWrongData);
    if (!answer || last) channel.data_blocks = {};
    if (!answer) return refuse(answer.error());
    return ResponseApdu{};
}

}  // namespace

Answer store_data(Environment& environment, Channel& channel, const Application& domain,
                  const CommandApdu& command) {
    if (!channel.personalized) return store(environment, channel, domain, command);
    auto personalized = environment.registry.application(*channel.personalized);
    if ((command.p1 & kLastBlock) != 0) channel.personalized.reset();
    if (!personalized) return refuse(StatusWord::kConditionsNotSatisfied);
    if (personalized->is_security_domain()) return store(environment, channel, *personalized, command);
    auto response = environment.applets.process_data(personalized->aid, channel, command);
    if (!is_success_or_warning(response.sw)) return refuse(response.sw);
    return response;
}

}  // namespace oti::card
