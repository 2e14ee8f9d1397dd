// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/target.hpp"

#include <cstdio>
#include <cstdlib>

namespace hallmark::fuzz {

void require(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "fuzz: does not hold: %s\n", what);
    std::abort();
}

}  // namespace hallmark::fuzz
