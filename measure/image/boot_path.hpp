// SPDX-License-Identifier: Apache-2.0
// boot_paths of manifest.json: how the guest may be started, and which measurement covers which part of it.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "common/json.hpp"
#include "common/result.hpp"

namespace hallmark {

/// What a processor or a vTPM measures, each a key of `covered_by`. UEFI 2.10, section 38.4.1, has which PCR is which
/// RTMR.
constexpr std::array<std::string_view, 8> kMeasurements = {
    "snp_launch_digest", "tdx_mrtd", "tdx_rtmr1", "tdx_rtmr2", "vtpm_pcr4", "vtpm_pcr9", "vtpm_pcr11", "vtpm_pcr12"};

/// The keys of `artefacts`.
constexpr std::array<std::string_view, 6> kArtefacts = {"kernel", "firmware_amdsev", "firmware_generic", "disk",
                                                        "uki",    "uki_disk"};

/// Parts of a boot path that are no artefact: the command line that the kernel gets, and what the host can add to that
/// of the UKI.
constexpr std::string_view kCommandLinePart = "command_line";
constexpr std::string_view kAdditionsPart = "command_line_additions";

struct BootPath {
    std::string name;
    std::vector<std::string> artefacts;      ///< each one of kArtefacts
    std::vector<std::string> command_lines;  ///< names of those that it can be started with
    /// In the order of kMeasurements; each of an artefact of this path, kCommandLinePart and kAdditionsPart. An empty
    /// list: this measurement says nothing about what boots.
    std::array<std::vector<std::string>, kMeasurements.size()> covered_by;
    std::string describes;
};

/// All boot paths of a manifest, whose command lines have these names.
Result<std::vector<BootPath>> read_boot_paths(const JsonObject& manifest,
                                              const std::vector<std::string>& command_lines);

}  // namespace hallmark
