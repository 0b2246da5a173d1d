// SPDX-License-Identifier: Apache-2.0
#include "javacard/org_globalplatform.h"

namespace oti::javacard {
namespace {

using enum MethodSort;
using framework_class::kShareable;

constexpr NativeMethod kApplicationMethods[] = {
    {kVirtual, 0, "processData", "([BSS)V", nullptr},
};
constexpr NativeMethod kCvmMethods[] = {
    {kVirtual, 0, "isActive", "()Z", nullptr},
    {kVirtual, 1, "isSubmitted", "()Z", nullptr},
    {kVirtual, 2, "isVerified", "()Z", nullptr},
    {kVirtual, 3, "isBlocked", "()Z", nullptr},
    {kVirtual, 4, "getTriesRemaining", "()B", nullptr},
    {kVirtual, 5, "update", "([BSBB)Z", nullptr},
    {kVirtual, 6, "resetState", "()Z", nullptr},
    {kVirtual, 7, "blockState", "()Z", nullptr},
    {kVirtual, 8, "resetAndUnblockState", "()Z", nullptr},
    {kVirtual, 9, "setTryLimit", "(B)Z", nullptr},
    {kVirtual, 10, "verify", "([BSBB)S", nullptr},
};
/// The first seven are SecureChannel's; each of its two children adds one.
constexpr NativeMethod kSecureChannelxMethods[] = {
    {kVirtual, 0, "processSecurity", "(Ljavacard/framework/APDU;)S", nullptr},
    {kVirtual, 1, "wrap", "([BSS)S", nullptr},
    {kVirtual, 2, "unwrap", "([BSS)S", nullptr},
    {kVirtual, 3, "decryptData", "([BSS)S", nullptr},
    {kVirtual, 4, "encryptData", "([BSS)S", nullptr},
    {kVirtual, 5, "resetSecurity", "()V", nullptr},
    {kVirtual, 6, "getSecurityLevel", "()B", nullptr},
    {kVirtual, 7, "setSecurityLevel", "(B)V", nullptr},
};
constexpr NativeMethod kSecureChannelx2Methods[] = {
    {kVirtual, 0, "processSecurity", "(Ljavacard/framework/APDU;)S", nullptr},
    {kVirtual, 1, "wrap", "([BSS)S", nullptr},
    {kVirtual, 2, "unwrap", "([BSS)S", nullptr},
    {kVirtual, 3, "decryptData", "([BSS)S", nullptr},
    {kVirtual, 4, "encryptData", "([BSS)S", nullptr},
    {kVirtual, 5, "resetSecurity", "()V", nullptr},
    {kVirtual, 6, "getSecurityLevel", "()B", nullptr},
    {kVirtual, 7, "processSecurity", "([BSSS)S", nullptr},
};
constexpr NativeMethod kRegistryEntryMethods[] = {
    {kVirtual, 0, "deregisterService", "(S)V", nullptr},
    {kVirtual, 1, "getAID", "()Ljavacard/framework/AID;", nullptr},
    {kVirtual, 2, "getPrivileges", "([BS)S", nullptr},
    {kVirtual, 3, "getState", "()B", nullptr},
    {kVirtual, 4, "isAssociated", "(Ljavacard/framework/AID;)Z", nullptr},
    {kVirtual, 5, "isPrivileged", "(B)Z", nullptr},
    {kVirtual, 6, "registerService", "(S)V", nullptr},
    {kVirtual, 7, "setState", "(B)Z", nullptr},
};
constexpr NativeMethod kGlobalServiceMethods[] = {
    {kVirtual, 0, "getServiceInterface",
     "(Lorg/globalplatform/GPRegistryEntry;S[BSS)Ljavacard/framework/Shareable;", nullptr},
};
constexpr NativeMethod kAuthorityMethods[] = {
    {kVirtual, 0, "init", "(B)V", nullptr},
    {kVirtual, 1, "sign", "([BSS[BS)S", nullptr},
    {kVirtual, 2, "update", "([BSS)V", nullptr},
    {kVirtual, 3, "recoverKey", "([BSS[BS)S", nullptr},
};
constexpr NativeMethod kPersonalizationMethods[] = {
    {kVirtual, 0, "processData", "([BSS[BS)S", nullptr},
};
constexpr NativeMethod kHttpAdministrationMethods[] = {
    {kVirtual, 0, "requestHTTPAdministrationSession", "([BSS)V", nullptr},
};
constexpr NativeMethod kHttpReportListenerMethods[] = {
    {kVirtual, 0, "httpAdministationSessionReport", "(S)V", nullptr},
};
constexpr ClassId kShareableOnly[] = {kShareable};
constexpr ClassId kOfSecureChannel[] = {kShareable, gp_class::kSecureChannel};

}  // namespace

const NativePackage& org_globalplatform() {
    static const NativeClass kClasses[] = {
        {.token = 0,
         .name = "Application",
         .is_interface = true,
         .is_shareable = true,
         .interfaces = kShareableOnly,
         .methods = kApplicationMethods},
        {.token = 1,
         .name = "CVM",
         .is_interface = true,
         .is_shareable = true,
         .interfaces = kShareableOnly,
         .methods = kCvmMethods},
        {.token = 2,
         .name = "SecureChannel",
         .is_interface = true,
         .is_shareable = true,
         .interfaces = kShareableOnly,
         .methods = std::span(kSecureChannelxMethods).first(7)},
        {.token = 3, .name = "GPSystem", .super = {kJavaLang, 0}, .methods = gp_system_methods()},
        {.token = 4,
         .name = "GPRegistryEntry",
         .is_interface = true,
         .is_shareable = true,
         .interfaces = kShareableOnly,
         .methods = kRegistryEntryMethods},
        {.token = 5,
         .name = "GlobalService",
         .is_interface = true,
         .is_shareable = true,
         .interfaces = kShareableOnly,
         .methods = kGlobalServiceMethods},
        {.token = 6,
         .name = "SecureChannelx",
         .is_interface = true,
         .is_shareable = true,
         .interfaces = kOfSecureChannel,
         .methods = kSecureChannelxMethods},
        {.token = 7,
         .name = "Authority",
         .is_interface = true,
         .is_shareable = true,
         .interfaces = kShareableOnly,
         .methods = kAuthorityMethods},
        {.token = 8,
         .name = "Personalization",
         .is_interface = true,
         .is_shareable = true,
         .interfaces = kShareableOnly,
         .methods = kPersonalizationMethods},
        {.token = 9,
         .name = "HTTPAdministration",
         .is_interface = true,
         .is_shareable = true,
         .interfaces = kShareableOnly,
         .methods = kHttpAdministrationMethods},
        {.token = 10,
         .name = "HTTPReportListener",
         .is_interface = true,
         .is_shareable = true,
         .interfaces = kShareableOnly,
         .methods = kHttpReportListenerMethods},
        {.token = 11,
         .name = "SecureChannelx2",
         .is_interface = true,
         .is_shareable = true,
         .interfaces = kOfSecureChannel,
         .methods = kSecureChannelx2Methods},
    };
    static const NativePackage kPackage{
        kOrgGlobalPlatform, "org.globalplatform", "A00000015100", {1, 6}, kClasses};
    return kPackage;
}

}  // namespace oti::javacard
