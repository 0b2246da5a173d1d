// SPDX-License-Identifier: Apache-2.0
#include "crypto/curve_parameters.h"

#include <gtest/gtest.h>

#include "base/hex.h"

namespace oti::crypto {
namespace {

TEST(CurveParameters, AreThoseOfTheStandards) {
    // FIPS 186-4, D.1.2.3.
    CurveParameters p256{from_hex("FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF"),
                         from_hex("FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFC"),
                         from_hex("5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B"),
                         from_hex("04"
                                  "6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296"
                                  "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5"),
                         from_hex("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"),
                         from_hex("01")};
    EXPECT_EQ(parameters_of(Curve::kP256), p256);
    // RFC 5639, 3.4.
    CurveParameters brainpool{from_hex("A9FB57DBA1EEA9BC3E660A909D838D726E3BF623D52620282013481D1F6E5377"),
                              from_hex("7D5A0975FC2C3057EEF67530417AFFE7FB8055C126DC5C6CE94A4B44F330B5D9"),
                              from_hex("26DC5C6CE94A4B44F330B5D9BBD77CBF958416295CF7E1CE6BCCDC18FF8C07B6"),
                              from_hex("04"
                                       "8BD2AEB9CB7E57CB2C4B482FFC81B7AFB9DE27E1E3BD23C23A4453BD9ACE3262"
                                       "547EF835C3DAC4FD97F8461A14611DC9C27745132DED8E545C1D54C72F046997"),
                              from_hex("A9FB57DBA1EEA9BC3E660A909D838D718C397AA3B561A6F7901E0E82974856A7"),
                              from_hex("01")};
    EXPECT_EQ(curve_of_parameters(brainpool), Curve::kBrainpoolP256r1);
}

TEST(CurveParameters, NameNoCurveIfOneIsAnother) {
    for (auto curve : kAllCurves) {
        SCOPED_TRACE(name(curve));
        EXPECT_EQ(curve_of_parameters(parameters_of(curve)), curve);
        for (auto member :
             {&CurveParameters::p, &CurveParameters::a, &CurveParameters::b, &CurveParameters::generator,
              &CurveParameters::order, &CurveParameters::cofactor}) {
            auto changed = parameters_of(curve);
            (changed.*member).back() ^= 1;
            EXPECT_EQ(curve_of_parameters(changed), std::nullopt);
            (changed.*member).clear();
            EXPECT_EQ(curve_of_parameters(changed), std::nullopt);
        }
    }
}

}  // namespace
}  // namespace oti::crypto
