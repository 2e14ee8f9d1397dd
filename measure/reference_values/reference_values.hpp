// SPDX-License-Identifier: Apache-2.0
// reference-values.json: every launch of a guest image that its owner may accept, with all that went into it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "common/bytes.hpp"
#include "common/digest.hpp"
#include "common/result.hpp"
#include "measure/image/manifest.hpp"

namespace hallmark {

/// One SEV-SNP launch and its digest.
struct SnpLaunch {
    std::string command_line;  ///< name of a MeasuredCommandLine
    std::string vmm_type;
    std::string vcpu_type;
    std::uint32_t vcpu_signature = 0;
    std::uint64_t guest_features = 0;
    std::uint32_t vcpus = 0;
    Sha384 launch_digest{};
};

struct MeasuredCommandLine {
    std::string name;
    std::string text;
    Sha256 sha256{};  ///< of the text and one NUL, as it stands in the kernel hash table
};

/// What is the same for all launches, and the launches.
struct SnpReferenceValues {
    Artefact firmware;
    Artefact kernel;
    Sha256 initrd{};  ///< SHA-256 of nothing: the image boots without one
    std::vector<MeasuredCommandLine> command_lines;
    std::uint64_t policy = 0;  ///< guest policy to launch with; not measured, but in every report
    std::vector<SnpLaunch> launches;

    /// All launches with this digest; none where the image has no such launch.
    [[nodiscard]] std::vector<const SnpLaunch*> find(const Sha384& launch_digest) const;
    /// The launch of a command line on so many CPUs of a type; nullptr where there is none.
    [[nodiscard]] const SnpLaunch* find(std::string_view command_line, std::string_view vcpu_type,
                                        std::uint32_t vcpus) const;
};

struct ReferenceValues {
    std::string name;
    std::string version;
    bool locked = false;
    Sha256 manifest{};  ///< of the bytes of manifest.json
    SnpReferenceValues snp;
};

constexpr std::string_view kReferenceValuesFile = "reference-values.json";

/// The document, schema hallmark/reference-values/v1.
std::string to_document(const ReferenceValues& values);

/// Reads a document: no key may be missing or unknown, no launch may stand twice. `what` names it in errors.
Result<ReferenceValues> parse_reference_values(ByteSpan text, const std::string& what);

/// Reads DIR/reference-values.json.
Result<ReferenceValues> read_reference_values(const std::filesystem::path& folder);

}  // namespace hallmark
