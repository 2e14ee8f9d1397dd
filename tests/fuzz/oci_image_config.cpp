// SPDX-License-Identifier: Apache-2.0
// Attacker: whoever makes an image, and a registry in front of a policy that accepts anything.
// Size cap: 16 KiB; the program's own is 4 MiB, which only makes longer lists.
#include "agent/oci/image_config.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() {
    return {
        seed(R"({"architecture":"amd64","os":"linux","config":{"User":"a","ExposedPorts":{"1/tcp":{}},"Env":["A=b"],)"
             R"("Entrypoint":["/x"],"Cmd":null,"Volumes":{"/v":{}},"WorkingDir":"/","Labels":{"a":"b"},)"
             R"("StopSignal":"1"},"rootfs":{"type":"layers","diff_ids":["sha256:)" +
             std::string(64, '0') + R"("]}})"),
        seed(R"({"architecture":"arm64","os":"linux","variant":"v8","rootfs":{"type":"layers","diff_ids":[]}})"),
    };
}

void attempt(ByteSpan input) {
    const auto config = oci::parse_image_config(text_of(input), "c");
    if (!config) return;
    for (const auto& entry : config->environment) {
        require(entry.find('=') != std::string::npos, "each variable has a value");
        require(entry.find('\0') == std::string::npos, "no text has a NUL");
    }
    for (const auto& word : config->command) require(word.find('\0') == std::string::npos, "no word has a NUL");
    require(config->diff_ids.size() <= oci::kMostLayers, "bounds hold");
}

}  // namespace

const Target kTarget{.largest = 16 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
