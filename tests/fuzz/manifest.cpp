// SPDX-License-Identifier: Apache-2.0
// Attacker: whoever publishes an image with a manifest of his own making.
// Size cap: 64 KiB; nothing in a manifest but its lists of inputs and tools grows.
#include "measure/image/manifest.hpp"

#include "tests/fuzz/target.hpp"
#include "tests/support/synthetic_manifest.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() { return {seed(to_text(test::manifest())), seed(R"({"schema": "hallmark/manifest/v2"})")}; }

void check_artefact(const Artefact& artefact) {
    require(!artefact.file.empty() && artefact.file != ".." && artefact.file.find('/') == std::string::npos &&
                artefact.file.find('\0') == std::string::npos,
            "an artefact's file stays in the manifest's folder");
}

void attempt(ByteSpan input) {
    const auto manifest = parse_manifest(input, "input");
    if (!manifest) return;
    for (const auto* artefact : manifest->artefacts()) check_artefact(*artefact);
    for (const auto& line : manifest->command_lines) {
        require(line.text.find('\0') == std::string::npos, "a command line has no NUL");
        const auto* found = manifest->find_command_line(line.name);
        require(found != nullptr && found->text == line.text, "a name stands for one command line");
    }
    for (const auto& path : manifest->boot_paths) {
        for (const auto& name : path.command_lines)
            require(manifest->find_command_line(name) != nullptr, "a boot path names command lines that are there");
        for (const auto& parts : path.covered_by)
            require(parts.size() <= path.artefacts.size() + 2, "a measurement covers a part once");
    }
}

}  // namespace

const Target kTarget{.largest = 64 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
