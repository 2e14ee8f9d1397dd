// SPDX-License-Identifier: Apache-2.0
// The neighbourhood of an SEV-SNP launch of OVMF and, beside it, an SVSM.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "common/bytes.hpp"
#include "common/digest.hpp"
#include "common/result.hpp"
#include "measure/explain/cpu_pages.hpp"
#include "measure/explain/launch_axes.hpp"
#include "measure/explain/search.hpp"
#include "measure/ovmf/sev_firmware.hpp"
#include "measure/ovmf/svsm_firmware.hpp"

namespace hallmark::explain {

/// A firmware as far as it matters to a launch with an SVSM.
struct BesideSvsm {
    std::uint64_t size = 0;  ///< in bytes
    Sha384 after_firmware{};
    std::optional<ovmf::SevFirmware> layout;  ///< for the launch without the SVSM; nothing where it can't be
};
/// `image`: whole pages.
BesideSvsm measure_beside_svsm(ByteSpan image, const std::string& what, ovmf::UnknownSections unknown);

/// An SVSM at any place.
struct MeasuredSvsm {
    ovmf::SvsmFirmware at;      ///< as if it ended at 4 GiB
    std::vector<Sha384> pages;  ///< the digest of each
};
Result<MeasuredSvsm> measure_svsm(ByteSpan image, const std::string& what, ovmf::UnknownSections unknown);

class SvsmSpace : public Space {
public:
    /// `firmwares` and `svsms`: in the order of the request's names.
    SvsmSpace(const LaunchRequest& request, std::vector<BesideSvsm> firmwares, std::vector<MeasuredSvsm> svsms,
              const Sha384& expected)
        : axes_(launch_axes(request)),
          firmwares_(std::move(firmwares)),
          svsms_(std::move(svsms)),
          expected_(expected) {}

    /// The request's own digest.
    [[nodiscard]] Sha384 value() const;
    [[nodiscard]] const std::vector<Dimension>& dimensions() const override { return axes_.dimensions; }
    [[nodiscard]] std::optional<std::size_t> run() const override { return LaunchAxes::kVcpus; }
    [[nodiscard]] std::vector<Hit> measure(std::span<const Candidate> candidates) const override;

private:
    [[nodiscard]] const BesideSvsm& firmware_of(const Candidate& candidate) const;
    /// Where it lies in the candidate; nothing where none is started.
    [[nodiscard]] std::optional<ovmf::SvsmFirmware> svsm_of(const Candidate& candidate) const;
    /// The digest after guest memory; nothing where the firmware can't be started so.
    [[nodiscard]] std::optional<Sha384> memory_of(const Candidate& candidate) const;
    [[nodiscard]] snp::CpuStates states_of(const Candidate& candidate) const;

    LaunchAxes axes_;
    std::vector<BesideSvsm> firmwares_;
    std::vector<MeasuredSvsm> svsms_;
    Sha384 expected_;
};

}  // namespace hallmark::explain
