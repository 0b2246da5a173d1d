// SPDX-License-Identifier: Apache-2.0
#include "manager/handover.h"

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
    auto joined = keys.keys.joined();
    json::object object{{"aid", aid.hex()},
                        {"key_version", to_hex(Bytes{keys.version.value()})},
                        {"keys", to_hex(joined.view(SecretAccess::granted()))},
                        {"memory", to_hex(memory.encode())},
                        {"packages", std::move(package_list)}};
    return SecretBytes::take(to_bytes(as_bytes(json::serialize(object))));
}

Result<Handover> Handover::parse(const SecretBytes& text) {
    boost::system::error_code error;
    auto view = text.view(SecretAccess::granted());
    auto value = json::parse({reinterpret_cast<const char*>(view.data()), view.size()}, error);
    if (error || !value.is_object()) return invalid("no JSON object");
    const auto& object = value.get_object();
    OTI_TRY(auto aid, aid_member(object, "aid"));
    OTI_TRY(auto version, hex_member(object, "key_version"));
    if (version.size() != 1) return invalid("key_version is one byte");
    OTI_TRY(auto joined, hex_member(object, "keys"));
    OTI_TRY(auto keys, scp::KeySet::split(SecretBytes::take(std::move(joined))));
    OTI_TRY(auto memory_bytes, hex_member(object, "memory"));
    OTI_TRY(auto memory, DomainMemory::decode(memory_bytes));
    const auto* packages = object.if_contains("packages");
    if (packages == nullptr || !packages->is_array()) return invalid("packages is missing");
    Handover handover{aid, {scp::KeyVersion(version.front()), std::move(keys)}, std::move(memory), {}};
    OTI_TRY(auto there, parse_packages(packages->get_array()));
    for (const auto& package : there) {
        globalplatform::LoadFileEntry entry{package.aid};
        entry.version = globalplatform::PackageVersion{package.version.major, package.version.minor};
        handover.packages.push_back(std::move(entry));
    }
    return handover;
}

}  // namespace oti::manager
