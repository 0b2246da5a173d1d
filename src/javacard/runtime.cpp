// SPDX-License-Identifier: Apache-2.0
// Start, packages, and what is stored of the runtime environment itself.
#include "javacard/runtime.h"

#include <algorithm>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "javacard/api.h"
#include "javacard/framework.h"
#include "javacard/linker.h"
#include "javacard/verifier.h"

namespace oti::javacard {
namespace {

/// The longest array of install parameters: two AIDs of 16 bytes, control information, 127 bytes of data.
constexpr std::size_t kInstallBuffer = 256;

std::unexpected<Error> no_room() {
    return fail(ErrorKind::kInternal, "javacard.memory", "no room for the runtime environment's own objects");
}

Result<iso7816::Aid> read_aid(ByteReader& reader) {
    OTI_TRY(auto bytes, reader.take_lv());
    return iso7816::Aid::create(bytes);
}

}  // namespace

Result<std::unique_ptr<Runtime>> Runtime::start(const Host& host) {
    std::unique_ptr<Runtime> runtime(new Runtime(host));
    for (const auto* package : api_packages()) {
        OTI_TRY(auto linked, link_native(*package, runtime->packages_));
        runtime->packages_.add(std::move(linked));
    }
    runtime->heap_ = std::make_unique<Heap>(runtime->packages_, host.memory);
    runtime->machine_ =
        std::make_unique<Machine>(*runtime->heap_, runtime->packages_, runtime.get(), host.limits);
    OTI_CHECK(runtime->read_state());
    OTI_CHECK(runtime->heap_->load(host.objects));
    OTI_CHECK(runtime->check_objects());
    OTI_TRY(runtime->install_buffer_, runtime->make_global_array(kInstallBuffer));
    OTI_TRY(runtime->apdu_buffer_, runtime->make_global_array(ApduExchange::kBufferSize));
    OTI_TRY(runtime->apdu_object_, runtime->make_apdu_object());
    return runtime;
}

Result<Ref> Runtime::make_global_array(std::size_t size) {
    auto array =
        heap_->make_array(ObjectKind::kBytes, static_cast<std::int32_t>(size), {}, Persistence::kSystem);
    if (!array) return no_room();
    heap_->mark_global(*array);
    return *array;
}

Result<Ref> Runtime::make_apdu_object() {
    const auto* type = packages_.find(framework_class::kApdu);
    auto object = heap_->make_instance(type->id, type->cells, {}, Persistence::kSystem);
    if (!object) return no_room();
    heap_->mark_entry_point(*object, true);
    return *object;
}

/// Stored under the number of null: { package number, AID }…, 00, { applet number, package number, module,
/// AID, object, AID object }….
Bytes Runtime::state() const {
    ByteWriter writer;
    for (auto id : loaded_) writer.u8(id).lv(packages_.find(id)->aid->bytes());
    writer.u8(kNoPackage);
    for (const auto& [id, applet] : applets_) {
        writer.u8(id).u8(applet.package).lv(applet.module.bytes()).lv(applet.aid.bytes());
        writer.u16(applet.object).u16(applet.aid_object);
    }
    return writer.take();
}

Status Runtime::read_state() {
    OTI_TRY(auto records, host_.objects.records());
    auto state = std::ranges::find(records, kNull, [](const auto& record) { return record.first; });
    if (state == records.end()) return {};
    ByteReader reader(state->second, "runtime environment");
    while (true) {
        OTI_TRY(auto id, reader.u8());
        if (id == kNoPackage) break;
        OTI_TRY(auto aid, read_aid(reader));
        OTI_TRY(auto block, host_.code.load_file_data_block(aid));
        OTI_TRY(auto package, cap::Package::parse_load_file_data_block(block));
        OTI_TRY(auto linked, link(std::move(package), id, packages_));
        OTI_CHECK(verify(*linked));
        packages_.add(std::move(linked));
        loaded_.push_back(id);
    }
    while (!reader.empty()) {
        OTI_TRY(auto id, reader.u8());
        OTI_TRY(auto package, reader.u8());
        OTI_TRY(auto module, read_aid(reader));
        OTI_TRY(auto aid, read_aid(reader));
        OTI_TRY(auto object, reader.u16());
        OTI_TRY(auto aid_object, reader.u16());
        applets_.emplace(id, Applet{id, package, module, aid, object, aid_object});
    }
    return {};
}

/// The instructions rely on an object's size being what its class says.
Status Runtime::check_objects() {
    bool sound = true;
    heap_->for_each([&](Ref ref, const Object& object) {
        if (object.kind == ObjectKind::kInstance) {
            const auto* type = packages_.find(object.type);
            sound = sound && type != nullptr && object.size() == type->cells;
        } else if (object.kind == ObjectKind::kReferences) {
            sound = sound && packages_.find(object.type) != nullptr;
        } else if (object.kind == ObjectKind::kStatics) {
            const auto* package = packages_.find(object.type.package);
            sound = sound && package != nullptr && object.size() == package->statics_size;
            if (sound) package->statics = ref;
        }
    });
    for (auto id : loaded_) sound = sound && packages_.find(id)->statics != kNull;
    for (const auto& [id, applet] : applets_) {
        sound = sound && heap_->find(applet.object) != nullptr && heap_->find(applet.aid_object) != nullptr;
    }
    if (!sound) return fail(ErrorKind::kIo, "heap.damaged", "objects and classes do not fit together");
    return {};
}

Result<PackageId> Runtime::load(BytesView load_file_data_block) {
    OTI_TRY(auto package, cap::Package::parse_load_file_data_block(load_file_data_block));
    if (packages_.find(package.aid()) != nullptr) {
        return fail(ErrorKind::kUsage, "javacard.loaded",
                    "package " + package.aid().hex() + " is there already");
    }
    auto id = packages_.unused_id();
    if (!id) return fail(ErrorKind::kPolicy, "javacard.memory", "there are too many packages");
    OTI_TRY(auto linked, link(std::move(package), *id, packages_));
    OTI_CHECK(verify(*linked));
    OTI_CHECK(initialize_statics(*linked));
    packages_.add(std::move(linked));
    loaded_.push_back(*id);
    changed_ = true;
    return *id;
}

/// JCVM specification 3.0.5, 6.11: references to the arrays come first, what is neither zero nor null last.
Status Runtime::initialize_statics(LinkedPackage& package) {
    Owner owner{package.id, kNoApplet};
    auto initialize = [&]() -> Guest<void> {
        OTI_TRY(package.statics, heap_->make_statics(package.id, package.statics_size));
        std::size_t cell = 0;
        for (const auto& init : package.array_inits) {
            auto count = static_cast<std::int32_t>(init.values.size() / element_size(init.kind));
            OTI_TRY(auto array, heap_->make_array(init.kind, count, owner));
            OTI_CHECK(heap_->write(array, 0, init.values));
            OTI_CHECK(heap_->write_u16(package.statics, cell++, array));
        }
        return heap_->write(package.statics, package.statics_size - package.non_default_values.size(),
                            package.non_default_values);
    };
    if (initialize()) return {};
    heap_->free_if([&](const Object& object) { return object.owner == owner; });
    return fail(ErrorKind::kPolicy, "javacard.memory", "there is no room for the package's static fields");
}

void Runtime::reset() {
    heap_->clear_on_reset();
    selected_.clear();
}

void Runtime::end_command() {
    if (heap_->in_transaction()) (void)heap_->abort_transaction();
    heap_->reuse_vanished();
    if (std::exchange(collect_, false)) {
        std::vector<Ref> roots;
        for (const auto& [id, applet] : applets_) {
            roots.push_back(applet.object);
            roots.push_back(applet.aid_object);
        }
        (void)heap_->collect(roots);
    }
    heap_->flush(host_.objects);
    if (std::exchange(changed_, false)) host_.objects.put(kNull, state());
    machine_->refill();
}

}  // namespace oti::javacard
