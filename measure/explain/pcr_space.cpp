// SPDX-License-Identifier: Apache-2.0
#include "measure/explain/pcr_space.hpp"

#include <utility>

#include "measure/explain/command_line.hpp"
#include "measure/explain/edk2_axis.hpp"
#include "measure/explain/groups.hpp"
#include "measure/parallel.hpp"

namespace hallmark::explain {
namespace {

// TCG PC Client Platform Firmware Profile 1.06, section 3.3.4; of PCR 9, 11 and 12 see measure/tpm/predict.hpp.
constexpr std::uint32_t kSecureBootPcr = 7;
constexpr std::uint32_t kStubPcr = 9;
constexpr std::uint32_t kUkiPcr = 11;
constexpr std::uint32_t kUkiConfigurationPcr = 12;
/// More than any image has.
constexpr std::size_t kMostProfiles = 8;

Axis<tpm::SecureBoot> secure_boot_axis(tpm::SecureBoot given) {
    const bool absent = given == tpm::SecureBoot::kAbsent;
    Axis<tpm::SecureBoot> axis("--secure-boot", absent ? "absent" : "off", given);
    axis.add({absent ? "off" : "absent", ""}, absent ? tpm::SecureBoot::kOff : tpm::SecureBoot::kAbsent);
    return axis;
}

Axis<bool> initrd_axis(const KernelBootTexts& texts) {
    Axis<bool> axis("--initrd", texts.initrd, texts.initrd.has_value());
    if (texts.initrd) axis.add({std::nullopt, ""}, false);
    return axis;
}

Axis<std::string> append_axis(const KernelBootTexts& texts) {
    const auto line = texts.append.value_or("");
    Axis<std::string> axis("--append", texts.append, line);
    for (const auto& slip : slipped(line)) axis.add({slip, slip.empty() ? "or none" : ""}, slip);
    return axis;
}

/// No phase, then one more after the other.
Axis<std::vector<std::string>> phases_axis(const std::vector<std::string>& given,
                                           const std::optional<std::string>& typed) {
    Axis<std::vector<std::string>> axis("--phases", typed, given);
    std::vector<std::string> path;
    std::string text;
    if (!axis.has(path)) axis.add({std::nullopt, ""}, path);
    for (const auto& phase : tpm::default_phases()) {
        path.push_back(phase);
        text += (text.empty() ? "" : ":") + phase;
        if (!axis.has(path)) axis.add({text, ""}, path);
    }
    return axis;
}

Axis<std::size_t> profile_axis(std::size_t given) {
    Axis<std::size_t> axis("--profile", std::to_string(given), given);
    for (std::size_t profile = 0; profile < kMostProfiles; ++profile)
        if (!axis.has(profile)) axis.add({std::to_string(profile), ""}, profile);
    return axis;
}

}  // namespace

std::vector<Hit> PcrSpace::measure(std::span<const Candidate> candidates) const {
    std::vector<std::vector<std::size_t>> found(candidates.size());
    parallel_for(candidates.size(), [&](std::size_t i) {
        const auto prediction = predict(candidates[i]);
        if (prediction && fits_(*prediction)) found[i] = {0};
    });
    return hits_of(found);
}

KernelPcrSpace::KernelPcrSpace(const tpm::KernelBoot& boot, const tpm::LoadedKernel& kernel,
                               const KernelBootTexts& texts, std::uint32_t pcr, PcrFits fits)
    : PcrSpace(std::move(fits)),
      boot_(boot),
      kernel_(kernel),
      secure_boot_(secure_boot_axis(boot.firmware.secure_boot)),
      edk2_(edk2_axis(texts.edk2)),
      initrd_(initrd_axis(texts)),
      append_(append_axis(texts)) {
    const bool stub = pcr == kStubPcr;
    dimensions_ = {if_it_matters(pcr == kSecureBootPcr, secure_boot_.dimension()),
                   if_it_matters(stub, edk2_.dimension()), if_it_matters(stub, initrd_.dimension()),
                   if_it_matters(stub, append_.dimension())};
}

Result<tpm::Prediction> KernelPcrSpace::predict(const Candidate& candidate) const {
    auto boot = boot_;
    boot.firmware.secure_boot = secure_boot_.at(candidate.choice(kSecureBoot));
    if (candidate.choice(kEdk2) != 0) {
        HALLMARK_TRY(const tdx::ChosenLayout chosen, tdx::named_layout(edk2_.at(candidate.choice(kEdk2)).value_or("")));
        boot.firmware.layout = chosen.layout;
    }
    if (!initrd_.at(candidate.choice(kInitrd))) boot.initrd.reset();
    boot.command_line = append_.at(candidate.choice(kAppend));
    return tpm::predict_kernel(boot, kernel_);
}

UkiPcrSpace::UkiPcrSpace(const tpm::UkiBoot& boot, const std::optional<std::string>& phases, std::uint32_t pcr,
                         PcrFits fits)
    : PcrSpace(std::move(fits)),
      boot_(boot),
      secure_boot_(secure_boot_axis(boot.firmware.secure_boot)),
      phases_(phases_axis(boot.phases, phases)),
      profile_(profile_axis(boot.profile)) {
    const bool sections = pcr == kUkiPcr || pcr == kUkiConfigurationPcr || pcr == kStubPcr;
    dimensions_ = {if_it_matters(pcr == kSecureBootPcr, secure_boot_.dimension()),
                   if_it_matters(pcr == kUkiPcr, phases_.dimension()), if_it_matters(sections, profile_.dimension())};
}

Result<tpm::Prediction> UkiPcrSpace::predict(const Candidate& candidate) const {
    auto boot = boot_;
    boot.firmware.secure_boot = secure_boot_.at(candidate.choice(kSecureBoot));
    boot.phases = phases_.at(candidate.choice(kPhases));
    boot.profile = profile_.at(candidate.choice(kProfile));
    return tpm::predict_uki(boot);
}

}  // namespace hallmark::explain
