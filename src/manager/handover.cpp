// SPDX-License-Identifier: Apache-2.0
#include "manager/handover.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/hex.h"

namespace oti::manager {
namespace {

namespace json = boost::json;
using crypto::SecretAccess;
using crypto::SecretBytes;

std::unexpected<Error> invalid(std::string why) {
    return fail(ErrorKind::kIo, "handover.invalid",
                "the TSM's answer cannot be understood: " + std::move(why));
}

Result<Bytes> hex_member(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains({key.data(), key.size()});
    if (value == nullptr || !value->is_string()) return invalid(std::string(key) + " is missing");
    auto bytes = parse_hex(value->get_string());
    if (!bytes) return invalid(std::string(key) + " is no hexadecimal");
    return bytes;
}

Result<iso7816::Aid> aid_member(const json::object& object, std::string_view key) {
    OTI_TRY(auto bytes, hex_member(object, key));
    return iso7816::Aid::create(bytes);
}

json::object package_of(const iso7816::Aid& aid, cap::Version version) {
    return {{"aid", aid.hex()}, {"version", to_hex(Bytes{version.major, version.minor})}};
}

/// `key_version` and `keys`.
Result<DomainKeys> key_members(const json::object& object) {
    OTI_TRY(auto version, hex_member(object, "key_version"));
    if (version.size() != 1) return invalid("key_version is one byte");
    OTI_TRY(auto joined, hex_member(object, "keys"));
    OTI_TRY(auto keys, scp::KeySet::split(SecretBytes::take(std::move(joined))));
    return DomainKeys{scp::KeyVersion(version.front()), std::move(keys)};
}

void add_keys(json::object& object, scp::KeyVersion version, const scp::KeySet& keys) {
    auto joined = keys.joined();
    object["key_version"] = to_hex(Bytes{version.value()});
    object["keys"] = to_hex(joined.view(SecretAccess::granted()));
}

json::object to_json(const PacketHandover& packets) {
    json::object object{{"msisdn", packets.msisdn},
                        {"tar", to_hex(packets.tar)},
                        {"next_counter", packets.keys.next_counter}};
    add_keys(object, packets.keys.version, packets.keys.keys);
    return object;
}

Result<PacketHandover> parse_packets(const json::object& object) {
    const auto* msisdn = object.if_contains("msisdn");
    const auto* counter = object.if_contains("next_counter");
    if (msisdn == nullptr || !msisdn->is_string() || counter == nullptr || !counter->is_int64())
        return invalid("msisdn or next_counter is missing");
    OTI_TRY(auto tar, hex_member(object, "tar"));
    OTI_TRY(auto keys, key_members(object));
    PacketHandover packets{std::string(msisdn->get_string()), {}, {keys.version, std::move(keys.keys)}};
    if (tar.size() != packets.tar.size()) return invalid("a TAR has 3 bytes");
    std::ranges::copy(tar, packets.tar.begin());
    packets.keys.next_counter = static_cast<std::uint64_t>(counter->get_int64());
    return packets;
}

/// AID and version of each, as the same object is of a package that is there and of one that is needed.
Result<std::vector<cap::Import>> parse_packages(const json::array& array) {
    std::vector<cap::Import> packages;
    for (const auto& item : array) {
        if (!item.is_object()) return invalid("packages has something else than objects");
        OTI_TRY(auto aid, aid_member(item.get_object(), "aid"));
        OTI_TRY(auto version, hex_member(item.get_object(), "version"));
        if (version.size() != 2) return invalid("a version is two bytes");
        packages.push_back({aid, {version[0], version[1]}});
    }
    return packages;
}

}  // namespace

json::array to_json(const std::vector<cap::Import>& imports) {
    json::array array;
    for (const auto& import : imports) array.emplace_back(package_of(import.aid, import.version));
    return array;
}

Result<std::vector<cap::Import>> parse_imports(const json::array& array) {
    auto imports = parse_packages(array);
    if (!imports) return fail(ErrorKind::kUsage, "api.invalid", "'imports' is no list of packages");
    return imports;
}

SecretBytes Handover::encode() const {
    json::array package_list;
    for (const auto& package : packages) {
        if (!package.version) continue;
        package_list.emplace_back(package_of(package.aid, {package.version->major, package.version->minor}));
    }
    json::object object{{"aid", aid.hex()}, {"packages", std::move(package_list)}};
    add_keys(object, keys.version, keys.keys);
    if (memory) object["memory"] = to_hex(memory->encode());
    if (packets) object["packets"] = to_json(*packets);
    return SecretBytes::take(to_bytes(as_bytes(json::serialize(object))));
}

Result<Handover> Handover::parse(const SecretBytes& text) {
    boost::system::error_code error;
    auto view = text.view(SecretAccess::granted());
    auto value = json::parse({reinterpret_cast<const char*>(view.data()), view.size()}, error);
    if (error || !value.is_object()) return invalid("no JSON object");
    const auto& object = value.get_object();
    OTI_TRY(auto aid, aid_member(object, "aid"));
    OTI_TRY(auto keys, key_members(object));
    std::optional<DomainMemory> memory;
    if (object.contains("memory")) {
        OTI_TRY(auto encoded, hex_member(object, "memory"));
        OTI_TRY(memory, DomainMemory::decode(encoded));
    }
    const auto* packages = object.if_contains("packages");
    if (packages == nullptr || !packages->is_array()) return invalid("packages is missing");
    Handover handover{aid, std::move(keys), std::move(memory), {}};
    if (const auto* packets = object.if_contains("packets")) {
        if (!packets->is_object()) return invalid("packets is no object");
        OTI_TRY(handover.packets, parse_packets(packets->get_object()));
    }
    OTI_TRY(auto there, parse_packages(packages->get_array()));
    for (const auto& package : there) {
        globalplatform::LoadFileEntry entry{package.aid};
        entry.version = globalplatform::PackageVersion{package.version.major, package.version.minor};
        handover.packages.push_back(std::move(entry));
    }
    return handover;
}

}  // namespace oti::manager
