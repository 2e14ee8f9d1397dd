// SPDX-License-Identifier: Apache-2.0
#include "measure/reference_values/matrix.hpp"

#include <string>

#include "common/file.hpp"
#include "common/hex.hpp"
#include "measure/ovmf/sev_firmware.hpp"
#include "measure/snp/launch.hpp"
#include "measure/snp/matrix.hpp"
#include "measure/snp/vcpu.hpp"

namespace hallmark {
namespace {

constexpr std::uint32_t kMostVcpus = 64;
/// What QEMU sets where it is told nothing else: SNP is active.
constexpr std::uint64_t kGuestFeatures = snp::kFeatureSnpActive;
/// Kata's default (snp_guest_policy): ABI 0.0 or newer, SMT allowed, the bit that must be one.
constexpr std::uint64_t kPolicy = 0x30000;

/// Every CPU type that QEMU names, listed by name though some share a signature.
snp::MatrixAxes all_launches() {
    snp::MatrixAxes axes;
    for (const auto& type : snp::vcpu_types()) axes.cpus.push_back({std::string(type.name), type.model.signature()});
    axes.features = {kGuestFeatures};
    for (std::uint32_t vcpus = 1; vcpus <= kMostVcpus; ++vcpus) axes.vcpus.push_back(vcpus);
    return axes;
}

/// The firmware that was checked, and no other that took its place since.
Result<Bytes> read_checked(const std::filesystem::path& path, const Artefact& artefact) {
    HALLMARK_TRY(Bytes bytes, read_file(path, ovmf::kLargestFirmware));
    if (sha256(bytes) != artefact.sha256) return refused(path.string() + ": changed while it was read; try again");
    return bytes;
}

Result<SnpReferenceValues> measure_snp(const std::filesystem::path& folder, const Manifest& manifest) {
    const auto path = folder / manifest.firmware_amdsev.file;
    HALLMARK_TRY(const Bytes image, read_checked(path, manifest.firmware_amdsev));
    HALLMARK_TRY(const ovmf::SevFirmware firmware, ovmf::parse_sev_firmware(image, path.string()));
    SnpReferenceValues values;
    values.firmware = manifest.firmware_amdsev;
    values.kernel = manifest.kernel;
    values.initrd = snp::hash_no_initrd();
    values.policy = kPolicy;
    snp::LaunchDigest prefix;
    add_firmware(prefix, image);
    const auto axes = all_launches();
    const auto& profile = snp::kQemu;
    for (const auto& line : manifest.command_lines) {
        const auto hash = snp::hash_command_line(line.text);
        values.command_lines.push_back({line.name, line.text, hash});
        const snp::KernelHashes hashes{manifest.kernel.sha256, values.initrd, hash};
        HALLMARK_TRY(const Sha384 memory, predict_sections(prefix.value(), firmware, hashes, path.string()));
        for (const auto& row : compute_matrix(memory, firmware, profile, axes))
            values.launches.push_back({line.name, std::string(profile.name), row.cpu->name, row.cpu->signature,
                                       row.features, row.vcpus, row.digest});
    }
    return values;
}

}  // namespace

Result<ReferenceValues> measure_image(const std::filesystem::path& folder, const Manifest& manifest) {
    HALLMARK_CHECK(verify_artefacts(folder, manifest));
    ReferenceValues values{manifest.name, manifest.version, manifest.locked, manifest.sha256, {}};
    HALLMARK_TRY(values.snp, measure_snp(folder, manifest));
    return values;
}

}  // namespace hallmark
