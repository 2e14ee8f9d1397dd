// SPDX-License-Identifier: Apache-2.0
// A unified kernel image as systemd-stub reads and measures itself: which sections, in which order, with which bytes.
// Source: UAPI Group specifications, "Unified Kernel Image" (section "PE Sections", "Multi-Profile UKIs"); systemd 257,
// src/fundamental/uki.c (order), src/boot/measure.c and stub.c (what is measured), src/boot/util.c (command line).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/bytes.hpp"
#include "common/result.hpp"
#include "measure/pe/pe_file.hpp"

namespace hallmark::uki {

/// Whether a PE image carries a kernel.
[[nodiscard]] bool is_uki(const pe::PeFile& file);

/// How many profiles it has: 1 where it names none.
[[nodiscard]] std::size_t profile_count(const pe::PeFile& file);

/// A section that the stub extends into PCR 11: first its name with a NUL, then its content.
struct MeasuredSection {
    std::string name;
    ByteSpan content;  ///< as it is loaded: without what fills it up in the file
};

/// What the stub measures when it starts a profile, in its order. Sections of the profile stand in place of those of
/// the same name before the first profile; an image without profiles has only profile 0.
/// Sections of which it takes one by the machine that it runs on (.dtbauto, .efifw) are not among them.
Result<std::vector<MeasuredSection>> measured_sections(const pe::PeFile& file, std::size_t profile,
                                                       const std::string& what);

/// Names of sections that may be measured on some machines only.
[[nodiscard]] std::vector<std::string> machine_dependent_sections(const pe::PeFile& file);

/// One of the measured sections.
[[nodiscard]] const MeasuredSection* find(const std::vector<MeasuredSection>& sections, std::string_view name);

/// What the stub makes of a command line before it hands it to the kernel: without white space around it, and with a
/// space for every control character.
[[nodiscard]] std::string handed_over_command_line(std::string_view text);

/// What the stub says of itself ("systemd-stub 257.9"); nothing where it doesn't.
[[nodiscard]] std::optional<std::string> stub_version(const pe::PeFile& file);

}  // namespace hallmark::uki
