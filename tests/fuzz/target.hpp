// SPDX-License-Identifier: Apache-2.0
// What a fuzz target is. Each file NAME.cpp beside this one defines one; it is linked with libFuzzer (fuzzer.cpp, needs
// clang) to find inputs, and with a plain driver (replay.cpp, any compiler) that tries known ones.
#pragma once

#include <string_view>
#include <vector>

#include "common/bytes.hpp"

namespace hallmark::fuzz {

struct Target {
    std::size_t largest;              ///< longer inputs are not tried, in bytes
    std::vector<Bytes> (*seeds)();    ///< inputs from which to start, valid ones first
    void (*attempt)(ByteSpan input);  ///< returns whatever the input; what must never be ends in require()
};

/// Defined by each target.
extern const Target kTarget;

/// Ends the program where something that holds for every input does not.
void require(bool holds, const char* what);

/// A text as an input.
inline Bytes seed(std::string_view text) {
    const auto bytes = as_bytes(text);
    return {bytes.begin(), bytes.end()};
}

/// An input as text.
inline std::string_view text_of(ByteSpan input) { return {reinterpret_cast<const char*>(input.data()), input.size()}; }

}  // namespace hallmark::fuzz
