// SPDX-License-Identifier: Apache-2.0
// For tests only: native calls in the context of an applet that is installed and that the card's registry
// has.
#pragma once

#include "javacard/native_call_testing.h"
#include "javacard/org_globalplatform.h"
#include "javacard/test_applet.h"

namespace oti::javacard {

class RegisteredAppletTest : public NativeCallTest {
  protected:
    static inline const auto kDomain = iso7816::Aid::constant("A000000151000000");
    static inline const auto kOther = iso7816::Aid::constant("A00000000201");

    void SetUp() override {
        NativeCallTest::SetUp();
        ASSERT_TRUE(runtime->load(applet_block()));
        ASSERT_TRUE(runtime->install(kPackage, kModule, kInstance, {}).ok());
        runtime->end_command();
        platform.registry = {{kInstance, {.state = 0x07, .domain = kDomain}},
                             {kOther, {.state = 0x07, .domain = kDomain}},
                             {kDomain, {.state = 0x0F, .domain = kDomain, .is_issuer_domain = true}}};
    }
    Result<Bytes> load_file_data_block(const iso7816::Aid&) const override { return applet_block(); }

    void grant(unsigned privilege) { platform.registry.at(kInstance).privileges |= 1U << (23 - privilege); }
    Guest<Value> system(std::string_view method, const std::vector<Value>& arguments = {}) {
        return call("org.globalplatform.GPSystem", method, arguments);
    }
    Ref aid(const iso7816::Aid& aid) {
        auto array = bytes(aid.bytes());
        return construct("javacard.framework.AID", "([BSB)V",
                         {obj(array), num(0), num(static_cast<int>(aid.bytes().size()))});
    }
};

}  // namespace oti::javacard
