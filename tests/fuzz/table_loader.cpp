// SPDX-License-Identifier: Apache-2.0
// Attacker: whoever hands out a guest's ACPI tables to be measured; the script in them names files to be read.
// Size cap: 8 KiB, 64 commands; QEMU's own script has half of that.
#include <algorithm>
#include <filesystem>
#include <string_view>

#include "measure/tdx/acpi.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

Bytes allocate(std::string_view file) {
    Bytes command(128);
    command[0] = 1;
    std::ranges::copy(file, command.begin() + 4);
    return command;
}

std::vector<Bytes> seeds() {
    auto script = allocate("etc/acpi/rsdp");
    append(script, allocate("etc/acpi/tables"));
    script.resize(512);
    return {script, allocate("../x")};
}

void attempt(ByteSpan input) {
    const auto files = tdx::allocated_files(input, "input");
    if (!files) return;
    for (const auto& file : *files) {
        const auto path = (std::filesystem::path("/folder") / file).lexically_normal();
        require(path.string().starts_with("/folder"), "a file of the script lies in the folder");
        require(file.find('\0') == std::string::npos, "a name has no NUL");
    }
}

}  // namespace

const Target kTarget{.largest = 8 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
