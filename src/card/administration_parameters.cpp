// SPDX-License-Identifier: Apache-2.0
#include "card/administration_parameters.h"

#include <algorithm>

#include "card/channel_options.h"

namespace oti::card {
namespace {

constexpr Tag kSession = 0x83, kConnection = 0x84, kSecurity = 0x85, kExtendedSecurity = 0xA5, kRetry = 0x86,
              kPost = 0x89, kHost = 0x8A, kAgent = 0x8B, kUri = 0x8C, kServerRetry = 0x8A, kInactivity = 0x8B;
constexpr Tag kKnown[] = {kConnection, kSecurity,    kExtendedSecurity, kRetry,
                          kPost,       kServerRetry, kInactivity};
/// Of OPEN CHANNEL: UICC/terminal interface transport level (TS 102 223, 8.59), without b8.
constexpr Tag kTransport = 0x3C, kComprehension = 0x80;
constexpr std::uint8_t kTcpClient = 0x02;
constexpr std::size_t kTimerValue = 3, kMaxParameters = 1024;

using Objects = std::vector<Tlv>;

std::optional<Objects> parse(BytesView value) {
    auto objects = read_all_tlv(value, "administration parameters");
    if (!objects) return std::nullopt;
    return std::move(*objects);
}

bool is_text(BytesView value) {
    return !value.empty() && std::ranges::all_of(value, [](auto byte) { return byte > ' ' && byte < 0x7F; });
}

bool is_connection(BytesView value) {
    auto objects = parse(value);
    if (!objects) return false;
    auto transport = find(*objects, kTransport | kComprehension);
    if (!transport) transport = find(*objects, kTransport);
    return transport && transport->size() == 3 && transport->front() == kTcpClient;
}

/// 3.8.2; with TLS 1.2 the first of several.
bool read_security(BytesView value, AdministrationParameters& into) {
    ByteReader reader(value, "security parameters");
    auto identity = reader.take_lv();
    auto key = identity ? reader.take_lv() : identity;
    constexpr std::size_t kMaxIdentity = 128;
    if (!key || identity->empty() || identity->size() > kMaxIdentity || key->size() != 2 ||
        reader.remaining() > 1 || std::ranges::find(*identity, 0) != identity->end())
        return false;
    into.identity = as_text(*identity);
    into.key = {(*key)[0], (*key)[1]};
    return true;
}

/// 3.8.3; what is reported of a failure is passed over.
bool read_retry(BytesView value, AdministrationParameters& into) {
    ByteReader reader(value, "retry policy");
    auto counter = reader.u16();
    auto tag = counter ? reader.u8() : std::unexpected(counter.error());
    auto delay = tag ? reader.take_lv() : std::unexpected(tag.error());
    constexpr Tag kTimer = 0x25;
    if (!delay || (*tag & ~kComprehension) != kTimer || delay->size() != kTimerValue) return false;
    into.retries = *counter;
    into.delay = to_bytes(*delay);
    return true;
}

bool is_post(BytesView value) {
    auto objects = parse(value);
    return objects && std::ranges::all_of(*objects, [](const Tlv& object) {
               return object.tag >= kHost && object.tag <= kUri && is_text(object.value);
           });
}

bool is_valid(const Tlv& object) {
    AdministrationParameters scratch;
    switch (object.tag) {
        case kConnection:
            return is_connection(object.value);
        case kSecurity:
            return read_security(object.value, scratch);
        case kExtendedSecurity: {
            auto inner = parse(object.value);
            return inner && !inner->empty() && std::ranges::all_of(*inner, [&](const Tlv& one) {
                       return one.tag == kSecurity && read_security(one.value, scratch);
                   });
        }
        case kRetry:
            return read_retry(object.value, scratch);
        case kPost:
            return is_post(object.value);
        default:
            return object.tag == kServerRetry || object.tag == kInactivity;
    }
}

std::optional<BytesView> stored_value(const Environment& environment, const Application& domain) {
    auto value = environment.registry.data_object(domain.aid, kAdministrationParameters);
    if (value && !value->empty()) return value;
    return std::nullopt;
}

/// Whoever may have a parameter, in the order in which they are asked; views of what they have.
class Sources {
  public:
    void add(BytesView value) {
        if (auto objects = parse(value)) sources_.push_back(std::move(*objects));
    }
    void add_domain(const Environment& environment, const Application& domain, Bytes& installed) {
        if (auto stored = stored_value(environment, domain)) add(*stored);
        installed = domain.parameters;
        auto c9 = parse(installed);
        if (auto value = c9 ? oti::find(*c9, kAdministrationParameters) : std::nullopt) add(*value);
    }
    std::optional<BytesView> find(Tag tag) const {
        for (const auto& objects : sources_) {
            if (auto value = oti::find(objects, tag)) return value;
        }
        return std::nullopt;
    }
    /// One of those for the HTTP POST; empty if nobody has it.
    std::string text(Tag tag) const {
        for (const auto& objects : sources_) {
            auto post = oti::find(objects, kPost);
            auto inner = post ? parse(*post) : std::nullopt;
            auto value = inner ? oti::find(*inner, tag) : std::nullopt;
            if (value && is_text(*value)) return as_text(*value);
        }
        return {};
    }
    bool read_security(AdministrationParameters& into) const {
        for (const auto& objects : sources_) {
            if (auto plain = oti::find(objects, kSecurity)) return card::read_security(*plain, into);
            auto extended = oti::find(objects, kExtendedSecurity);
            if (!extended) continue;
            auto several = parse(*extended);
            auto first = several ? oti::find(*several, kSecurity) : std::nullopt;
            return first && card::read_security(*first, into);
        }
        return false;
    }

