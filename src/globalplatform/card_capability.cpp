// SPDX-License-Identifier: Apache-2.0
#include "globalplatform/card_capability.h"

#include <fmt/format.h>

#include <array>
#include <span>

#include "base/tlv.h"

namespace oti::globalplatform {
namespace {

constexpr Tag kCapability = 0x67, kChannel = 0xA0;

// Tables H-7 to H-10: one name for each bit, b1 first; none where the bit is reserved.
constexpr std::array<std::string_view, 8> kAesKeys{"AES-128", "AES-192", "AES-256"};
constexpr std::array<std::string_view, 8> kLoadFileCiphers{"triple DES", "AES-128", "AES-192", "AES-256",
                                                           "",           "",        "",        "with an ICV"};
constexpr std::array<std::string_view, 16> kSignatures{
    "RSA-1024 with SHA-1",    "RSA-PSS with SHA-256",   "DES MAC",
    "AES-128 CMAC",           "AES-192 CMAC",           "AES-256 CMAC",
    "ECDSA-256 with SHA-256", "ECDSA-384 with SHA-384", "ECDSA-512 with SHA-512",
    "ECDSA-521 with SHA-512"};
constexpr std::array<std::string_view, 5> kHashes{"", "SHA-1", "SHA-256", "SHA-384", "SHA-512"};

/// The names of the bits that are set in a bit field of one byte or more, the first byte first.
std::vector<std::string> bits(BytesView field, std::span<const std::string_view> names) {
    std::vector<std::string> found;
    std::size_t number = 0;
    for (auto byte : field) {
        for (unsigned bit = 0; bit < 8; ++bit, ++number) {
            if ((byte >> bit & 1U) == 0) continue;
            bool known = number < names.size() && !names[number].empty();
            found.push_back(known ? std::string(names[number]) : fmt::format("bit {}", number + 1));
        }
    }
    return found;
}

std::vector<std::string> hashes(BytesView field) {
    std::vector<std::string> found;
    for (auto byte : field) {
        bool known = byte > 0 && byte < kHashes.size();
        found.push_back(known ? std::string(kHashes[byte]) : fmt::format("{:02X}", byte));
    }
    return found;
}

Privileges privileges(BytesView field) {
    Privileges all{};
    std::copy_n(field.begin(), std::min(field.size(), all.size()), all.begin());
    return all;
}

Result<ChannelCapability> channel(BytesView content) {
    OTI_TRY(auto objects, read_all_tlv(content, "SCP information"));
    ChannelCapability capability;
    for (const auto& [tag, value] : objects) {
        ByteReader reader(value, "SCP information");
        switch (tag) {
            case 0x80: {
                OTI_TRY(capability.protocol, reader.u8());
                break;
            }
            case 0x81:
                capability.options = to_bytes(value);
                break;
            case 0x82:
                capability.aes_keys = bits(value, kAesKeys);
                break;
            case 0x83:
                while (!reader.empty()) {
                    OTI_TRY(auto suite, reader.u16());
                    capability.tls_suites.push_back(suite);
                }
                break;
            case 0x84: {
                OTI_TRY(capability.max_psk, reader.u8());
                break;
            }
            default:
                break;
        }
    }
    return capability;
}

}  // namespace

Result<CardCapability> CardCapability::parse(BytesView object) {
    ByteReader reader(object, "card capability information");
    OTI_TRY(auto outer, read_tlv(reader));
    OTI_CHECK(reader.expect_end());
    if (outer.tag != kCapability) return reader.invalid("the tag is not 67");
    OTI_TRY(auto objects, read_all_tlv(outer.value, "card capability information"));
    if (objects.size() == 1 && objects.front().tag == kCapability) {
        OTI_TRY(objects, read_all_tlv(objects.front().value, "card capability information"));
    }
    CardCapability capability;
    for (const auto& [tag, value] : objects) {
        switch (tag) {
            case kChannel: {
                OTI_TRY(auto one, channel(value));
                capability.channels.push_back(std::move(one));
                break;
            }
            case 0x81:
                capability.domain_privileges = privileges(value);
                break;
            case 0x82:
                capability.application_privileges = privileges(value);
                break;
            case 0x83:
                capability.load_file_hashes = hashes(value);
                break;
            case 0x84:
                capability.load_file_ciphers = bits(value, kLoadFileCiphers);
                break;
            case 0x85:
                capability.token_signatures = bits(value, kSignatures);
                break;
            case 0x86:
                capability.receipt_signatures = bits(value, kSignatures);
                break;
            case 0x87:
                capability.dap_signatures = bits(value, kSignatures);
                break;
            case 0x88:
                capability.key_parameter_references = to_bytes(value);
                break;
            default:
                break;
        }
    }
    return capability;
}

}  // namespace oti::globalplatform
