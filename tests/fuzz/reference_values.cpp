// SPDX-License-Identifier: Apache-2.0
// Attacker: whoever hands a relying party reference values, to have a launch accepted that nobody published.
// Size cap: 64 KiB, a hundred launches.
#include "measure/reference_values/reference_values.hpp"

#include "measure/snp/kernel_hashes.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

ReferenceValues example() {
    ReferenceValues values;
    values.name = "hallmark-guest";
    values.version = "0.1.0";
    values.locked = true;
    values.snp.firmware = {.file = "OVMF.amdsev.fd", .size = 4096, .sha256 = {}};
    values.snp.kernel = {.file = "vmlinuz", .size = 1, .sha256 = {}};
    values.snp.initrd = snp::hash_no_initrd();
    values.snp.command_lines = {{.name = "own", .text = "panic=1", .sha256 = snp::hash_command_line("panic=1")}};
    values.snp.policy = 0x30000;
    for (const std::uint32_t vcpus : {1U, 2U})
        values.snp.launches.push_back({.command_line = "own",
                                       .vmm_type = "QEMU",
                                       .vcpu_type = "EPYC-v4",
                                       .vcpu_signature = 0x800f12,
                                       .guest_features = 1,
                                       .vcpus = vcpus,
                                       .launch_digest = {}});
    return values;
}

std::vector<Bytes> seeds() { return {seed(to_document(example()))}; }

void attempt(ByteSpan input) {
    const auto values = parse_reference_values(input, "input");
    if (!values) return;
    const std::string document = to_document(*values);
    const auto again = parse_reference_values(as_bytes(std::string_view(document)), "its own output");
    require(again.has_value(), "what was read is written so that it can be read");
    require(to_document(*again) == document, "reading and writing changes nothing");
}

}  // namespace

const Target kTarget{.largest = 64 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
