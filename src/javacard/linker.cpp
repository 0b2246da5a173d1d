// SPDX-License-Identifier: Apache-2.0
#include "javacard/linker.h"

#include "javacard/linking.h"

namespace oti::javacard {
namespace {

using Part = cap::ComponentTag;

constexpr std::uint8_t kAccExtended = 0x80, kAccAbstract = 0x40;
constexpr std::size_t kHandlerSize = 8;

}  // namespace

std::unexpected<Error> link_error(cap::ComponentTag component, std::size_t offset, std::string_view why) {
    return fail(ErrorKind::kUsage, "javacard.link",
                std::string(cap::name(component)) + " component, offset " + std::to_string(offset) + ": " +
                    std::string(why));
}

ByteReader Linking::reader(cap::ComponentTag tag) const {
    return {package_.source->component(tag).value_or(BytesView()), cap::name(tag)};
}

std::size_t Linking::offset_of(cap::ComponentTag tag, const ByteReader& reader) const {
    return package_.source->component(tag).value_or(BytesView()).size() - reader.remaining();
}

Status Linking::imports() {
    package_.code = package_.source->component(Part::Method).value_or(BytesView());
    auto method = reader(Part::Method);
    OTI_TRY(auto handler_count, method.u8());
    first_method_ = 1 + kHandlerSize * handler_count;

    for (const auto& import : package_.source->imports()) {
        const auto* found = packages_.find(import.aid);
        auto what = "package " + import.aid.hex() + " " + std::to_string(import.version.major) + "." +
                    std::to_string(import.version.minor);
        if (found == nullptr) return link_error(Part::Import, 0, what + " is not on the card");
        // 4.5.2: the same major version, and not a lower minor one.
        if (found->version.major != import.version.major || found->version.minor < import.version.minor) {
            return link_error(Part::Import, 0, what + " is needed, the card has another version");
        }
        package_.imports.push_back(found);
    }
    return {};
}

const LinkedPackage::Exports* Linking::exported(std::uint8_t package_token, std::uint8_t class_token) const {
    if (package_token >= package_.imports.size()) return nullptr;
    const auto& exports = package_.imports[package_token]->exports;
    return class_token < exports.size() ? &exports[class_token] : nullptr;
}

const LinkedClass* Linking::class_of(std::uint16_t ref) const {
    if ((ref & 0x8000) != 0) {
        const auto* found = exported(ref >> 8 & 0x7F, static_cast<std::uint8_t>(ref));
        return found == nullptr ? nullptr : found->type;
    }
    auto found = class_by_offset_.find(ref);
    return found == class_by_offset_.end() ? nullptr : package_.classes[found->second].get();
}

Result<const Method*> Linking::method_at(std::uint16_t offset) {
    if (auto found = method_by_offset_.find(offset); found != method_by_offset_.end()) return found->second;
    if (offset < first_method_)
        return link_error(Part::Method, offset, "a method among the exception handlers");
    ByteReader method(package_.code, "Method");
    OTI_CHECK(method.skip(offset));
    auto made = std::make_unique<Method>();
    made->package = &package_;
    OTI_TRY(auto first, method.u8());
    OTI_TRY(auto second, method.u8());
    made->is_abstract = (first & kAccAbstract) != 0;
    if ((first & kAccExtended) != 0) {
        made->max_stack = second;
        auto arguments = method.u8();
        auto locals = method.u8();
        if (!arguments || !locals) return link_error(Part::Method, offset, "a header that is cut off");
        made->argument_words = *arguments;
        made->max_locals = *locals;
    } else {
        made->max_stack = first & 0x0F;
        made->argument_words = second >> 4;
        made->max_locals = second & 0x0F;
    }
    made->begin = static_cast<std::uint16_t>(offset_of(Part::Method, method));
    auto* kept = made.get();
    package_.methods.push_back(std::move(made));
    method_by_offset_[offset] = kept;
    return kept;
}

void Linking::method_ends() {
    auto next = static_cast<std::uint16_t>(package_.code.size());
    for (auto entry = method_by_offset_.rbegin(); entry != method_by_offset_.rend(); ++entry) {
        entry->second->end = next;
        next = entry->first;
    }
}

Status Linking::handlers() {
    auto method = reader(Part::Method);
    OTI_TRY(auto count, method.u8());
    for (unsigned i = 0; i < count; ++i) {
        auto offset = offset_of(Part::Method, method);
        ExceptionHandler handler;
        OTI_TRY(handler.begin, method.u16());
        OTI_TRY(auto range, method.u16());
        handler.end = static_cast<std::uint16_t>(handler.begin + (range & 0x7FFF));
        OTI_TRY(handler.handler, method.u16());
        OTI_TRY(auto type, method.u16());
        if (type != 0) {
            bool is_class =
                type < package_.constants.size() && package_.constants[type].kind == Constant::Kind::kClass;
            if (!is_class) return link_error(Part::Method, offset, "a handler of no class");
            handler.type = package_.constants[type].type;
        }
        package_.handlers.push_back(handler);
    }
    return {};
}

Status Linking::exports() {
    auto exports = reader(Part::Export);
    if (exports.empty()) return {};
    OTI_TRY(auto count, exports.u8());
    for (unsigned i = 0; i < count; ++i) {
        LinkedPackage::Exports entry;
        auto place = offset_of(Part::Export, exports);
        OTI_TRY(auto class_offset, exports.u16());
        entry.type = class_of(class_offset);
        if (entry.type == nullptr) return link_error(Part::Export, place, "no such class");
        OTI_TRY(auto fields, exports.u8());
        OTI_TRY(auto methods, exports.u8());
        for (unsigned k = 0; k < fields; ++k) {
            OTI_TRY(auto field, exports.u16());
            entry.static_fields.push_back(field);
        }
        for (unsigned k = 0; k < methods; ++k) {
            OTI_TRY(auto offset, exports.u16());
            OTI_TRY(const auto* method, method_at(offset));
            entry.static_methods.push_back(method);
        }
        package_.exports.push_back(std::move(entry));
    }
    return {};
}

Status Linking::applets() {
    auto applets = reader(Part::Applet);
    if (applets.empty()) return {};
    OTI_TRY(auto count, applets.u8());
    for (unsigned i = 0; i < count; ++i) {
        LinkedPackage::AppletModule module;
        OTI_TRY(auto aid, applets.take_lv());
        OTI_TRY(module.aid, iso7816::Aid::create(aid));
        auto place = offset_of(Part::Applet, applets);
        OTI_TRY(auto offset, applets.u16());
        OTI_TRY(module.install, method_at(offset));
        // install(byte[], short, byte)
        if (module.install->argument_words != 3 || module.install->is_abstract) {
            return link_error(Part::Applet, place, "a method that is no install method");
        }
        package_.modules.push_back(module);
    }
    return {};
}

Result<std::unique_ptr<LinkedPackage>> link(cap::Package package, PackageId id,
                                            const PackageTable& packages) {
    auto linked = std::make_unique<LinkedPackage>();
    linked->id = id;
    linked->aid = package.aid();
    linked->version = package.version();
    linked->source = std::move(package);
    Linking linking(*linked, packages);
    OTI_CHECK(linking.imports());
    OTI_CHECK(linking.classes());
    OTI_CHECK(linking.static_fields());
    OTI_CHECK(linking.constants());
    OTI_CHECK(linking.handlers());
    OTI_CHECK(linking.exports());
    OTI_CHECK(linking.applets());
    linking.method_ends();
    return linked;
}

}  // namespace oti::javacard
