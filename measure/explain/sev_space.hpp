// SPDX-License-Identifier: Apache-2.0
// The neighbourhood of a launch with SEV or SEV-ES.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "common/bytes.hpp"
#include "common/digest.hpp"
#include "measure/explain/launch_axes.hpp"
#include "measure/explain/search.hpp"
#include "measure/ovmf/sev_firmware.hpp"
#include "measure/sev/launch.hpp"

namespace hallmark::explain {

/// One hash goes over firmware, kernel hashes and CPU states: candidates share it as far as they agree.
class SevSpace : public Space {
public:
    struct Firmware {
        Bytes image;
        ovmf::SevTables tables;
    };

    /// `firmwares`: in the order of the request's names. The first has the tables that the request needs.
    SevSpace(const LaunchRequest& request, std::vector<Firmware> firmwares, const Sha256& expected);

    /// The request's own digest.
    [[nodiscard]] Sha256 value() const;
    [[nodiscard]] const std::vector<Dimension>& dimensions() const override { return axes_.dimensions; }
    [[nodiscard]] std::optional<std::size_t> run() const override { return LaunchAxes::kVcpus; }
    [[nodiscard]] std::vector<Hit> measure(std::span<const Candidate> candidates) const override;

private:
    [[nodiscard]] std::size_t firmware_of(const Candidate& candidate) const;
    /// The hash up to the CPUs; nothing where the firmware has no place for the kernel's hashes.
    [[nodiscard]] std::optional<sev::LaunchDigest> memory_of(const Candidate& candidate) const;
    [[nodiscard]] std::vector<std::size_t> matches(const Candidate& candidate, const sev::LaunchDigest& memory) const;

    LaunchAxes axes_;
    std::vector<ovmf::SevTables> tables_;
    std::vector<sev::LaunchDigest> after_firmware_;
    Sha256 expected_;
};

}  // namespace hallmark::explain
