// SPDX-License-Identifier: Apache-2.0
#include "measure/explain/svsm_space.hpp"

#include <array>

#include "measure/explain/groups.hpp"
#include "measure/ovmf/layout.hpp"
#include "measure/snp/launch_digest.hpp"
#include "measure/snp/svsm_launch.hpp"
#include "measure/snp/vmsa_fields.hpp"

namespace hallmark::explain {
namespace {

constexpr std::array<std::size_t, 4> kMemory = {LaunchAxes::kSections, LaunchAxes::kFirmware, LaunchAxes::kSvsm,
                                                LaunchAxes::kVariables};
constexpr std::array<std::size_t, 7> kCpus = {LaunchAxes::kCpu,      LaunchAxes::kSignature, LaunchAxes::kFeatures,
                                              LaunchAxes::kState,    LaunchAxes::kFirmware,  LaunchAxes::kSvsm,
                                              LaunchAxes::kVariables};

}  // namespace

BesideSvsm measure_beside_svsm(ByteSpan image, const std::string& what, ovmf::UnknownSections unknown) {
    snp::LaunchDigest digest;
    snp::add_firmware(digest, image);
    BesideSvsm firmware{image.size(), digest.value(), std::nullopt};
    if (auto layout = ovmf::parse_sev_firmware(image, what, unknown)) firmware.layout = *std::move(layout);
    return firmware;
}

Result<MeasuredSvsm> measure_svsm(ByteSpan image, const std::string& what, ovmf::UnknownSections unknown) {
    MeasuredSvsm svsm;
    HALLMARK_TRY(svsm.at, ovmf::parse_svsm_firmware(image, ovmf::kFourGiB, what, unknown));
    for (std::size_t at = 0; at < image.size(); at += snp::kPageSize)
        svsm.pages.push_back(sha384(image.subspan(at, snp::kPageSize)));
    return svsm;
}

const BesideSvsm& SvsmSpace::firmware_of(const Candidate& candidate) const {
    return firmwares_[axes_.firmware.at(candidate.choice(LaunchAxes::kFirmware))];
}

std::optional<ovmf::SvsmFirmware> SvsmSpace::svsm_of(const Candidate& candidate) const {
    const auto which = axes_.svsm.at(candidate.choice(LaunchAxes::kSvsm));
    if (!which) return std::nullopt;
    auto svsm = svsms_[*which].at;
    const auto below = firmware_of(candidate).size + axes_.variables.at(candidate.choice(LaunchAxes::kVariables));
    svsm.gpa -= below;
    svsm.start -= static_cast<std::uint32_t>(below);
    put_in_order(svsm.sections, axes_.sections.at(candidate.choice(LaunchAxes::kSections)));
    return svsm;
}

std::optional<Sha384> SvsmSpace::memory_of(const Candidate& candidate) const {
    const auto& firmware = firmware_of(candidate);
    snp::LaunchDigest digest(firmware.after_firmware);
    if (const auto svsm = svsm_of(candidate)) {
        auto gpa = svsm->gpa;
        for (const auto& page : svsms_[*axes_.svsm.at(candidate.choice(LaunchAxes::kSvsm))].pages) {
            digest.normal_page(gpa, page);
            gpa += snp::kPageSize;
        }
        snp::add_sections(digest, svsm->sections, std::nullopt);
        return digest.value();
    }
    if (!firmware.layout) return std::nullopt;
    auto sections = firmware.layout->sections;
    put_in_order(sections, axes_.sections.at(candidate.choice(LaunchAxes::kSections)));
    snp::add_sections(digest, sections, std::nullopt);
    return digest.value();
}

snp::CpuStates SvsmSpace::states_of(const Candidate& candidate) const {
    const auto svsm = svsm_of(candidate);
    const auto& layout = firmware_of(candidate).layout;
    if (!svsm) return axes_.states_of(candidate, layout ? layout->application_cpu_reset : 0);
    auto states = snp::svsm_states(*svsm, axes_.signature_of(candidate),
                                   axes_.features.at(candidate.choice(LaunchAxes::kFeatures)));
    snp::apply_overrides(axes_.state.at(candidate.choice(LaunchAxes::kState)), states);
    return states;
}

Sha384 SvsmSpace::value() const {
    const Candidate request;
    snp::LaunchDigest digest(memory_of(request).value_or(Sha384{}));
    snp::add_cpus(digest, snp::kQemu, states_of(request), axes_.vcpus.at(0));
    return digest.value();
}

std::vector<Hit> SvsmSpace::measure(std::span<const Candidate> candidates) const {
    const Groups memory_groups(candidates, kMemory);
    const Groups cpu_groups(candidates, kCpus);
    const auto memory =
        memory_groups.each<std::optional<Sha384>>([&](std::size_t i) { return memory_of(candidates[i]); });
    const auto pages = cpu_groups.each<CpuPages>([&](std::size_t i) { return pages_of(states_of(candidates[i])); });
    std::vector<std::vector<std::size_t>> found(candidates.size());
    parallel_blocks(candidates.size(), [&](std::size_t i) {
        if (const auto& value = memory[memory_groups.group_of(i)])
            found[i] = counts_that_give(expected_, axes_, candidates[i], *value, pages[cpu_groups.group_of(i)]);
    });
    return hits_of(found);
}

}  // namespace hallmark::explain
