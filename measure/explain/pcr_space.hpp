// SPDX-License-Identifier: Apache-2.0
// The neighbourhood of a boot on a machine with a TPM, for one of its PCRs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "common/result.hpp"
#include "measure/explain/dimension.hpp"
#include "measure/explain/search.hpp"
#include "measure/tpm/firmware_events.hpp"
#include "measure/tpm/predict.hpp"

namespace hallmark::explain {

/// Whether a prediction has what was seen.
using PcrFits = std::function<bool(const tpm::Prediction&)>;

/// What both kinds of boot have: a prediction for each candidate.
class PcrSpace : public Space {
public:
    [[nodiscard]] const std::vector<Dimension>& dimensions() const override { return dimensions_; }
    [[nodiscard]] std::vector<Hit> measure(std::span<const Candidate> candidates) const override;
    [[nodiscard]] virtual Result<tpm::Prediction> predict(const Candidate& candidate) const = 0;

protected:
    explicit PcrSpace(PcrFits fits) : fits_(std::move(fits)) {}

    std::vector<Dimension> dimensions_;

private:
    PcrFits fits_;
};

/// How things were typed.
struct KernelBootTexts {
    std::optional<std::string> initrd;
    std::optional<std::string> append;
    std::optional<std::string> edk2;
};

/// A kernel that is booted directly.
class KernelPcrSpace : public PcrSpace {
public:
    /// `boot` has the request's own release; the kernel outlives this.
    KernelPcrSpace(const tpm::KernelBoot& boot, const tpm::LoadedKernel& kernel, const KernelBootTexts& texts,
                   std::uint32_t pcr, PcrFits fits);
    [[nodiscard]] Result<tpm::Prediction> predict(const Candidate& candidate) const override;

private:
    enum Index : std::size_t { kSecureBoot, kEdk2, kInitrd, kAppend };

    tpm::KernelBoot boot_;
    const tpm::LoadedKernel& kernel_;
    Axis<tpm::SecureBoot> secure_boot_;
    Axis<std::optional<std::string>> edk2_;
    Axis<bool> initrd_;
    Axis<std::string> append_;
};

/// A unified kernel image.
class UkiPcrSpace : public PcrSpace {
public:
    UkiPcrSpace(const tpm::UkiBoot& boot, const std::optional<std::string>& phases, std::uint32_t pcr, PcrFits fits);
    [[nodiscard]] Result<tpm::Prediction> predict(const Candidate& candidate) const override;

private:
    enum Index : std::size_t { kSecureBoot, kPhases, kProfile };

    tpm::UkiBoot boot_;
    Axis<tpm::SecureBoot> secure_boot_;
    Axis<std::vector<std::string>> phases_;
    Axis<std::size_t> profile_;
};

}  // namespace hallmark::explain
