// SPDX-License-Identifier: Apache-2.0
// The parts of Beast that are not templates, compiled once (BOOST_BEAST_SEPARATE_COMPILATION).
#include <boost/beast/src.hpp>
