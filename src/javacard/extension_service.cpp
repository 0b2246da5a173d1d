// SPDX-License-Identifier: Apache-2.0
// javacard.framework.service, as far as there is something to be named: its interfaces and its exception. A
// package that uses the classes of remote method invocation is refused when it is linked, as they have no
// methods here (JCRE specification 3.0.5, chapter 8 leaves the choice).
#include "javacard/exception_methods.h"
#include "javacard/extensions.h"

namespace oti::javacard {
namespace {

using enum MethodSort;

constexpr ClassId kObject{kJavaLang, 0};
constexpr ClassId kServiceInterface{kService, 0}, kBasicService{kService, 3}, kServiceException{kService, 7};
constexpr ClassId kOfService[] = {kServiceInterface};

/// Service has the first three, RemoteService no others.
constexpr NativeMethod kSecurityService[] = {
    {kVirtual, 0, "processDataIn", "(Ljavacard/framework/APDU;)Z", nullptr},
    {kVirtual, 1, "processCommand", "(Ljavacard/framework/APDU;)Z", nullptr},
    {kVirtual, 2, "processDataOut", "(Ljavacard/framework/APDU;)Z", nullptr},
    {kVirtual, 3, "isAuthenticated", "(S)Z", nullptr},
    {kVirtual, 4, "isChannelSecure", "(B)Z", nullptr},
    {kVirtual, 5, "isCommandSecure", "(B)Z", nullptr},
};
constexpr NativeClass kClasses[] = {
    {.token = 0, .name = "Service", .is_interface = true, .methods = std::span(kSecurityService).first(3)},
    {.token = 1,
     .name = "SecurityService",
     .is_interface = true,
     .interfaces = kOfService,
     .methods = kSecurityService},
    {.token = 2,
     .name = "RemoteService",
     .is_interface = true,
     .interfaces = kOfService,
     .methods = std::span(kSecurityService).first(3)},
    {.token = 3, .name = "BasicService", .super = kObject},
    {.token = 4, .name = "RMIService", .super = kBasicService},
    {.token = 5, .name = "CardRemoteObject", .super = kObject},
    {.token = 6, .name = "Dispatcher", .super = kObject},
    runtime_exception<kServiceException>("ServiceException"),
};
constexpr NativePackage kPackage{
    kService, "javacard.framework.service", "A000000062010101", {1, 0}, kClasses};

}  // namespace

const NativePackage& framework_service() {
    return kPackage;
}

}  // namespace oti::javacard
