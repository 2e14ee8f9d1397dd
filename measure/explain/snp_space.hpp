// SPDX-License-Identifier: Apache-2.0
// The neighbourhood of an SEV-SNP launch.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "common/digest.hpp"
#include "measure/explain/cpu_pages.hpp"
#include "measure/explain/launch_axes.hpp"
#include "measure/explain/search.hpp"
#include "measure/ovmf/sev_metadata.hpp"
#include "measure/snp/firmware_seed.hpp"

namespace hallmark::explain {

/// Launches are measured in steps, each shared by all candidates that agree in what goes into it: guest memory up to
/// the hashes of the kernel, the rest of it, the states of the CPUs, and the chain over these, which passes every
/// number of CPUs on its way.
class SnpSpace : public Space {
public:
    /// `firmwares`: in the order of the request's names.
    SnpSpace(const LaunchRequest& request, std::vector<snp::MeasuredFirmware> firmwares, const Sha384& expected)
        : axes_(launch_axes(request)), firmwares_(std::move(firmwares)), expected_(expected) {}

    /// The request's own digest. Its firmware can measure its kernel.
    [[nodiscard]] Sha384 value() const;
    [[nodiscard]] const std::vector<Dimension>& dimensions() const override { return axes_.dimensions; }
    [[nodiscard]] std::optional<std::size_t> run() const override { return LaunchAxes::kVcpus; }
    [[nodiscard]] std::vector<Hit> measure(std::span<const Candidate> candidates) const override;

private:
    /// The digest before the section of the kernel's hashes, and that section with all behind it.
    struct Sections {
        Sha384 before{};
        std::vector<ovmf::SevSection> rest;
    };

    [[nodiscard]] const snp::MeasuredFirmware& firmware_of(const Candidate& candidate) const;
    [[nodiscard]] Sections sections_of(const Candidate& candidate) const;
    /// The digest after guest memory; nothing where the firmware can't measure the kernel.
    [[nodiscard]] std::optional<Sha384> memory_of(const Candidate& candidate, const Sections& sections) const;
    [[nodiscard]] CpuPages pages_of(const Candidate& candidate) const;

    LaunchAxes axes_;
    std::vector<snp::MeasuredFirmware> firmwares_;
    Sha384 expected_;
};

}  // namespace hallmark::explain
