// SPDX-License-Identifier: Apache-2.0
#include "measure/explain/snp_space.hpp"

#include <algorithm>
#include <array>

#include "measure/explain/groups.hpp"
#include "measure/snp/launch.hpp"
#include "measure/snp/launch_digest.hpp"

namespace hallmark::explain {
namespace {

using ovmf::SevSectionType;

constexpr std::array<std::size_t, 3> kSections = {LaunchAxes::kVmm, LaunchAxes::kSections, LaunchAxes::kFirmware};
constexpr std::array<std::size_t, 6> kMemory = {LaunchAxes::kVmm,    LaunchAxes::kKernel,   LaunchAxes::kInitrd,
                                                LaunchAxes::kAppend, LaunchAxes::kSections, LaunchAxes::kFirmware};
constexpr std::array<std::size_t, 6> kCpus = {LaunchAxes::kCpu, LaunchAxes::kSignature, LaunchAxes::kFeatures,
                                              LaunchAxes::kVmm, LaunchAxes::kState,     LaunchAxes::kFirmware};

}  // namespace

const snp::MeasuredFirmware& SnpSpace::firmware_of(const Candidate& candidate) const {
    return firmwares_[axes_.firmware.at(candidate.choice(LaunchAxes::kFirmware))];
}

SnpSpace::Sections SnpSpace::sections_of(const Candidate& candidate) const {
    const auto& firmware = firmware_of(candidate);
    const auto& profile = axes_.profile_of(candidate);
    auto sections = firmware.layout.sections;
    put_in_order(sections, axes_.sections.at(candidate.choice(LaunchAxes::kSections)));
    if (profile.cpuid_pages_last) put_in_order(sections, SectionOrder::kCpuidLast);
    const auto hashes = std::ranges::find(sections, SevSectionType::kKernelHashes, &ovmf::SevSection::type);
    snp::LaunchDigest digest(firmware.after_firmware);
    snp::add_sections(digest, {sections.begin(), hashes}, std::nullopt, profile);
    return {digest.value(), {hashes, sections.end()}};
}

std::optional<Sha384> SnpSpace::memory_of(const Candidate& candidate, const Sections& sections) const {
    const auto& layout = firmware_of(candidate).layout;
    const auto kernel = axes_.kernel_of(candidate);
    const auto& table = layout.kernel_hash_table;
    if (kernel && (!table || layout.kernel_hash_section() == nullptr)) return std::nullopt;
    std::optional<std::array<std::uint8_t, snp::kPageSize>> page;
    if (kernel && table && !sections.rest.empty()) page = snp::hash_page(*kernel, table->gpa);
    snp::LaunchDigest digest(sections.before);
    snp::add_sections(digest, sections.rest, page ? std::optional<snp::PageSpan>(*page) : std::nullopt,
                      axes_.profile_of(candidate));
    return digest.value();
}

CpuPages SnpSpace::pages_of(const Candidate& candidate) const {
    return explain::pages_of(axes_.states_of(candidate, firmware_of(candidate).layout.application_cpu_reset));
}

Sha384 SnpSpace::value() const {
    const Candidate request;
    snp::LaunchDigest digest(memory_of(request, sections_of(request)).value_or(Sha384{}));
    const auto states = axes_.states_of(request, firmware_of(request).layout.application_cpu_reset);
    snp::add_cpus(digest, axes_.profile_of(request), states, axes_.vcpus.at(0));
    return digest.value();
}

std::vector<Hit> SnpSpace::measure(std::span<const Candidate> candidates) const {
    const Groups section_groups(candidates, kSections);
    const Groups memory_groups(candidates, kMemory);
    const Groups cpu_groups(candidates, kCpus);
    const auto sections = section_groups.each<Sections>([&](std::size_t i) { return sections_of(candidates[i]); });
    const auto memory = memory_groups.each<std::optional<Sha384>>(
        [&](std::size_t i) { return memory_of(candidates[i], sections[section_groups.group_of(i)]); });
    const auto pages = cpu_groups.each<CpuPages>([&](std::size_t i) { return pages_of(candidates[i]); });
    std::vector<std::vector<std::size_t>> found(candidates.size());
    parallel_blocks(candidates.size(), [&](std::size_t i) {
        if (const auto& value = memory[memory_groups.group_of(i)])
            found[i] = counts_that_give(expected_, axes_, candidates[i], *value, pages[cpu_groups.group_of(i)]);
    });
    return hits_of(found);
}

}  // namespace hallmark::explain
