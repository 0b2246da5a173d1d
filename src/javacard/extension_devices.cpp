// SPDX-License-Identifier: Apache-2.0
// javacardx.biometry, javacardx.biometry1toN and javacardx.external: this card has no sensor and no second
// memory, and its factories say so. What they would return is there to be named.
#include "javacard/exception_methods.h"
#include "javacard/extensions.h"

namespace oti::javacard {
namespace {

using enum MethodSort;
using framework_class::kShareable;

constexpr ClassId kObject{kJavaLang, 0};
constexpr ClassId kBioException{kBiometry, 3}, kBio1ToNException{kBiometry1ToN, 7},
    kExternalException{kExternal, 2};
/// BioException.NO_SUCH_BIO_TEMPLATE, Bio1toNException.UNSUPPORTED_BIO_TYPE, NO_SUCH_SUBSYSTEM.
constexpr std::uint16_t kNoSuchBioTemplate = 3, kUnsupportedBioType = 3, kNoSuchSubsystem = 1;

template <ClassId type, std::uint16_t reason>
Guest<Value> refuse(NativeCall&) {
    return throw_(type, reason);
}

/// An owner's template has all of these; the shared interface and the basic one have the first nine.
constexpr NativeMethod kTemplate[] = {
    {kVirtual, 0, "isValidated", "()Z", nullptr},
    {kVirtual, 1, "isInitialized", "()Z", nullptr},
    {kVirtual, 2, "getPublicTemplateData", "(S[BSS)S", nullptr},
    {kVirtual, 3, "getBioType", "()B", nullptr},
    {kVirtual, 4, "getVersion", "([BS)S", nullptr},
    {kVirtual, 5, "reset", "()V", nullptr},
    {kVirtual, 6, "getTriesRemaining", "()B", nullptr},
    {kVirtual, 7, "initMatch", "([BSS)S", nullptr},
    {kVirtual, 8, "match", "([BSS)S", nullptr},
    {kVirtual, 9, "init", "([BSS)V", nullptr},
    {kVirtual, 10, "update", "([BSS)V", nullptr},
    {kVirtual, 11, "doFinal", "()V", nullptr},
    {kVirtual, 12, "resetUnblockAndSetTryLimit", "(B)V", nullptr},
};
constexpr NativeMethod kBioBuilder[] = {
    {kStatic, 0, "buildBioTemplate", "(BB)Ljavacardx/biometry/OwnerBioTemplate;",
     refuse<kBioException, kNoSuchBioTemplate>},
    {kStatic, 1, "buildBioTemplate", "(BB[BB)Ljavacardx/biometry/OwnerBioTemplate;",
     refuse<kBioException, kNoSuchBioTemplate>},
};
constexpr ClassId kBioTemplate[] = {{kBiometry, 0}};
constexpr ClassId kSharedBioTemplate[] = {{kBiometry, 0}, kShareable};
constexpr NativeClass kBiometryClasses[] = {
    {.token = 0, .name = "BioTemplate", .is_interface = true, .methods = std::span(kTemplate).first(9)},
    {.token = 1,
     .name = "OwnerBioTemplate",
     .is_interface = true,
     .interfaces = kBioTemplate,
     .methods = kTemplate},
    {.token = 2,
     .name = "SharedBioTemplate",
     .is_interface = true,
     .is_shareable = true,
     .interfaces = kSharedBioTemplate,
     .methods = std::span(kTemplate).first(9)},
    runtime_exception<kBioException>("BioException"),
    {.token = 4, .name = "BioBuilder", .super = kObject, .methods = kBioBuilder},
};

constexpr NativeMethod kMatcher[] = {
    {kVirtual, 0, "isInitialized", "()Z", nullptr},
    {kVirtual, 1, "isValidated", "()Z", nullptr},
    {kVirtual, 2, "reset", "()V", nullptr},
    {kVirtual, 3, "getTriesRemaining", "()B", nullptr},
    {kVirtual, 4, "getBioType", "()B", nullptr},
    {kVirtual, 5, "getVersion", "([BS)S", nullptr},
    {kVirtual, 6, "initMatch", "([BSS)S", nullptr},
    {kVirtual, 7, "match", "([BSS)S", nullptr},
    {kVirtual, 8, "getMaxNbOfBioTemplateData", "()S", nullptr},
    {kVirtual, 9, "getIndexOfLastMatchingBioTemplateData", "()S", nullptr},
    {kVirtual, 10, "getBioTemplateData", "(S)Ljavacardx/biometry1toN/BioTemplateData;", nullptr},
    {kVirtual, 11, "putBioTemplateData", "(SLjavacardx/biometry1toN/BioTemplateData;)V", nullptr},
    {kVirtual, 12, "resetUnblockAndSetTryLimit", "(B)V", nullptr},
    {kVirtual, 13, "getBioTemplateData", "(S)Ljavacardx/biometry1toN/OwnerBioTemplateData;", nullptr},
};
constexpr NativeMethod kTemplateData[] = {
    {kVirtual, 0, "getBioType", "()B", nullptr},         {kVirtual, 1, "isInitialized", "()Z", nullptr},
    {kVirtual, 2, "getPublicData", "(S[BSS)S", nullptr}, {kVirtual, 3, "init", "([BSS)V", nullptr},
    {kVirtual, 4, "update", "([BSS)V", nullptr},         {kVirtual, 5, "doFinal", "()V", nullptr},
};
constexpr NativeMethod kBio1ToNBuilder[] = {
    {kStatic, 0, "buildBioMatcher", "(SBB)Ljavacardx/biometry1toN/OwnerBioMatcher;",
     refuse<kBio1ToNException, kUnsupportedBioType>},
    {kStatic, 1, "buildBioMatcher", "(SBB[BB)Ljavacardx/biometry1toN/OwnerBioMatcher;",
     refuse<kBio1ToNException, kUnsupportedBioType>},
    {kStatic, 2, "buildBioTemplateData", "(B)Ljavacardx/biometry1toN/OwnerBioTemplateData;",
     refuse<kBio1ToNException, kUnsupportedBioType>},
    {kStatic, 3, "buildBioTemplateData", "(B[B)Ljavacardx/biometry1toN/OwnerBioTemplateData;",
     refuse<kBio1ToNException, kUnsupportedBioType>},
};
constexpr ClassId kBioMatcher[] = {{kBiometry1ToN, 0}};
constexpr ClassId kBioTemplateData[] = {{kBiometry1ToN, 1}};
constexpr ClassId kSharedBioMatcher[] = {{kBiometry1ToN, 0}, kShareable};
constexpr ClassId kSharedBioTemplateData[] = {{kBiometry1ToN, 1}, kShareable};
constexpr NativeClass kBiometry1ToNClasses[] = {
    {.token = 0, .name = "BioMatcher", .is_interface = true, .methods = std::span(kMatcher).first(11)},
    {.token = 1,
     .name = "BioTemplateData",
     .is_interface = true,
     .methods = std::span(kTemplateData).first(3)},
    {.token = 2,
     .name = "OwnerBioMatcher",
     .is_interface = true,
     .interfaces = kBioMatcher,
     .methods = kMatcher},
    {.token = 3,
     .name = "OwnerBioTemplateData",
     .is_interface = true,
     .interfaces = kBioTemplateData,
     .methods = kTemplateData},
    {.token = 4,
     .name = "SharedBioMatcher",
     .is_interface = true,
     .is_shareable = true,
     .interfaces = kSharedBioMatcher,
     .methods = std::span(kMatcher).first(11)},
    {.token = 5,
     .name = "SharedBioTemplateData",
     .is_interface = true,
     .is_shareable = true,
     .interfaces = kSharedBioTemplateData,
     .methods = std::span(kTemplateData).first(3)},
    {.token = 6, .name = "Bio1toNBuilder", .super = kObject, .methods = kBio1ToNBuilder},
    runtime_exception<kBio1ToNException>("Bio1toNException"),
};

constexpr NativeMethod kMemoryAccess[] = {
    {kVirtual, 0, "writeData", "([BSS[BSSSS)Z", nullptr},
    {kVirtual, 1, "readData", "([BS[BSSSSS)S", nullptr},
};
constexpr NativeMethod kMemory[] = {
    {kStatic, 0, "getMemoryAccessInstance", "(B[SS)Ljavacardx/external/MemoryAccess;",
     refuse<kExternalException, kNoSuchSubsystem>},
};
constexpr NativeClass kExternalClasses[] = {
    {.token = 0, .name = "MemoryAccess", .is_interface = true, .methods = kMemoryAccess},
    {.token = 1, .name = "Memory", .super = kObject, .methods = kMemory},
    runtime_exception<kExternalException>("ExternalException"),
};

constexpr NativePackage kBiometryPackage{
    kBiometry, "javacardx.biometry", "A0000000620202", {1, 2}, kBiometryClasses};
constexpr NativePackage kBiometry1ToNPackage{
    kBiometry1ToN, "javacardx.biometry1toN", "A0000000620204", {1, 0}, kBiometry1ToNClasses};
constexpr NativePackage kExternalPackage{
    kExternal, "javacardx.external", "A0000000620203", {1, 0}, kExternalClasses};

}  // namespace

const NativePackage& biometry() {
    return kBiometryPackage;
}
const NativePackage& biometry_1_to_n() {
    return kBiometry1ToNPackage;
}
const NativePackage& external_memory() {
    return kExternalPackage;
}

}  // namespace oti::javacard
