// SPDX-License-Identifier: Apache-2.0
// The entry point that libFuzzer calls.
#include "tests/fuzz/target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > hallmark::fuzz::kTarget.largest) return -1;  // not to be kept in the corpus
    hallmark::fuzz::kTarget.attempt({data, size});
    return 0;
}