  private:
    std::vector<Objects> sources_;
};

}  // namespace

std::expected<void, StatusWord> store_administration_parameters(Environment& environment,
                                                                const Application& domain,
                                                                const Tlv& object) {
    auto objects = parse(object.value);
    if (!objects) return refuse(StatusWord::kWrongData);
    bool update = object.tag == kAdministrationUpdate;
    for (const auto& one : *objects) {
        bool removes = update && one.value.empty();
        if (std::ranges::find(kKnown, one.tag) == std::end(kKnown) || (!removes && !is_valid(one)))
            return refuse(StatusWord::kWrongData);
    }
    Bytes kept;
    auto before = update ? stored_value(environment, domain) : std::nullopt;
    auto old = before ? parse(*before) : std::nullopt;
    for (const auto& one : old.value_or(Objects{})) {
        // The two sorts of security parameters exclude each other.
        auto given = find(*objects, one.tag);
        if (one.tag == kSecurity && !given) given = find(*objects, kExtendedSecurity);
        if (one.tag == kExtendedSecurity && !given) given = find(*objects, kSecurity);
        if (!given) append(kept, encode_tlv(one.tag, one.value));
    }
    for (const auto& one : *objects) {
        if (!one.value.empty()) append(kept, encode_tlv(one.tag, one.value));
    }
    auto all = parse(kept);
    if (!all || (find(*all, kSecurity) && find(*all, kExtendedSecurity)) || kept.size() > kMaxParameters)
        return refuse(StatusWord::kWrongData);
    environment.registry.put_data_object(domain.aid, kAdministrationParameters, kept);
    return {};
}

std::expected<Bytes, StatusWord> stored_administration_parameters(const Environment& environment,
                                                                  const Application& domain) {
    auto value = stored_value(environment, domain);
    if (!value) return refuse(StatusWord::kReferencedDataNotFound);
    return to_bytes(*value);
}

std::optional<AdministrationParameters> complete_parameters(const Environment& environment,
                                                            const Application& domain, BytesView trigger) {
    auto message = parse(trigger);
    if (!message) return std::nullopt;
    Sources sources;
    if (auto session = find(*message, kSession)) {
        auto given = parse(*session);
        if (!given || !std::ranges::all_of(*given, is_valid)) return std::nullopt;
        sources.add(*session);
    }
    Bytes own, issuers;
    sources.add_domain(environment, domain, own);
    auto issuer = environment.registry.application(environment.registry.issuer());
    if (issuer) sources.add_domain(environment, *issuer, issuers);

    AdministrationParameters complete;
    auto connection = sources.find(kConnection);
    if (!connection || !is_connection(*connection) || !sources.read_security(complete)) return std::nullopt;
    complete.connection = to_bytes(*connection);
    auto retry = sources.find(kRetry);
    if (retry && !read_retry(*retry, complete)) return std::nullopt;
    complete.host = sources.text(kHost);
    complete.agent = sources.text(kAgent);
    complete.uri = sources.text(kUri);
    if (complete.host.empty() || complete.agent.empty() || complete.uri.empty()) return std::nullopt;
    return complete;
}

}  // namespace oti::card
