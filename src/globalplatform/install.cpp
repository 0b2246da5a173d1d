// SPDX-License-Identifier: Apache-2.0
#include "globalplatform/install.h"

#include "base/byte_writer.h"
#include "base/tlv.h"

namespace oti::globalplatform {
namespace {

using iso7816::Aid;
using iso7816::CommandApdu;
using iso7816::Ins;

// P1 of INSTALL (table 11-41) and P2 (table 11-40).
constexpr unsigned kForLoad = 0x02, kForInstall = 0x04, kForMakeSelectable = 0x08, kForExtradition = 0x10,
                   kForPersonalization = 0x20, kForRegistryUpdate = 0x40;
constexpr unsigned kAllInOne = kForLoad | kForInstall | kForMakeSelectable;
constexpr unsigned kBegin = 0x01, kEnd = 0x03;

CommandApdu install(unsigned p1, Bytes data, unsigned p2 = 0x00) {
    return {0x80,
            value(Ins::kInstall),
            static_cast<std::uint8_t>(p1),
            static_cast<std::uint8_t>(p2),
            std::move(data),
            iso7816::kMaxShortNe};
}

/// A field whose length is BER coded: parameters.
Bytes ber_lv(BytesView value) {
    return concat(encode_length(value.size()), value);
}

/// An amount of memory is 2 bytes up to 32,767 and 4 above (11.5.2.3.7).
Bytes memory_size(std::size_t size) {
    auto amount = static_cast<std::uint32_t>(size);
    return amount <= 0x7FFF ? ByteWriter().u16(amount).take() : ByteWriter().u32(amount).take();
}

/// `EF` with this content, or nothing.
Bytes system_object(BytesView content) {
    return content.empty() ? Bytes{} : encode_tlv(0xEF, content);
}

// The fields of a command; `00` at the end is the empty token.
Bytes load_fields(const Aid& load_file, const Aid& security_domain, std::size_t size, BytesView hash) {
    auto parameters = size == 0 ? Bytes{} : encode_tlv(0xEF, encode_tlv(0xC6, memory_size(size)));
    ByteWriter data;
    data.lv(load_file.bytes()).lv(security_domain.bytes()).lv(hash).put(ber_lv(parameters)).u8(0);
    return data.take();
}

BytesView privilege_field(const Privileges& privileges, bool all) {
    // One byte where it is enough: cards of 2.1.1 know no other (11.1.2).
    bool one_byte = privileges[1] == 0 && privileges[2] == 0 && !all;
    return BytesView(privileges).first(one_byte ? 1 : 3);
}

Bytes instance_fields(const Aid& load_file, const Aid& module, const Aid& instance,
                      const InstanceOptions& options) {
    auto parameters = concat(encode_tlv(0xC9, options.parameters), system_object(options.system_parameters),
                             options.further_objects);
    ByteWriter data;
    data.lv(load_file.bytes()).lv(module.bytes()).lv(instance.bytes());
    data.lv(privilege_field(options.privileges, options.all_privilege_bytes));
    data.put(ber_lv(parameters)).u8(0);
    return data.take();
}

}  // namespace

CommandApdu install_for_load(const Aid& load_file, const Aid& security_domain, std::size_t size,
                             BytesView hash) {
    return install(kForLoad, load_fields(load_file, security_domain, size, hash));
}

CommandApdu install_for_install(const Aid& load_file, const Aid& module, const Aid& instance,
                                const InstanceOptions& options) {
    return install(kForInstall, instance_fields(load_file, module, instance, options));
}

CommandApdu install_and_make_selectable(const Aid& load_file, const Aid& module, const Aid& instance,
                                        const InstanceOptions& options) {
    return install(kForInstall | kForMakeSelectable, instance_fields(load_file, module, instance, options));
}

CommandApdu make_selectable(const Aid& instance, const Privileges& privileges, BytesView system_parameters) {
    ByteWriter data;
    data.u8(0).u8(0).lv(instance.bytes()).lv(privilege_field(privileges, false));
    data.put(ber_lv(system_object(system_parameters))).u8(0);
    return install(kForMakeSelectable, data.take());
}

CommandApdu combined_begin(const Aid& load_file, const Aid& security_domain, std::size_t size,
                           BytesView hash) {
    return install(kAllInOne, load_fields(load_file, security_domain, size, hash), kBegin);
}

CommandApdu combined_end(const Aid& load_file, const Aid& module, const Aid& instance,
                         const InstanceOptions& options) {
    return install(kAllInOne, instance_fields(load_file, module, instance, options), kEnd);
}

CommandApdu extradite(const Aid& object, const Aid& security_domain) {
    ByteWriter data;
    data.lv(security_domain.bytes()).u8(0).lv(object.bytes()).u8(0).u8(0).u8(0);
    return install(kForExtradition, data.take());
}

CommandApdu registry_update(const Aid& instance, const std::optional<Privileges>& privileges,
                            BytesView system_parameters) {
    ByteWriter data;
    data.u8(0).u8(0).lv(instance.bytes());
    data.lv(privileges ? privilege_field(*privileges, true) : BytesView{});
    data.put(ber_lv(system_object(system_parameters))).u8(0);
    return install(kForRegistryUpdate, data.take());
}

CommandApdu install_for_personalization(const Aid& instance) {
    ByteWriter data;
    data.u8(0).u8(0).lv(instance.bytes()).u8(0).u8(0).u8(0);
    return install(kForPersonalization, data.take());
}

Bytes implicit_selection(bool contact, bool contactless) {
    return encode_tlv(0xCF,
                      Bytes{static_cast<std::uint8_t>((contactless ? 0x80U : 0U) | (contact ? 0x40U : 0U))});
}

Bytes DomainParameters::encode() const {
    // Both bytes: extradition is accepted, or allowed, with and without a token.
    const Bytes kAllowed{0x20, 0x20};
    Bytes content;
    for (auto channel : channels) {
        append(content, encode_tlv(0x81, ByteWriter().u16(channel).take()));
    }
    if (accepts_extradition) append(content, encode_tlv(0x82, kAllowed));
    if (allows_extradition) append(content, encode_tlv(0x87, kAllowed));
    return content;
}

}  // namespace oti::globalplatform
