// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <filesystem>

namespace hallmark::test {

/// The folder with values from sources that this project did not write: HALLMARK_VECTORS, else ../shared/vectors
/// beside the project. It may be missing: then a test that needs it says so and is skipped.
inline std::filesystem::path vectors() {
    if (const char* named = std::getenv("HALLMARK_VECTORS")) return named;
    const char* source = std::getenv("HALLMARK_SOURCE");
    return std::filesystem::path(source != nullptr ? source : ".") / "../shared/vectors";
}

}  // namespace hallmark::test

/// In a test body: the path of a vector, or a skip with its reason.
#define HALLMARK_VECTOR(variable, name)                         \
    const auto variable = ::hallmark::test::vectors() / (name); \
    if (!std::filesystem::exists(variable))                     \
    GTEST_SKIP() << variable.string() << " is missing; set HALLMARK_VECTORS to the folder of the test vectors"
