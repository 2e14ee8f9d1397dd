// SPDX-License-Identifier: Apache-2.0
#include "measure/explain/sev_space.hpp"

#include <algorithm>
#include <array>

#include "measure/explain/groups.hpp"

namespace hallmark::explain {
namespace {

constexpr std::array<std::size_t, 4> kMemory = {LaunchAxes::kKernel, LaunchAxes::kInitrd, LaunchAxes::kAppend,
                                                LaunchAxes::kFirmware};

}  // namespace

SevSpace::SevSpace(const LaunchRequest& request, std::vector<Firmware> firmwares, const Sha256& expected)
    : axes_(launch_axes(request)), after_firmware_(firmwares.size()), expected_(expected) {
    for (std::size_t i = 0; i < firmwares.size(); ++i) {
        tables_.push_back(firmwares[i].tables);
        after_firmware_[i].firmware(firmwares[i].image);
    }
}

std::size_t SevSpace::firmware_of(const Candidate& candidate) const {
    return axes_.firmware.at(candidate.choice(LaunchAxes::kFirmware));
}

std::optional<sev::LaunchDigest> SevSpace::memory_of(const Candidate& candidate) const {
    const auto firmware = firmware_of(candidate);
    const auto kernel = axes_.kernel_of(candidate);
    const auto& tables = tables_[firmware];
    const bool starts_cpus = axes_.vcpus.at(0) != 0;
    if ((kernel && !tables.kernel_hash_table) || (starts_cpus && !tables.application_cpu_reset)) return std::nullopt;
    sev::LaunchDigest digest = after_firmware_[firmware];
    if (kernel) digest.kernel_hashes(*kernel);
    return digest;
}

std::vector<std::size_t> SevSpace::matches(const Candidate& candidate, const sev::LaunchDigest& memory) const {
    const auto given = axes_.vcpus.at(0);
    if (given == 0) return memory.value() == expected_ ? std::vector<std::size_t>{0} : std::vector<std::size_t>{};
    const auto states = axes_.states_of(candidate, tables_[firmware_of(candidate)].application_cpu_reset.value_or(0));
    const auto most = candidate.whole_run ? std::max(given, kMostTriedVcpus) : given;
    sev::LaunchDigest digest = memory;
    std::vector<std::size_t> choices;
    for (std::uint32_t count = 1; count <= most; ++count) {
        digest.vmsa(count == 1 ? states.boot_cpu : states.application_cpu, "");
        const bool asked = count == given || (candidate.whole_run && count <= kMostTriedVcpus);
        if (asked && digest.value() == expected_) choices.push_back(axes_.choice_of(count));
    }
    return choices;
}

Sha256 SevSpace::value() const {
    const Candidate request;
    auto digest = memory_of(request).value_or(sev::LaunchDigest{});
    const auto states = axes_.states_of(request, tables_.front().application_cpu_reset.value_or(0));
    for (std::uint32_t i = 0; i < axes_.vcpus.at(0); ++i)
        digest.vmsa(i == 0 ? states.boot_cpu : states.application_cpu, "");
    return digest.value();
}

std::vector<Hit> SevSpace::measure(std::span<const Candidate> candidates) const {
    const Groups groups(candidates, kMemory);
    const auto memory =
        groups.each<std::optional<sev::LaunchDigest>>([&](std::size_t i) { return memory_of(candidates[i]); });
    std::vector<std::vector<std::size_t>> found(candidates.size());
    parallel_blocks(candidates.size(), [&](std::size_t i) {
        if (const auto& digest = memory[groups.group_of(i)]) found[i] = matches(candidates[i], *digest);
    });
    return hits_of(found);
}

}  // namespace hallmark::explain
