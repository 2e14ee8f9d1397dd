// SPDX-License-Identifier: Apache-2.0
// Attacker: whoever hands out a firmware image, whose variables count in RTMR0.
// Size cap: 64 KiB; a variable takes 60 bytes and up.
#include "measure/ovmf/variable_store.hpp"

#include "common/guid.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/support/synthetic_variables.hpp"

namespace hallmark::fuzz {
namespace {

constexpr Guid kVendor = guid("8be4df61-93ca-11d2-aa0d-00e098032b8c");

std::vector<Bytes> seeds() {
    return {
        test::variable_volume({{kVendor, "PK", {1, 2, 3}}, {kVendor, "KEK", {4}, 0x3e}, {kVendor, "KEK", {5}}}, 512),
        test::variable_volume({}, 256)};
}

void attempt(ByteSpan input) {
    const auto variables = ovmf::parse_variable_store(input, "input");
    if (!variables) return;
    for (const auto& variable : *variables) {
        require(variable.data.empty() || (variable.data.data() >= input.data() &&
                                          variable.data.data() + variable.data.size() <= input.data() + input.size()),
                "the data lie in the volume");
        require(ovmf::find_variable(*variables, variable.vendor, variable.name) == &variable, "a name stands once");
    }
}

}  // namespace

const Target kTarget{.largest = 64 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
