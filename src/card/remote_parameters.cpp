// SPDX-License-Identifier: Apache-2.0
#include "card/remote_parameters.h"

#include <algorithm>

#include "base/tlv.h"

namespace oti::card {
namespace {

constexpr Tag kSimParameters = 0xCA, kUiccTemplate = 0xEA, kToolkitParameters = 0x80;
constexpr std::size_t kTar = 3, kAidWithTar = 16, kTarInAid = 12;
constexpr std::uint8_t kCompactIssuer[] = {0x00, 0x00, 0x00}, kExpandedIssuer[] = {0xB2, 0x01, 0x00};
/// At least a checksum (8.0); the issuer's domain wants a counter that is checked, too.
constexpr std::uint8_t kChecksum = 0x02, kChecksumAndCounter = 0x12;
constexpr std::uint8_t kMinimumSpi1 = 0x01;

struct ToolkitParameters {
    Bytes minimum_security;  ///< MSL
    Bytes references;        ///< TARs, one after another
};

/// 8.2.1.3.2.2.1; nothing if they are no such parameters.
std::optional<ToolkitParameters> parse(BytesView field) {
    ByteReader reader(field, "toolkit parameters");
    if (!reader.skip(3)) return std::nullopt;  // priority, timers, length of menu entries
    auto entries = reader.u8();
    if (!entries || !reader.skip(std::size_t{2} * *entries) || !reader.skip(1)) return std::nullopt;
    auto level = reader.take_lv();
    auto references = level ? reader.take_lv() : level;
    if (!references || references->size() % kTar != 0) return std::nullopt;
    if (level->size() == 1 || (level->size() > 1 && level->front() == kMinimumSpi1 && level->size() != 2))
        return std::nullopt;
    return ToolkitParameters{to_bytes(*level), to_bytes(*references)};
}

/// The value of EA, 80.
std::optional<Bytes> toolkit_field(const Application& entry) {
    auto objects = read_all_tlv(entry.uicc_parameters, "UICC parameters");
    auto uicc = objects ? find(*objects, kUiccTemplate) : std::nullopt;
    auto inner = uicc ? read_all_tlv(*uicc, "UICC parameters") : std::vector<Tlv>{};
    auto field = inner ? find(*inner, kToolkitParameters) : std::nullopt;
    if (!field) return std::nullopt;
    return to_bytes(*field);
}

ToolkitParameters parameters_of(const Application& entry) {
    auto field = toolkit_field(entry);
    auto parameters = field ? parse(*field) : std::nullopt;
    return parameters.value_or(ToolkitParameters{});
}

Bytes references_of(const Application& entry, const ToolkitParameters& parameters) {
    auto aid = entry.aid.bytes();
    if (!parameters.references.empty() || aid.size() != kAidWithTar) return parameters.references;
    return to_bytes(BytesView(aid).subspan(kTarInAid, kTar));
}

bool contains(BytesView references, BytesView tar) {
    for (; references.size() >= kTar; references = references.subspan(kTar)) {
        if (same(references.first(kTar), tar)) return true;
    }
    return false;
}

}  // namespace

std::optional<RemoteReceiver> find_receiver(const Environment& environment, BytesView tar) {
    bool compact = same(tar, kCompactIssuer);
    if (compact || same(tar, kExpandedIssuer)) {
        auto issuer = environment.registry.application(environment.registry.issuer());
        if (!issuer) return std::nullopt;
        return RemoteReceiver{*issuer, compact ? ScriptFormat::kCompact : ScriptFormat::kExpanded,
                              kChecksumAndCounter};
    }
    for (const auto& entry : environment.registry.applications()) {
        if (!entry.is_security_domain() || entry.is_issuer_domain() || entry.is_locked()) continue;
        auto parameters = parameters_of(entry);
        if (!contains(references_of(entry, parameters), tar)) continue;
        std::uint8_t minimum = kChecksum;
        const auto& level = parameters.minimum_security;
        if (level.size() == 2 && level.front() == kMinimumSpi1)
            minimum =
                static_cast<std::uint8_t>((level.back() & 0x1C) | std::max<int>(level.back() & 3, kChecksum));
        return RemoteReceiver{entry, ScriptFormat::kEither, minimum};
    }
    return std::nullopt;
}

std::expected<void, StatusWord> check_remote_parameters(const Environment& environment,
                                                        const Application& fresh) {
    if (!environment.profile.toolkit) return {};
    auto objects = read_all_tlv(fresh.uicc_parameters, "UICC parameters");
    if (objects && find(*objects, kUiccTemplate) && find(*objects, kSimParameters))
        return refuse(StatusWord::kWrongData);
    auto field = toolkit_field(fresh);
    if (!field) return {};
    auto parameters = parse(*field);
    if (!parameters) return refuse(StatusWord::kWrongData);
    BytesView rest = parameters->references;
    for (; !rest.empty(); rest = rest.subspan(kTar)) {
        auto tar = rest.first(kTar);
        if (same(tar, kCompactIssuer) || same(tar, kExpandedIssuer) || contains(rest.subspan(kTar), tar))
            return refuse(StatusWord::kWrongData);
        for (const auto& entry : environment.registry.applications()) {
            if (contains(references_of(entry, parameters_of(entry)), tar))
                return refuse(StatusWord::kWrongData);
        }
    }
    return {};
}

}  // namespace oti::card
