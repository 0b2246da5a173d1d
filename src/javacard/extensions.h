// SPDX-License-Identifier: Apache-2.0
// The packages of the API beside java.lang, javacard.framework and the cryptographic ones: tokens as the
// export files of 3.0.5 have them. Package numbers are in every image, and never change.
#pragma once

#include "javacard/native.h"

namespace oti::javacard {

inline constexpr PackageId kApduExtension = 5, kApduUtil = 6, kArrayUtil = 7, kIntegers = 8, kMath = 9,
                           kTlv = 10, kStrings = 11, kJavaIo = 13, kJavaRmi = 14, kService = 15,
                           kExternal = 16, kBiometry = 17, kBiometry1ToN = 19;

const NativePackage& java_io();          ///< java.io
const NativePackage& java_rmi();         ///< java.rmi
const NativePackage& apdu_extension();   ///< javacardx.apdu
const NativePackage& apdu_util();        ///< javacardx.apdu.util
const NativePackage& external_memory();  ///< javacardx.external
const NativePackage& biometry();         ///< javacardx.biometry
const NativePackage& biometry_1_to_n();  ///< javacardx.biometry1toN

}  // namespace oti::javacard
