// SPDX-License-Identifier: Apache-2.0
#include "crypto/curve_parameters.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>

#include <algorithm>

#include "crypto/internal/pkey.h"

namespace oti::crypto {
namespace {

Bytes fixed(const BIGNUM* number, std::size_t size) {
    Bytes bytes(size);
    must(BN_bn2binpad(number, bytes.data(), static_cast<int>(size)) == static_cast<int>(size));
    return bytes;
}

}  // namespace

CurveParameters parameters_of(Curve curve) {
    std::string group_name(name(curve));
    OSSL_PARAM by_name[]{
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group_name.data(), group_name.size()),
        OSSL_PARAM_construct_end()};
    OpensslPtr<EC_GROUP, EC_GROUP_free> group(EC_GROUP_new_from_params(by_name, nullptr, nullptr));
    BigNumber p(BN_new()), a(BN_new()), b(BN_new());
    must(group != nullptr && EC_GROUP_get_curve(group.get(), p.get(), a.get(), b.get(), nullptr) == 1);
    auto size = coordinate_size(curve);
    Bytes generator(point_size(curve));
    must(EC_POINT_point2oct(group.get(), EC_GROUP_get0_generator(group.get()), POINT_CONVERSION_UNCOMPRESSED,
                            generator.data(), generator.size(), nullptr) == generator.size());
    const auto* cofactor = EC_GROUP_get0_cofactor(group.get());
    return {fixed(p.get(), size),
            fixed(a.get(), size),
            fixed(b.get(), size),
            std::move(generator),
            fixed(EC_GROUP_get0_order(group.get()), size),
            fixed(cofactor, static_cast<std::size_t>(BN_num_bytes(cofactor)))};
}

std::optional<Curve> curve_of_parameters(const CurveParameters& parameters) {
    auto found = std::ranges::find(kAllCurves, parameters, parameters_of);
    return found == kAllCurves.end() ? std::nullopt : std::optional(*found);
}

}  // namespace oti::crypto
