// SPDX-License-Identifier: Apache-2.0
#include "agent/attestation/setup.hpp"

#include <chrono>
#include <cstdlib>
#include <utility>

#include "agent/evidence/find.hpp"
#include "agent/kernel_file.hpp"
#include "common/file.hpp"
#include "common/text.hpp"

namespace hallmark::attestation {
namespace {

constexpr std::chrono::milliseconds kPortAppears{1'000};
constexpr std::size_t kLongestCommandLine = 64 * 1024;

}  // namespace

Result<Config> read_config(const std::string& file, const guest::Roots& roots) {
    Config config;
    if (!file.empty()) {
        HALLMARK_TRY(const Bytes bytes, read_file(file, kLargestConfig));
        HALLMARK_TRY(config, parse_config(text_of(bytes), file));
    }
    if (!config.kbs_url.empty()) return config;
    const char* parameters = std::getenv("AA_KBC_PARAMS");
    HALLMARK_TRY(const Bytes line, guest::read_kernel_file(roots.proc + "/cmdline", kLongestCommandLine));
    HALLMARK_TRY(const auto url, kbs_url_of(parameters == nullptr ? "" : parameters, text_of(line)));
    config.kbs_url = url.value_or("");
    return config;
}

Result<std::unique_ptr<guest::PlatformEvidence>> find_platform(const Config& config, const guest::Roots& roots) {
    HALLMARK_TRY(auto attester, guest::find_evidence(roots, guest::after(kPortAppears)));
    // Who asks for sample evidence where there is better must not get past the check of init-data with it.
    if (attester && config.sample_evidence)
        return bad_input("hallmark.evidence = \"sample\", but this guest has " + attester->name() +
                         "; take the key out of the configuration");
    if (attester)
        return guest::PlatformEvidence::open(std::move(attester), roots.sys + "/firmware/acpi/tables/data/CCEL");
    if (config.sample_evidence) return nullptr;
    return refused("no TEE: no configfs-tsm provider and no port " + std::string(guest_port::kTeePort) +
                   "; to try without one, set hallmark.evidence = \"sample\"");
}

std::string event_folder(const guest::Roots& roots) { return roots.run + "/attestation-agent"; }

}  // namespace hallmark::attestation
